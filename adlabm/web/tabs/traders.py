"""The traders: every position by leverage, profit and lights; the queue; notices; and one trader followed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import solara
from matplotlib.figure import Figure

from adlabm.reports import holders
from adlabm.reports.tables import View, short
from adlabm.reports.words import basis_points
from adlabm.web.follow import Followed, happened, is_trader
from adlabm.web.session import Session
from adlabm.web.widgets import Drawn, Rows, html, lamps, table

QUEUE, NOTICES = 40, 30
NEAR = 0.03
"""How far from a point a click may fall, as a share of the figure's width."""


@solara.component
def Traders(session: Session, frame: int) -> None:
    """The second tab."""
    positions, view = session.positions(), session.view()
    spots = solara.use_ref(np.zeros((0, 2)))
    followed = session.followed

    def draw(width: float) -> tuple[Figure, str]:
        figure, spots.current = holders.positions(positions, width, followed.trader if followed else None)
        winners = int((positions["profit"] > 0).sum())
        return figure, f"{len(positions)} open positions, {winners} of them in profit, by leverage and profit; colours are ADL lights."

    def click(x: float, y: float) -> None:
        if len(spots.current):
            distance = np.hypot(spots.current[:, 0] - x, spots.current[:, 1] - y)
            if distance.min() < NEAR:
                session.follow(int(positions["trader"].iloc[int(distance.argmin())]))

    with solara.Div(classes=["adl-card"]):
        Drawn(draw, click)
        html('<p class="adl-soft">Area: notional. Click a point or a row of the queue to follow its trader, or type its number below.</p>')
    with solara.Div(classes=["adl-card"]):
        Choose(session, positions, followed.trader if followed else None)
        if followed is not None:
            Follow(followed, view)
    with solara.Div(classes=["adl-pair"]):
        with solara.Div(classes=["adl-card", "adl-queue"]):
            Queue(session, positions)
        with solara.Div(classes=["adl-card", "adl-notices"]):
            html("<h3>Notices</h3>" + _notices(view))


@solara.component
def Choose(session: Session, positions: pd.DataFrame, followed: int | None) -> None:
    """A trader by number, or the first in the queue."""
    wrong, complain = solara.use_state("")

    def typed(text: str) -> None:
        number = text.strip()
        if not number:
            session.follow(None)
        elif number.isascii() and number.isdecimal() and is_trader(session.live.model, int(number[:18])):
            complain("")
            session.follow(int(number))
        else:
            complain(f"There is no trader {number!r}; take a number from the queue below, or click a point.")

    winners = positions[positions["profit"] > 0]
    with solara.Div(classes=["adl-row"]):
        solara.InputText("Follow trader", value="" if followed is None else str(followed), on_value=typed, error=wrong or False)
        solara.Button(
            "First in the queue", outlined=True, disabled=winners.empty, on_click=lambda: session.follow(int(winners["trader"].iloc[0]))
        )
        if followed is not None:
            solara.Button("Stop following", text=True, on_click=lambda: session.follow(None))


@solara.component
def Follow(followed: Followed, view: View) -> None:
    """Equity, notional and lights of one trader, and what happened to it."""

    def draw(width: float) -> tuple[Figure, str]:
        notes = followed.frame()
        return holders.followed(notes, view, width), f"Equity, notional and lights of trader {followed.trader} over time."

    html(f"<h3>Trader {followed.trader}, group {followed.group}</h3>")
    Drawn(draw)
    rows = [
        [
            f"{row.at:%d %b %H:%M}",
            row.kind.replace("_", " "),
            row.contract if isinstance(row.contract, str) else "",
            "" if np.isnan(row.quantity) else f"{row.quantity:+g}",
            "" if np.isnan(row.price) else f"{row.price:,.6g}",
            short(row.amount),
        ]
        for row in happened(view.events, followed.trader).itertuples()
    ]
    html(table(["time", "event", "contract", "change", "price", "amount"], rows) if rows else '<p class="adl-soft">No events yet.</p>')


@solara.component
def Queue(session: Session, positions: pd.DataFrame) -> None:
    """The head of the queue of one side of one contract; a click on a row follows its trader."""
    names = [f"{contract}, {side}" for contract in dict.fromkeys(positions["contract"]) for side in ("long", "short")]
    chosen, choose = solara.use_state("")
    shown = chosen if chosen in names else _busiest(positions)
    contract, _, side = shown.rpartition(", ")
    rows = positions[(positions["contract"] == contract) & (positions["side"] == (1 if side == "long" else -1)) & (positions["profit"] > 0)]
    head = rows.head(QUEUE)
    with solara.Div(classes=["adl-row"]):
        html("<h3>The ADL queue</h3>")
        solara.Select("Contract and side", values=names, value=shown, on_value=choose)
    cells = [
        [row.place, lamps(row.lights), row.trader, f"{row.leverage:.1f}x", f"{row.profit:.1%}", short(row.notional)]
        for row in head.itertuples()
    ]
    if cells:
        text = table(["place", "lights", "trader", "leverage", "profit", "notional"], cells)
        Rows(table=text, event_picked=lambda number: session.follow(int(head["trader"].iloc[number])))
        words = f"{len(rows):,} traders are in profit on this side; the first {len(cells)} are shown. Click one to follow it."
        html(f'<p class="adl-soft">{words}</p>')
    else:
        html('<p class="adl-soft">Nobody is in profit on this side, so nobody can be deleveraged.</p>')


def _busiest(positions: pd.DataFrame) -> str:
    """The side of a contract with most notional in profit."""
    winners = positions[positions["profit"] > 0]
    if winners.empty:
        return ""
    contract, side = winners.groupby(["contract", "side"])["notional"].sum().idxmax()
    return f"{contract}, {'long' if side > 0 else 'short'}"


def _notices(view: View) -> str:
    rows = view.of_kind("notice").iloc[::-1].head(NOTICES)
    cells = [
        [
            f"{row.at:%H:%M:%S}",
            f"{row.trader:.0f}",
            lamps(int(row.lights)),
            f"{row.quantity:+,.6g}",
            f"{row.price:,.6g}",
            basis_points(abs(row.price / row.mark - 1)),
        ]
        for row in rows.itertuples()
    ]
    if not cells:
        return '<p class="adl-soft">None yet. A trader is told when it has been deleveraged.</p>'
    return table(["time", "trader", "lights", "contracts", "price", "off mark"], cells)
