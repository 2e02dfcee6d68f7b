"""The panel of controls: everything that makes a market, each with what is wrong with it."""

from __future__ import annotations

from dataclasses import replace

import solara

from adlabm import registry
from adlabm.web.choice import Choice
from adlabm.web.controls import CROWD, Control
from adlabm.web.session import Session

LATER = " \N{CLOCKWISE OPEN CIRCLE ARROW}"
"""Stands at every setting that takes effect at the next reset."""


@solara.component
def Panel(session: Session, state: tuple[int, bool]) -> None:
    """All controls, by section; `state` is all that it shows of the session, so that it is drawn again only when that changes."""
    choice, wrong = session.choice, session.complaints
    solara.HTML(unsafe_innerHTML=f'<p class="adl-soft">Settings marked{LATER} take effect at Reset.</p>')
    if session.pending and not wrong:
        solara.Div(classes=["adl-pending"], children=["Changed. Reset to apply."])
    if "" in wrong:
        solara.Div(classes=["adl-wrong"], children=[wrong[""]])
    scenarios = list(registry.names("scenarios"))
    solara.Select("Scenario" + LATER, values=scenarios, value=choice.scenario, on_value=lambda name: _other(session, name))
    solara.InputText("Seed" + LATER, value=choice.seed, on_value=lambda text: _seed(session, text), error=wrong.get("seed", False))
    for title, section in choice.sections().items():
        solara.HTML(tag="h4", unsafe_innerHTML=title)
        with solara.Div(classes=["adl-counts" if title == CROWD else "adl-fields"]):
            for control in section:
                Field(session, control, choice.shown(control), wrong.get(control.name, "")).key(f"{choice.scenario} {control.name}")


@solara.component
def Field(session: Session, control: Control, shown: str, wrong: str) -> None:
    """One control; what is wrong with it stands under it."""

    def changed(text: str) -> None:
        session.choose(session.choice.with_text(control, text))

    if control.options:
        solara.Select(control.label + LATER, values=list(control.options), value=shown, on_value=changed)
        solara.Div(classes=["adl-wrong" if wrong else "adl-hint"], children=[wrong or control.hint])
    else:
        solara.InputText(control.label + LATER, value=shown, on_value=changed, error=wrong or False, message=control.hint)


def _seed(session: Session, text: str) -> None:
    session.choose(replace(session.choice, seed=text.strip()))


def _other(session: Session, scenario: str) -> None:
    """Another scenario; of the settings only those that every scenario has stay."""
    kept = {name: text for name, text in session.choice.texts.items() if name in ("venue", "policy", "fund", "depth")}
    session.choose(Choice(scenario, session.choice.seed, kept))
