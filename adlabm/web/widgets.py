"""Small parts of the page: pictures that know their size, headings, tables, a gauge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import solara
from matplotlib.figure import Figure

from adlabm.reports.embed import svg_source
from adlabm.reports.gauge import Gauge
from adlabm.reports.style import svg
from adlabm.reports.tables import short

CSS = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
PIXELS_PER_INCH = 96
NARROWEST = 330


@solara.component_vue("picture.vue")
def Picture(source: str, alt: str, event_clicked: Callable[..., None], event_sized: Callable[..., None]) -> None:
    """An image that tells its width in pixels and whether the theme is dark, and where it was clicked as shares of width and height."""


@solara.component_vue("rows.vue")
def Rows(table: str, event_picked: Callable[..., None]) -> None:
    """A table of the page's own making whose rows can be picked; tells the number of the row."""


@solara.component_vue("copy.vue")
def CopyText(text: str) -> None:
    """A line of text with a button that copies it."""


@solara.component
def Drawn(draw: Callable[[float], tuple[Figure, str]], on_click: Callable[[float, float], None] | None = None) -> None:
    """What `draw(width in inches)` gives, a figure and its words, as wide as there is room, in the colours of the theme."""
    (width, dark), resize = solara.use_state((0, False))
    source, words = "", ""
    if width:
        figure, words = draw(max(width, NARROWEST) / PIXELS_PER_INCH)
        source = svg_source(svg(figure, dark))
    clicked = (lambda place: on_click(*place)) if on_click else (lambda _: None)
    Picture(source=source, alt=words, event_clicked=clicked, event_sized=lambda room: resize((room[0], room[1])))


def html(text: str) -> solara.Element[Any]:
    """A piece of HTML of the page's own making; visitors' and scenarios' texts in it must be escaped."""
    return solara.HTML(unsafe_innerHTML=text)


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], of: str = "numbers") -> str:
    """A table as HTML, of numbers or of text. Cells that are `Markup` stand as they are."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    cells = ["".join(f"<td>{each if isinstance(each, Markup) else escape(str(each))}</td>" for each in row) for row in rows]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f'<div class="adl-scroll"><table class="adl-table {of}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


class Markup(str):
    """HTML that is safe as it stands."""


def lamps(lit: int) -> Markup:
    """ADL lights as exchanges show them: five lamps."""
    return Markup(
        f'<span class="adl-lamps" title="{lit} of 5">' + "".join(f'<i class="l{lit if n < lit else 0}"></i>' for n in range(5)) + "</span>"
    )


def gauge_html(shown: Gauge) -> str:
    """The fund's gauge with the level at which ADL begins."""
    mark = "" if shown.level is None else f'<b style="left: {100 * shown.share(shown.level):.1f}%"></b>'
    level = "" if shown.level is None else f", ADL at {short(shown.level)}"
    bar = f'<div class="bar"><i style="width: {100 * shown.share(shown.value):.1f}%"></i>{mark}</div>'
    return (
        f'<div class="adl-gauge"><span>Insurance fund, {escape(shown.name)}: <strong>{short(shown.value)}</strong>{level}</span>'
        f"{bar}<small>{escape(shown.rule)}</small></div>"
    )
