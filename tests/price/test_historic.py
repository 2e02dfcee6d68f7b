"""Klines as an index: bars onto ticks, longer or shorter, and the real day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.price.index.historic import Historic
from adlabm.scenario import Scenario
from adlabm.streams import RunKey
from tests.data import test_book_depth

START = 1_760_054_400_000
BARS = [(100, 104, 98, 102), (102, 103, 97, 99), (99, 101, 95, 96), (96, 100, 94, 98), (98, 99, 90, 92), (92, 96, 91, 95)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("klines")
    rows = [f"{START + n * 60_000},{o},{h},{low},{c},0" for n, (o, h, low, c) in enumerate(BARS)]
    (path / "k.csv").write_text("\n".join(rows))
    (path / "gap.csv").write_text("\n".join(rows[:2] + rows[4:]))
    (path / "a.csv").write_text("\n".join(rows[:3]))
    (path / "b.csv").write_text("\n".join(rows[3:]))
    return path


def historic(folder, ticks=6, tick_s=60.0, start_ms=START, start_price=50.0, file="k.csv", **params):
    place = {"start_price": start_price, "tick_s": tick_s, "ticks": ticks, "key": RunKey.from_seed(1), "name": "BTC"}
    return Historic({"file": file} | params, **place, start_ms=start_ms, base=folder)


def test_each_column_stands_for_its_bar(folder):
    for n, column in enumerate(("open", "high", "low", "close")):
        process = historic(folder, column=column)
        assert process.levels(0, 6)[:, 0].tolist() == [bar[n] for bar in BARS]
        assert process.start_price == 100
        assert not process.jumps(0, 6).any()


def test_the_shorter_path_through_a_bar(folder):
    out = historic(folder, path="ohlc").levels(0, 6)
    assert out[0].tolist() == [100, 98, 104, 102]  # rises: the low first
    assert out[1].tolist() == [102, 103, 97, 99]


def test_bars_shorter_than_a_tick(folder):
    long = {"tick_s": 180.0, "ticks": 2}
    assert historic(folder, **long).levels(0, 2)[:, 0].tolist() == [96, 95]
    assert historic(folder, **long, column="open").levels(0, 2)[:, 0].tolist() == [100, 96]
    assert historic(folder, **long, path="ohlc").levels(0, 2).tolist() == [[100, 104, 95, 96], [96, 100, 90, 95]]


def test_bars_longer_than_a_tick(folder):
    out = historic(folder, tick_s=15.0, ticks=8).levels(0, 8)[:, 0]
    assert out.tolist() == [100.5, 101, 101.5, 102, 101.25, 100.5, 99.75, 99]
    thirds = historic(folder, tick_s=20.0, ticks=3, path="ohlc").levels(0, 3)
    assert thirds.tolist() == [[100, 98, 98, 98], [98, 104, 104, 104], [104, 102, 102, 102]]
    halves = historic(folder, tick_s=30.0, ticks=2, path="ohlc").levels(0, 2)
    assert halves == pytest.approx(np.array([[100, 98, 101, 101], [101, 104, 102, 102]]))


@given(parts=st.sampled_from([1, 2, 3, 4, 5, 6, 8, 10, 12]), column=st.sampled_from(["close", "ohlc"]))
def test_no_extreme_is_lost_at_any_tick(folder, parts, column):
    process = historic(folder, tick_s=60.0 / parts, ticks=6 * parts, path=column)
    out = process.levels(0, 6 * parts)
    assert out[parts - 1 :: parts, -1].tolist() == [bar[3] for bar in BARS]
    if column == "ohlc":
        assert out.reshape(6, -1).max(axis=1).tolist() == [bar[1] for bar in BARS]
        assert out.reshape(6, -1).min(axis=1).tolist() == [bar[2] for bar in BARS]


def test_history_is_the_file_before_the_start(folder):
    process = historic(folder, ticks=2, start_ms=START + 180_000)
    assert process.start_price == 96
    assert process.levels(0, 2)[:, 0].tolist() == [98, 92]
    assert process.history(5, 60.0).tolist() == [99, 102, 100, 100, 100]
    assert process.history(2, 30.0).tolist() == [97.5, 99]
    assert historic(folder).history(2, 60.0).tolist() == [100, 100]


def test_earlier_files(folder):
    process = historic(folder, ticks=3, start_ms=None, file="b.csv", earlier=("a.csv",))
    assert process.start_price == 96
    assert process.history(2, 60.0).tolist() == [99, 102]
    assert [each.path for each in process.inputs] == ["a.csv", "b.csv"]


def test_missing_bars_are_bridged(folder):
    process = historic(folder, file="gap.csv")
    assert process.levels(0, 6)[:, 0].tolist() == [102, 99, 98.5, 98, 92, 95]
    assert historic(folder, file="gap.csv", path="ohlc").levels(0, 6)[2].tolist() == [99, 99, 98.5, 98.5]
    assert process.inputs[0].counts["gaps"] == 2


def test_rescaling(folder):
    process = historic(folder, rescale=True)
    assert process.start_price == 50
    assert process.levels(0, 6)[:, 0] == pytest.approx([bar[3] / 2 for bar in BARS])
    assert process.history(1, 60.0)[0] == 50


def test_a_start_inside_a_bar(folder):
    process = historic(folder, tick_s=15.0, ticks=2, start_ms=START + 30_000)
    assert process.start_price == 101
    assert process.levels(0, 2)[:, 0].tolist() == [101.5, 102]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ticks": 7}, r"holds prices from 2025-10-10T00:00:00Z to 2025-10-10T00:06:00Z, but .* \(6 of 7 ticks are there\)"),
        ({"start_ms": START - 60_000}, "holds prices from"),
        ({"start_ms": 0}, "holds prices from"),
        ({"start_ms": START + 30_000, "ticks": 2}, "lies inside a bar"),
        ({"tick_s": 50.0, "ticks": 2}, "tick_s = 50 does not fit k.csv, whose bars last 60 s"),
        ({"column": "closed"}, r"index.column is 'closed' \(did you mean 'close'\?\); allowed are open, high, low, close"),
        ({"path": "olhc"}, "index.path is 'olhc'"),
        ({"file": ""}, "index.file is missing"),
        ({"file": "absent.csv"}, "'absent.csv' is not in"),
        ({"earlier": ("k.csv",)}, "do not follow one another"),
    ],
)
def test_one_sentence_for_each_misfit(folder, changed, said):
    with pytest.raises(BadInput, match=said):
        historic(folder, **changed)


def test_the_real_crash(data):
    files = {"file": "oct10/BTCUSD_PERP-1m-2025-10-10.zip", "earlier": ("oct10/BTCUSD_PERP-1m-2025-10-09.zip",)}
    closes = historic(data, ticks=1440, **files)
    out = closes.levels(0, 1440)[:, 0]
    known = {"00:00": 121_689, "14:00": 121_796, "20:50": 116_400, "21:14": 111_762, "21:19": 104_953, "21:20": 104_560, "23:00": 114_021}
    for time, price in known.items():
        hour, minute = map(int, time.split(":"))
        assert out[60 * hour + minute] == pytest.approx(price, abs=0.6)
    assert closes.start_price == 121_662
    assert closes.history(1440, 60.0)[0] == pytest.approx(121_665.6)  # at 23:59 of the day before
    whole = historic(data, ticks=1440, path="ohlc", **files).levels(0, 1440)
    assert whole.min() == pytest.approx(102_497.49, abs=0.01)
    assert (whole[:, -1] == out).all()


def test_a_market_follows_bars_and_a_book(folder):
    """Every way-point of a bar is a round of its tick at least; depth is what the file says, but for what is consumed and refills."""
    snapshots = [test_book_depth.book(n) for n in range(12)]
    (folder / "depth.csv").write_text(test_book_depth.text(snapshots))
    market = Scenario.from_dict(
        {
            "ticks": 6,
            "start": "2025-10-10T00:00:00Z",
            "contracts": [{"name": "BTC", "tick": "0.1", "lot": "0.001", "price": 100}],
            "index": {"file": str(folder / "k.csv"), "path": "ohlc"},
            "depth": {"file": str(folder / "depth.csv"), "absolute": True},
            "traders": [
                {"name": "crowd", "count": 4, "equity": 10.0, "signal": {"rule": "noise"}, "leverage": {"rule": "fixed", "leverage": 2.0}}
            ],
        }
    )
    model = AdlModel(market, rng=1, check=True)
    depths, levels = [], []
    while model.running:
        model.step()
        depths.append(model.state.reals[[col.F_FULL_BID, col.F_FULL_ASK], 0].tolist())
        levels.append(model.state.reals[col.F_BASE, 0] / 10)
    assert levels == pytest.approx([bar[3] for bar in BARS])
    lots = [snapshot[-1][0] / 0.001 for snapshot in snapshots]
    assert depths[0][0] == pytest.approx(lots[0], rel=0.3)
    assert [bid for bid, _ in depths] == sorted(bid for bid, _ in depths)
    assert depths[-1][0] > depths[0][0]
