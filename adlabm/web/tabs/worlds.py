"""Two worlds: the same seed and noise under two ADL policies or venues, in step."""

from __future__ import annotations

import solara
from matplotlib.figure import Figure

from adlabm.errors import AdlabmError
from adlabm.reports.words import headline
from adlabm.reports.worlds import two_worlds
from adlabm.web.session import Session
from adlabm.web.widgets import Drawn, html

KINDS = {"ADL policy": "policy", "venue": "venue"}


@solara.component
def Worlds(session: Session, frame: int) -> None:
    """The third tab."""
    name, text = session.compared
    by_name = {control.name: control for section in session.running.sections().values() for control in section}
    mine = session.running.shown(by_name[name])
    kind = next(word for word, each in KINDS.items() if each == name)

    def change(word: str) -> None:
        control = by_name[KINDS[word]]
        session.compare(control.name, next(each for each in control.options if each != session.running.shown(control)))

    with solara.Div(classes=["adl-card"]):
        with solara.Div(classes=["adl-row"]):
            solara.Select("Differ in", values=list(KINDS), value=kind, on_value=change)
            html(f"A: <strong>{mine}</strong>, as the controls say")
            solara.Select("B", values=list(by_name[name].options), value=text, on_value=lambda other: session.compare(name, other))
        html('<p class="adl-soft">Both markets draw the same random numbers; all that differs follows from the rule.</p>')
        try:
            first, second = session.view(), session.rival_view()
        except AdlabmError as error:
            solara.Div(classes=["adl-wrong"], children=[str(error)])
            return
        labels = (f"A: {mine}", f"B: {text}")

        def draw(width: float) -> tuple[Figure, str]:
            return two_worlds(first, second, labels, width), f"{labels[0]} and {labels[1]} at tick {session.tick}, side by side."

        html(f"<p><strong>A</strong> {headline(first)}<br><strong>B</strong> {headline(second)}</p>")
        Drawn(draw)
        html(
            '<p class="adl-soft">Who pays more: what the deleveraged lost against the mark, what the fund lost, and what nobody covered, '
            "B minus A, up to now. Amounts are in quote currency.</p>"
        )
