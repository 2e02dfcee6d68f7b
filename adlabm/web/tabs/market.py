"""The market: prices, what became of liquidated positions, both sides of the open interest, depth, funding, and the fund."""

from __future__ import annotations

import solara
from matplotlib.figure import Figure

from adlabm.reports import holders, over_time
from adlabm.reports.gauge import gauge
from adlabm.reports.words import percent
from adlabm.web.session import Session
from adlabm.web.widgets import Drawn, gauge_html, html


@solara.component
def Market(session: Session, frame: int) -> None:
    """The first tab."""
    chosen, choose = solara.use_state(0)
    view, sides = session.view(), session.sides()
    contract = view.contracts[min(chosen, len(view.contracts) - 1)]
    with solara.Div(classes=["adl-card"]):
        html(gauge_html(gauge(view, float(sides["fund"].sum()))))

    def draw(width: float) -> tuple[Figure, str]:
        words = f"Market of {contract} up to tick {session.tick}; worst fall {percent(view.number('max_drawdown'))}."
        return over_time.market(view, contract, width, lambda axes: holders.sides(axes, sides)), words

    with solara.Div(classes=["adl-card"]):
        if len(view.contracts) > 1:
            with solara.Div(classes=["adl-row"]):
                solara.Select("Contract", values=view.contracts, value=contract, on_value=lambda name: choose(view.contracts.index(name)))
        Drawn(draw)
        html(
            '<p class="adl-soft">Shaded: ticks with ADL. Triangles: ticks with liquidations. Equity of the fund is its cash and the '
            "positions it carries, at the mark. Open interest: long positions at the mark. Amounts are in quote currency.</p>"
        )
