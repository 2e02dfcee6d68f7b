"""What to cite: the program, and the sources of a scenario, of its venue, or of a study's scenario and venue."""

from __future__ import annotations

from pathlib import Path

from adlabm import registry
from adlabm.errors import unknown
from adlabm.scenario import Scenario
from adlabm.settings import read_toml
from adlabm.sweep.study import Study
from adlabm.venue import Venue


def citations(name: str | None = None) -> list[str]:
    """One line per work. `name`: a scenario or a study, by name or path; None for the program alone."""
    return works(None if name is None else _market(name))


def works(scenario: Scenario | None) -> list[str]:
    """One line per work that a scenario rests on, the program first."""
    from adlabm import __version__

    lines = [
        f"adlabm contributors: adlabm, an agent-based laboratory for auto-deleveraging on perpetual futures venues, version {__version__}."
    ]
    if scenario is None:
        return lines
    venue = Venue.load(scenario.venue)
    return list(dict.fromkeys([*lines, *scenario.sources, *(f"{venue.title} ({venue.edition}): {each}" for each in venue.sources)]))


def _market(name: str) -> Scenario:
    scenarios, studies = registry.names("scenarios"), registry.names("studies")
    if name.endswith(".toml"):
        is_study = "question" in read_toml(Path(name), "scenario or study")
    elif name in {*scenarios, *studies}:
        is_study = name not in scenarios
    else:
        raise unknown("scenario or study", name, sorted({*scenarios, *studies}))
    return Study.load(name).market() if is_study else Scenario.load(name)
