"""Small studies, and workers that need no market."""

import hashlib

from adlabm.sweep import run
from adlabm.sweep.plan import Plan
from adlabm.sweep.study import Study

BASE = {
    "title": "toy",
    "question": "?",
    "scenario": "crash",
    "axes": [{"key": "fund.share", "values": [0.0, 0.03, 0.1]}],
    "treatments": [{"name": "queue"}, {"name": "pro rata", "sets": ["adl.policy=pnl-pro-rata"]}],
    "outcomes": ["adl_events", "haircut"],
    "replications": 5,
    "part": 4,
}


def study(**changes) -> Study:
    """The toy study with other keys."""
    return Study.model_validate({**BASE, **changes})


def number(run: int, outcome: str) -> float:
    """What the pretended market answers: noise that depends on run and outcome alone."""
    return int.from_bytes(hashlib.sha256(f"{run} {outcome}".encode()).digest()[:4], "big") / 2**32


def pretend(text: str, part: int):
    """In the place of `run.work`: every seventh run fails."""
    plan = Plan(Study.model_validate_json(text))
    found = []
    for each in plan.numbers(part):
        values = {name: number(each, name) for name in plan.study.outcomes}
        found.append((each, {}, "It failed.") if each % 7 == 3 else (each, values, None))
    return plan.table(found)


def without_market(monkeypatch) -> None:
    """Sweeps of this process pretend."""
    monkeypatch.setattr(run, "work", pretend)
    monkeypatch.setattr(run, "make_plan", Plan)
    monkeypatch.setattr(Plan, "key", property(lambda plan: hashlib.sha256(plan.study.model_dump_json().encode()).hexdigest()))
    monkeypatch.setattr(run, "AdlModel", lambda *args, **kwargs: None)
    monkeypatch.setattr(run, "check_outcomes", lambda *args: None)
