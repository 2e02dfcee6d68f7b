"""Klines: the real files, every legal variant of one, and one sentence for everything else."""

import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from adlabm.data.klines import COLUMNS, join, read_klines
from adlabm.errors import BadInput

START = 1_760_054_400_000
HEADER = ",".join(COLUMNS)


def row(n: int, price: float = 100.0, volume: float = 0, scale: int = 1) -> str:
    at = (START + n * 60_000) * scale
    return f"{at},{price},{price + 2},{price - 1},{price + 1},{volume},{at + 59_999 * scale},0,60,0,0,0"


def text(rows: int = 5, header: bool = True) -> str:
    return "\n".join([HEADER] * header + [row(n, 100 + n) for n in range(rows)]) + "\n"


def saved(folder: Path, content: str | bytes, name: str = "k.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(folder: Path, *members: tuple[str, str]) -> Path:
    path = folder / "k.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_the_real_day(data):
    for day, low in (("09", 119_675.33), ("10", 102_497.49)):
        klines = read_klines(data / f"oct10/BTCUSD_PERP-1m-2025-10-{day}.zip")
        assert len(klines.close) == klines.quality.rows == 1440
        assert klines.low.min() == pytest.approx(low, abs=0.01)
        assert klines.kind == "mark"
        assert klines.interval_ms == 60_000
        assert klines.quality.counts["gaps"] == 0
    assert klines.close.min() == pytest.approx(104_559.8)
    assert set(klines.count) == {60}


def test_every_five_minute_file(data):
    files = [read_klines(path) for path in sorted((data / "btcusdt_mark_5m").glob("*.zip"))]
    assert all(each.quality.rows == 288 and each.interval_ms == 300_000 for each in files)
    whole = join(files)  # 4 October is missing
    returns = np.diff(np.log(whole.close))[np.diff(whole.open_time_ms) == 300_000]
    assert returns.std() == pytest.approx(0.00156, rel=0.25)  # the data's own note covers 30 days more
    assert min(each.low.min() for each in files[8:10]) == pytest.approx(101_878, abs=1)


def test_legal_variants_are_equal(tmp_path):
    plain = read_klines(saved(tmp_path, text()))
    micro = "\n".join(row(n, 100 + n, scale=1000) for n in range(5))
    variants = {
        "no header": text(header=False),
        "windows": text().replace("\n", "\r\n"),
        "byte order mark": "\ufeff" + text(),
        "blank lines": text().replace("\n", "\n\n"),
        "leading blanks": text().replace(",", ", "),
        "microseconds": micro,
        "few columns": "\n".join(",".join(row(n, 100 + n).split(",")[:6]) for n in range(5)),
    }
    for name, content in variants.items():
        other = read_klines(saved(tmp_path, content))
        for column in ("open_time_ms", "open", "high", "low", "close", "volume"):
            assert (getattr(other, column) == getattr(plain, column)).all(), name
    packed = read_klines(zipped(tmp_path, ("../../etc/k.csv", text())))
    assert (packed.close == plain.close).all()
    assert not (tmp_path.parent.parent / "etc").exists()
    assert packed.quality.sha256 != plain.quality.sha256


def test_a_zip_is_known_by_its_first_bytes(tmp_path):
    """Or by its name: then it is refused when it is none."""
    packed = zipped(tmp_path, ("k.csv", text()))
    assert (read_klines(packed.rename(tmp_path / "k.csv")).close == read_klines(saved(tmp_path, text(), "plain.csv")).close).all()
    with pytest.raises(BadInput, match="zip"):
        read_klines(saved(tmp_path, text(), "named.ZIP"))


def test_trades_gaps_and_sentences(tmp_path):
    content = "\n".join(row(n, volume=n) for n in (0, 1, 2, 5, 6))
    klines = read_klines(saved(tmp_path, content))
    assert klines.kind == "trade"
    assert klines.quality.counts == {"interval_ms": 60_000, "gaps": 2}
    assert klines.quality.lines()[0] == "k.csv: trade price klines, 5 rows (source: Binance public data)."
    assert klines.quality.lines()[2].startswith("2 bars are missing")
    row_of_manifest = klines.quality.as_dict()
    assert row_of_manifest["path"] == "k.csv"
    assert row_of_manifest["gaps"] == 2
    assert row_of_manifest["notices"] == ["Binance public data"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("102,104,101,103", "0,104,101,103", r"line 4, column open: '0' must be a price above zero .*jumps to zero"),
        ("102,104,101,103", "102,104,-1,103", r"line 4, column low: '-1' must be a price above zero"),
        ("102,104,101,103", "102,104,101,", r"line 4, column close: '' must be a finite number"),
        ("102,104,101,103", "102,104,101,nan", r"line 4, column close: 'nan' must be a finite number"),
        ("102,104,101,103", "102,inf,101,103", r"line 4, column high"),
        ("102,104,101,103", "1_02,104,101,103", r"line 4, column open: '1_02'"),
        ("102,104,101,103", "102,100,101,103", r"line 4, column high: '100' must lie between"),
        ("102,104,101,103", "102,104,101,105", r"line 4, column close: '105' must lie between the low 101 and the high 104"),
        ("102,104,101,103,0", "102,104,101,103,-5", r"column volume: '-5' must be zero or more"),
        ("102,104,101,103,0", "102,104", r"line 4: the row ends at column 9 of 12"),
        (str(START + 120_000), str(START + 60_000), r"line 4, column open_time: .* must be later .*1 such rows repeat a time, 0 go back"),
        (str(START + 120_000), str(START), r"line 4, column open_time: .* must be later"),
        (str(START + 120_000), str(START + 90_000), r"line 4, column open_time: .* whole number of bars"),
        (str(START + 120_000), "5", r"line 4, column open_time: '5' must be a time"),
        (str(START + 120_000), "9" * 400, r"line 4, column open_time"),
        (str(START + 120_000), "1.5", r"must be a whole number"),
        ("low", "lo", r"column 'low' is missing \(did you mean 'lo'\?\)"),
        ("high", "low", r"names a column twice"),
    ],
)
def test_one_sentence_for_each_defect(tmp_path, old, new, said):
    content = text().replace(".0", "")
    assert old in content
    with pytest.raises(BadInput, match=said):
        read_klines(saved(tmp_path, content.replace(old, new, 1)))


def test_damaged_files(tmp_path):
    whole = zipped(tmp_path, ("k.csv", text(500))).read_bytes()
    cases = {
        "holds no data rows": saved(tmp_path, "", "empty.csv"),
        "holds no data": saved(tmp_path, HEADER, "header.csv"),
        "at least two": saved(tmp_path, text(1), "one.csv"),
        "is not text": saved(tmp_path, b"\xff\xfe\x00", "binary.csv"),
        "not a whole zip": saved(tmp_path, whole[: len(whole) // 2], "cut.zip"),
        "is not a file": tmp_path,
        "Cannot read": tmp_path / "absent.csv",
        "the row ends at": saved(tmp_path, text()[:-30], "cut.csv"),
        "at most as many may be missing": saved(tmp_path, "\n".join(row(n) for n in (0, 1, 900)), "hole.csv"),
        "holds 2 files": zipped(tmp_path, ("a.csv", text()), ("b.csv", text())),
    }
    for said, path in cases.items():
        with pytest.raises(BadInput, match=said):
            read_klines(path)
    for at in range(40, len(whole), 97):  # a flipped byte is either harmless or one clear error
        with suppress(BadInput):
            read_klines(saved(tmp_path, whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :], "flipped.zip"))


def test_files_are_joined_in_order_only(tmp_path):
    first = read_klines(saved(tmp_path, "\n".join(row(n) for n in range(3)), "a.csv"))
    second = read_klines(saved(tmp_path, "\n".join(row(n) for n in range(3, 6)), "b.csv"))
    traded = read_klines(saved(tmp_path, "\n".join(row(n, volume=1) for n in range(3, 6)), "c.csv"))
    assert (np.diff(join([first, second]).open_time_ms) == 60_000).all()
    with pytest.raises(BadInput, match=r"b\.csv and a\.csv do not follow"):
        join([second, first])
    with pytest.raises(BadInput, match=r"a\.csv and c\.csv differ in series"):
        join([first, traded])
