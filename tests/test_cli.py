"""The command line: quick, thin, one sentence and exit code 2 for every mistake."""

import errno
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

import adlabm
from adlabm import catalogue, cli
from adlabm.errors import BadInput


@pytest.fixture
def ran(monkeypatch, tmp_path):
    """Puts a recorder in the place of `adlabm.run`."""
    calls = []

    def run(scenario, **options):
        calls.append((scenario, options))
        if options["progress"] is not None:
            options["progress"](1, 2)
        summary = {"liquidations": 12_345, "haircut": 1.5, "first_adl_tick": None, "digest": "00ff"}
        return SimpleNamespace(summary=summary, notes=["depth budget: resting 60 %"], out=options["out"])

    monkeypatch.setattr(adlabm, "run", run, raising=False)
    return calls


def test_help_imports_nothing_heavy():
    heavy = "{'numba', 'mesa', 'pandas', 'numpy', 'pydantic', 'rich', 'seaborn', 'pyarrow'}"
    ask = "import sys\ntry:\n    import adlabm.cli as c; sys.argv = ['adlabm', '--help']; c.main()\n"
    code = f"{ask}finally:\n    assert not {heavy} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert all(word in done.stdout for word in ("demo", "run", "list", "explain", "diff", "verify", "doctor"))


def test_run_prints_plain_lines(call, ran):
    code, out, _ = call("run", "crash", "--seed", "7", "--set", "ticks=5", "--set", "fund.share=0.1", "--check")
    assert (code, out) == (
        0,
        "liquidations: 12,345\nhaircut: 1.5\nfirst_adl_tick: none\ndigest: 00ff\ndepth budget: resting 60 %\n",
    )
    assert ran == [("crash", {"seed": 7, "sets": ["ticks=5", "fund.share=0.1"], "out": None, "check": True, "progress": None})]


def test_run_prints_no_flood_of_adls(call, monkeypatch):
    whole = call("run", "crash", "--seed", "7")[1].splitlines()
    every = whole[whole.index("Every ADL:") + 1 :]
    monkeypatch.setattr(cli, "MOST_LINES", 3)
    lines = call("run", "crash", "--seed", "7")[1].splitlines()
    assert lines[lines.index("Every ADL:") + 1 :] == [*every[:3], f"and {len(every) - 3} more in events.parquet"]


def test_run_prints_json_alone(call, ran):
    code, out, err = call("run", "crash", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["liquidations"] == 12_345


def test_run_shows_a_table_on_a_terminal(call, ran, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, out, _ = call("run", "crash")
    assert code == 0
    assert "12,345" in out
    assert "depth budget" in out


def test_a_mistake_is_one_sentence_and_exit_code_2(call, monkeypatch):
    def run(*_, **__):
        raise BadInput("crash.toml: ticks is -1, but must be at least 1.")

    monkeypatch.setattr(adlabm, "run", run, raising=False)
    assert call("run", "crash") == (2, "", "crash.toml: ticks is -1, but must be at least 1.\n")


def test_a_file_that_cannot_be_written_is_named(call, monkeypatch):
    def run(*_, **__):
        raise PermissionError(13, "Permission denied", "/nowhere/x")

    monkeypatch.setattr(adlabm, "run", run, raising=False)
    assert call("run", "crash") == (2, "", "/nowhere/x cannot be read or written: Permission denied.\n")


def test_an_interruption_is_exit_code_130(call, monkeypatch):
    def run(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(adlabm, "run", run, raising=False)
    assert call("run", "crash")[0] == 130


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rnu"], "Did you mean 'run'?"),
        (["run", "crash", "--sed", "3"], "--seed"),
        (["list", "polices"], "did you mean 'policies'"),
        (["explain", "quue"], "did you mean 'queue'"),
        (["explain", "fixed"], "leverage/fixed, profit_taking/fixed, stops/fixed"),
        (["explain", "policys/queue"], "did you mean 'policies'"),
        (["explain", "policies/fixed"], "There is nothing called 'policies/fixed'"),
    ],
)
def test_what_is_unknown_is_answered_with_what_is_near(call, arguments, sentence):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err


@pytest.mark.parametrize("family", ["policies", "venues", "scenarios", "traders", "metrics", "studies"])
def test_list_in_words_and_for_machines(call, family):
    code, out, _ = call("list", family)
    _, machine, _ = call("list", family, "--json")
    entries = json.loads(machine)
    assert code == 0
    assert len(out.splitlines()) == len(entries)
    assert all(each["key"] in out and each["summary"] in out for each in entries)


def test_traders_are_listed_with_their_family(call):
    assert "profit_taking/ladder" in call("list", "traders")[1]


def test_the_help_of_list_names_every_list(call):
    said = call("list", "--help")[1]
    assert all(name in said for name in catalogue.LISTS)


def test_explain_a_rule(call):
    code, out, _ = call("explain", "queue")
    assert code == 0
    for part in ("policies/queue", "Formula:", 'score = "generic"', "adlabm/adl/queue.py"):
        assert part in out
    assert json.loads(call("explain", "queue", "--json")[1])["params"]["score"]["default"] == "generic"


def test_explain_a_venue_with_the_origin_of_every_value(call):
    _, out, _ = call("explain", "binance")
    assert "tiers.1.amount = 50  [S: snapshot of 24 Oct 2024, derived again]" in out
    assert "Source: https://www.binance.com" in out


def test_explain_a_venue_says_what_is_unpublished_and_what_the_engine_does_otherwise(call):
    _, out, _ = call("explain", "lighter")
    assert "price      zero-price: the price, or a better one, at which" in out
    assert "\n  backstop: A fund with its own cash" in out.partition("The engine differs from what is published:")[2]
    assert "knobs.score" in out.partition("Unpublished, run by the plainest reading: ")[2].splitlines()[0]
    assert json.loads(call("explain", "lighter", "--json")[1])["differs"].keys() >= {"backstop", "filter"}


@pytest.mark.parametrize(("command", "arguments"), [("diff", ("a", "b")), ("verify", ("a",))])
def test_checks_report_and_end_with_1_when_something_differs(call, monkeypatch, command, arguments):
    import adlabm.verify as checks

    for ok in (True, False):
        monkeypatch.setattr(checks, command, lambda *_, ok=ok: SimpleNamespace(ok=ok, lines=["tick 3: column lots"]))
        assert call(command, *arguments) == (0 if ok else 1, "tick 3: column lots\n", "")
        code, out, _ = call(command, *arguments, "--json")
        assert (code, json.loads(out)) == (0 if ok else 1, {"ok": ok, "lines": ["tick 3: column lots"]})


def test_doctor_shows_versions(call):
    code, out, _ = call("doctor")
    assert code == 0
    assert "numba: 0." in out
    assert "Intel SVML: off" in out


def test_a_full_disk_is_one_sentence_and_leaves_what_stood_there(tmp_path, monkeypatch, capsys):
    """The report of a run, written anew where there is no room: exit code 2, the old one whole, nothing beside it."""
    out = tmp_path / "run"
    adlabm.run("crash", sets=["ticks=3"], out=out)
    (out / "report.html").write_text("the old one")
    before = sorted(each.name for each in out.iterdir())

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr("sys.argv", ["adlabm", "report", str(out)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Cannot write {out / 'report.html'}: No space left on device.")
    assert said.count("\n") == 1
    assert (out / "report.html").read_text() == "the old one"
    assert sorted(each.name for each in out.iterdir()) == before
