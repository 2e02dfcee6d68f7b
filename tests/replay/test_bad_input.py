"""The command: what is missing or wrong is named with its cure, exit code 2, and nothing is half written."""

import json
import shutil

import pytest

from adlabm.sweep.store import file_hash

MIT = "adl_2025_10_10/mit"


@pytest.fixture
def copy(folder, tmp_path):
    """The MIT tables in a folder of their own, to spoil."""
    shutil.copytree(folder / MIT, tmp_path / "data" / MIT)
    for file in (tmp_path / "data" / MIT).iterdir():
        file.chmod(0o644)
    return tmp_path / "data"


def test_without_data(call, tmp_path, monkeypatch):
    monkeypatch.delenv("ADLABM_DATA", raising=False)
    for name, file in (("waves", "policy_per_wave_metrics.csv"), ("accounts", "adl_by_user_REALTIME.csv"), ("coins", "per_shock")):
        code, out, err = call("replay", name, "--data", tmp_path, "--out", tmp_path / "out")
        assert (code, out) == (2, "")
        assert file in err
        assert "https://github.com/" in err
        assert "works without" in err or "work without" in err
        assert not (tmp_path / "out").exists()


def test_there_is_no_other_replay(call):
    code, _, err = call("replay", "wave")
    assert code == 2
    assert err.startswith("There is no replay 'wave' (did you mean 'waves'?)")


@pytest.mark.parametrize(
    ("file", "spoil", "message"),
    [
        ("policy_per_wave_metrics.csv", lambda text: text.replace("budget_prod,", "budget_production,"), "column 'budget_prod' is missing"),
        ("bad_debt_loser_waves.csv", lambda text: text[: len(text) // 2], "the row ends at column"),
        ("per_shock_metrics_queue.csv", lambda text: "coin", "column 'cluster_id' is missing"),
        ("two_pass_equity_delta_by_wave_h500.csv", None, "two_pass_equity_delta_by_wave_h500.csv' is not in"),
    ],
)
def test_spoilt_tables(call, copy, tmp_path, file, spoil, message):
    path = copy / MIT / file
    if spoil is None:
        path.unlink()
    else:
        path.write_text(spoil(path.read_text()))
    code, out, err = call("replay", "waves", "--data", copy, "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "data"]


def test_a_folder_of_others_is_left_alone(call, copy, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    code, _, err = call("replay", "coins", "--data", copy, "--out", tmp_path / "out")
    assert code == 2
    assert "'mine.txt', which adlabm did not write" in err
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_what_is_written_says_where_it_comes_from(call, copy, tmp_path):
    for _ in range(2):  # a second time it replaces the first
        code, out, _ = call("replay", "coins", "--data", copy, "--out", tmp_path / "out")
    assert code == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == sorted([*manifest["files"], "manifest.json"])
    for name, row in manifest["files"].items():
        assert file_hash(tmp_path / "out" / name) == row["sha256"]
    for notice in manifest["notices"]:
        assert notice in out
        assert notice in (tmp_path / "out" / "README.md").read_text()
    assert {each["path"] for each in manifest["inputs"]} == {"per_shock_metrics_queue.csv", "two_pass_wave_coin_gap_per_contract.csv"}
