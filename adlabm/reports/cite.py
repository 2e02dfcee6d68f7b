"""What to cite: the program, and the sources of a scenario, of its venue, or of a study's scenario and venue."""

from __future__ import annotations

from pathlib import Path

from adlabm import registry
from adlabm.scenario import Scenario
from adlabm.sweep.study import Study
from adlabm.venue import Venue


def citations(name: str | None = None) -> list[str]:
    """One line per work. `name`: a scenario or a study, by name or path; None for the program alone."""
    from adlabm import __version__

    lines = [
        f"adlabm contributors: adlabm, an agent-based laboratory for auto-deleveraging on perpetual futures venues, version {__version__}."
    ]
    if name is None:
        return lines
    is_study = name in registry.names("studies") or Path(name).name == "study.toml"
    scenario = Study.load(name).market() if is_study else Scenario.load(name)
    venue = Venue.load(scenario.venue)
    return list(dict.fromkeys([*lines, *scenario.sources, *(f"{venue.title} ({venue.edition}): {each}" for each in venue.sources)]))
