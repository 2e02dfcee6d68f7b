"""Order-book depth: frozen levels, crossing among fresh ones, and the figures measured from the real file."""

from datetime import UTC, datetime

import numpy as np
import pytest

from adlabm.data.book_depth import CARRIED_ASK, CARRIED_BID, CROSSED, read_book_depth
from adlabm.errors import BadInput

HEADER = "timestamp,percentage,depth,notional"


def text(snapshots: list[dict[int, tuple[float, float]]]) -> str:
    rows = [
        f"2025-10-10 00:{n // 2:02d}:{30 * (n % 2):02d},{level},{depth},{notional}"
        for n, snapshot in enumerate(snapshots)
        for level, (depth, notional) in sorted(snapshot.items())
    ]
    return "\n".join([HEADER, *rows])


def read(folder, snapshots, change=lambda content: content, **options):
    path = folder / "depth.csv"
    path.write_text(change(text(snapshots)))
    return read_book_depth(path, **options)


def book(n: int, bid: float = 0.0, width: int = 2) -> dict[int, tuple[float, float]]:
    """Depth grows with the snapshot; `bid` freezes the -1 % level at that notional."""
    levels = {side * k: ((10.0 + n) * k, (10.0 + n) * k * (100 + side * k / 2)) for k in range(1, width + 1) for side in (-1, 1)}
    return levels | ({-1: (bid / 99, bid)} if bid else {})


def test_the_narrowest_fresh_level_counts(tmp_path):
    snapshots = [book(0), book(1), book(2, 500), book(3, 500), book(4, 500), book(5)]
    depth = read(tmp_path, snapshots, phi=0.5)
    assert depth.stale[:, 1].tolist() == [False, False, True, True, True, False]  # levels are -2, -1, 1, 2
    assert depth.d1_bid == pytest.approx([10, 11, *(2 * k / 2**0.5 for k in (12, 13, 14)), 15])
    assert depth.d1_ask == pytest.approx(10 + np.arange(6))
    assert depth.d1_ask_quote == pytest.approx((10 + np.arange(6)) * 100.5)
    assert not depth.flags.any()
    assert depth.quality.counts == {"snapshots": 6, "stale": 3, "crossed_snapshots": 0, "crossed": 0, "carried": 0}


def test_two_equal_snapshots_are_not_stale(tmp_path):
    assert not read(tmp_path, [book(0), book(1), book(1), book(2)]).stale.any()


def test_nothing_fresh_is_carried_and_flagged(tmp_path):
    frozen = {level: value for level, value in book(7).items() if level < 0}
    depth = read(tmp_path, [book(1) | frozen for _ in range(3)] + [book(3), *(book(n) | frozen for n in range(4, 8))])
    assert depth.flags.tolist() == [CARRIED_BID | CARRIED_ASK] * 3 + [0] + [CARRIED_BID] * 4
    assert (depth.d1_bid == 13).all()  # before the first fresh value, that one
    assert depth.quality.counts["carried"] == 7


def test_crossing_is_judged_on_fresh_levels(tmp_path):
    high = {-1: (10.0, 1200.0)}
    once = read(tmp_path, [book(0), book(1) | high, book(2)])
    assert once.flags.tolist() == [0, CROSSED, 0]
    assert once.quality.counts["crossed_snapshots"] == 1
    assert once.quality.counts["crossed"] == 3  # the bid and both asks below it
    frozen = read(tmp_path, [book(n) | high for n in range(4)])
    assert frozen.quality.counts["crossed_snapshots"] == 0
    assert frozen.quality.counts["stale"] == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("00:00:30,-1", "00:00:30,0", "percentage: '0' must be a distance"),
        ("00:00:30,-1", "00:00:30,-2", "must stand once in a snapshot"),
        ("00:00:30,-1", "00:00:30,", "column percentage: ''"),
        ("2025-10-10 00:00:30,-2", "2025-10-09 00:00:30,-2", "line 6, column timestamp: .* not be earlier"),
        ("2025-10-10 00:00:30,-2", "yesterday,-2", "line 6, column timestamp: 'yesterday' must be a time in UTC"),
        ("11.0,1094.5", "0,1094.5", "column depth: '0' must be above zero"),
        ("11.0,1094.5", "11.0,nan", "column notional: 'nan'"),
        ("11.0,1094.5", "11.0", "line 7: the row ends at column 3"),
        ("notional", "notionel", "'notional' is missing .did you mean 'notionel'"),
    ],
)
def test_one_sentence_for_each_defect(tmp_path, old, new, said):
    assert old in text([book(0), book(1)])
    with pytest.raises(BadInput, match=said):
        read(tmp_path, [book(0), book(1)], lambda content: content.replace(old, new, 1))


def test_a_side_that_is_never_fresh_and_a_bad_exponent(tmp_path):
    with pytest.raises(BadInput, match="the bid side has no fresh level"):
        read(tmp_path, [{1: (n, 100.0 * n)} for n in (1, 2, 3)])
    with pytest.raises(BadInput, match="phi = 0"):
        read(tmp_path, [book(0)], phi=0)


def test_variants_are_equal(tmp_path):
    snapshots = [book(n) for n in range(4)]
    plain = read(tmp_path, snapshots)
    changes = (
        lambda content: content.replace(HEADER + "\n", ""),
        lambda content: content.replace("\n2025", "\n 2025"),
        lambda content: content.replace("\n", "\r\n"),
        lambda content: content.replace(",-1,", ",-1.00,"),
        lambda content: "\n".join(f"{line},{'x' if n == 0 else 1}" for n, line in enumerate(content.split("\n"))),
    )
    for change in changes:
        other = read(tmp_path, snapshots, change)
        assert (other.d1_bid == plain.d1_bid).all()
        assert (other.times_ms == plain.times_ms).all()


@pytest.fixture(scope="module")
def real(data):
    return read_book_depth(data / "oct10/BTCUSDT-bookDepth-2025-10-10.csv")


def at(hour: int, minute: int = 0) -> float:
    return datetime(2025, 10, 10, hour, minute, tzinfo=UTC).timestamp() * 1000


def test_the_real_counts(real):
    assert real.quality.rows == 28_790
    assert real.quality.counts == {"snapshots": 2879, "stale": 1759, "crossed_snapshots": 129, "crossed": 645, "carried": 15}
    assert not real.stale[:, real.levels > 0].any()
    assert (np.diff(real.times_ms) > 0).all()


def test_the_real_depth_before_the_crash(real):
    median = dict(zip(real.levels, np.median(real.notional[real.times_ms < at(15)], axis=0) / 1e6, strict=True))
    for level, millions in ((-1, 306), (1, 241), (-5, 1200), (5, 723)):
        assert median[level] == pytest.approx(millions, rel=0.01)
    assert np.log(median[5] / median[1]) / np.log(5) == pytest.approx(0.68, abs=0.005)
    assert np.log(median[-5] / median[-2]) / np.log(2.5) == pytest.approx(0.59, abs=0.005)
    before = real.times_ms < at(15)
    assert np.median(real.d1_bid_quote[before]) == pytest.approx(306e6, rel=0.01)
    assert np.median(real.d1_ask_quote[before]) == pytest.approx(241e6, rel=0.01)


def test_the_real_depth_in_the_crash(real):
    crash = (real.times_ms >= at(21, 10)) & (real.times_ms < at(21, 25))
    median = dict(zip(real.levels, np.median(real.notional[crash], axis=0) / 1e6, strict=True))
    assert median[-5] == pytest.approx(59, rel=0.01)
    assert median[5] == pytest.approx(283, rel=0.01)
    assert real.notional[crash][:, real.levels == 5].min() == pytest.approx(107e6, rel=0.01)
    raw = (real.notional / real.depth)[:, [4, 5]]
    crossed, hours = raw[:, 0] > raw[:, 1], (real.times_ms >= at(15, 30)) & (real.times_ms < at(21))
    assert crossed[hours].mean() == pytest.approx(0.92, abs=0.005)
    assert crossed[real.times_ms >= at(21)].all()
