"""Wrong input, typed as a user would: one clear sentence, exit code 2, no traceback, nothing written."""

import sys
import zipfile

import pytest

from adlabm.cli import main
from adlabm.errors import BadInput
from adlabm.sweep.store import read_json, read_toml

ROW = "{t},100000,100100,99900,100050,0,{e},0,60,0,0,0"


@pytest.fixture
def refused(capsys, monkeypatch, tmp_path):
    """Run `adlabm run` with these arguments; it must be refused, and write nothing. Returns the sentence."""

    def run(*words):
        out = tmp_path / "out"
        monkeypatch.setattr(sys, "argv", ["adlabm", "run", *map(str, words), "--out", str(out)])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        assert stop.value.code == 2
        assert printed.out == ""
        assert "Traceback" not in printed.err
        assert len(printed.err.strip().splitlines()) == 1
        assert not out.exists()
        return printed.err

    return run


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("fund.shre=0.05", ("shre", "share")),
        ("tiers.0.mmr=-0.01", ("mmr", "0")),
        ("traders.0.leverage.leverage=500", ("leverage", "100")),
        ("traders.0.equity=nan", ("equity",)),
        ("index.knots=[[0, 1.0], [60, 0.0]]", ("knots",)),
        ("index.file=nowhere.zip", ("nowhere.zip",)),
        ("contracts.0.tick='0.0001'", ("tick",)),
        ("contracts.0.lot='1e30'", ("lot",)),
        ("traders.0.equity=1e300", ("equity",)),
        ("traders=[]", ("traders",)),
        ("adl.policy=quene", ("quene", "queue")),
        ("venue=binanse", ("binanse", "binance")),
        ("ticks=0", ("ticks",)),
        ("no key", ("--set",)),
    ],
)
def test_a_wrong_key_or_value_is_one_sentence(refused, setting, words):
    sentence = refused("crash", "--set", setting)
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("scenario", "setting", "words"),
    [
        ("crash", "correlation=[[1.0, 1.0], [1.0, 1.0]]", ("correlation.1", "not positive definite", "ETHUSDT")),
        ("ecology", "traders.retail.share=0.8", ("share", "adds up to 1.1", "-0.1")),
        ("ecology", "traders.retail.interest=0.1", ("interest", "adds up to 0.9", "+0.1")),
        ("calm", "traders.noise.attention=1.5", ("attention", "1.5")),
        ("calm", "price.arbitrage=first", ("arbitrage", "first", "before")),
        ("crash", "fees.maker=-0.5", ("maker", "-0.5", "-0.01")),
    ],
)
def test_a_market_that_cannot_be_is_one_sentence(refused, scenario, setting, words):
    sentence = refused(scenario, "--set", setting)
    assert all(word in sentence for word in words), sentence


def test_an_unknown_scenario_names_the_nearest(refused):
    assert "'crash'" in refused("crsh")


def test_too_many_rounds_is_an_error_never_a_clip(refused):
    assert "max_rounds" in refused("crash", "--set", "max_rounds=3")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("60000,100000,abc,99900,100050,0,119999,0,60,0,0,0", ("high", "abc")),
        ("60000,100000,100100,0,0,0,119999,0,60,0,0,0", ("low",)),
        ("60000,nan,100100,99900,100050,0,119999,0,60,0,0,0", ("open",)),
        ("60000,100000", ("line",)),
    ],
)
def test_a_malformed_kline_row_is_named(refused, tmp_path, row, words):
    rows = [
        ROW.format(t=1760054400000, e=1760054459999),
        row.replace("60000,", "1760054460000,", 1),
        ROW.format(t=1760054520000, e=1760054579999),
    ]
    path = tmp_path / "klines.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("klines.csv", "\n".join(rows))
    sentence = refused("oct10", "--set", f"index.file={path}")
    assert "klines" in sentence
    assert all(word in sentence for word in words), sentence


def test_a_folder_that_holds_something_else_is_refused(capsys, monkeypatch, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    monkeypatch.setattr(sys, "argv", ["adlabm", "run", "crash", "--set", "ticks=2", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert str(tmp_path) in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/null", "/etc"])
@pytest.mark.parametrize("key", ["venue", "index.file", "depth.file"])
def test_what_is_no_file_is_not_read(refused, key, place):
    """A device never ends; reading it fills the memory."""
    assert place in refused("crash", "--set", f"{key}='{place}'")


def test_deep_nesting_is_one_sentence(tmp_path):
    for name, content in (("manifest.json", "[" * 100_000), ("scenario.toml", "a = " + "[" * 100_000)):
        (tmp_path / name).write_text(content)
        with pytest.raises(BadInput, match="is damaged"):
            (read_json if name.endswith("json") else read_toml)(tmp_path / name)
