"""What no file and no rule can be called: one sentence, whoever is asked for it."""

from __future__ import annotations

import tomllib

import pytest
import tomli_w

from adlabm import registry
from adlabm.data.where import locate
from adlabm.errors import AdlabmError
from adlabm.scenario import Scenario
from adlabm.sweep.plan import make_plan
from adlabm.sweep.study import Study

NAMES = {
    "too long": "x" * 5000,
    "too long for TOML": "x" * 5000 + ".toml",
    "too long below a folder": "a/" + "x" * 5000,
    "with a zero byte": "a/\0.toml",
    "of nobody's home": "~nobody-at-all/x.toml",
    "not writable as UTF-8": "a/\ud800.toml",
}
ASKED = {
    "a study": Study.load,
    "a scenario": Scenario.load,
    "a data file": locate,
    "a price file": lambda name: Scenario.load("crash", [("index.process", "historic"), ("index.file", name)]),
    "a depth file": lambda name: Scenario.load("crash", [("depth.file", name)]),
    "a venue": lambda name: Scenario.load("crash", [("venue", name)]),
    "a policy": lambda name: Scenario.load("crash", [("adl.policy", name)]),
    "a rule": lambda name: registry.find("policies", name),
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_one_sentence(ask, name):
    with pytest.raises(AdlabmError) as refused:
        ask(name)
    assert "\n" not in str(refused.value)


def test_a_study_whose_scenario_no_file_can_be_called(tmp_path):
    """It is looked for beside the study first; without its base the study stands alone."""
    tables = tomllib.loads(registry.find("studies", "fund-size").read_text(encoding="utf-8"))
    assert "base" not in tables
    (tmp_path / "study.toml").write_text(tomli_w.dumps(tables | {"scenario": "x" * 5000}), encoding="utf-8")
    with pytest.raises(AdlabmError, match="xxxxx"):
        make_plan(Study.load(tmp_path / "study.toml"))
