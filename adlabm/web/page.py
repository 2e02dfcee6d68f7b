"""The page as Solara finds it: one session per visitor, the controls, the clock, and the tabs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import solara
import solara.lab

from adlabm.reports.words import headline
from adlabm.web.choice import Choice
from adlabm.web.panel import Panel
from adlabm.web.session import SPEEDS, Session
from adlabm.web.tabs.about import About
from adlabm.web.tabs.market import Market
from adlabm.web.tabs.sweep import Sweep
from adlabm.web.tabs.traders import Traders
from adlabm.web.tabs.worlds import Worlds
from adlabm.web.widgets import CSS, CopyText, html

TABS: dict[str, Callable[[Session, int], object]] = {
    "Market": Market,
    "Traders": Traders,
    "Two worlds": Worlds,
    "Sweep": lambda *_: Sweep(),
    "About": About,
}
MOST_VISITORS = 8
_seats = threading.BoundedSemaphore(MOST_VISITORS)


@solara.component
def Layout(children: list[solara.Element[Any]]) -> None:
    """Nothing around the page."""
    solara.Div(children=children)


@solara.component
def Page() -> None:
    """A market for everybody who comes, as long as there is room."""
    seated = solara.use_memo(lambda: _seats.acquire(blocking=False), [])
    solara.use_effect(lambda: _seats.release if seated else None, [])
    solara.Title("adlabm: who is deleveraged?")
    solara.Style(CSS)
    with solara.Div(classes=["adl"]):
        if seated:
            Desk()
        else:
            solara.Div(
                classes=["adl-wrong"],
                children=[f"{MOST_VISITORS} pages are open already, and each has a market of its own; close one, then reload this one."],
            )


@solara.component
def Desk() -> None:
    """Everything that one visitor sees."""
    beat, set_beat = solara.use_state(0)
    session = solara.use_memo(lambda: Session(lambda: set_beat(lambda number: number + 1)), [])
    solara.use_thread(session.keep_playing, dependencies=[session], intrusive_cancel=False)  # the other kind traces every line
    solara.use_effect(session.painted.set, [beat])
    opened, open_tab = solara.use_state(0)
    toggled, toggle = solara.use_state(False)
    name = list(TABS)[opened]
    with solara.Div(classes=["adl-top"]):
        html('<span class="name">adlabm <small>who is deleveraged?</small></span>')
        Clock(session, beat)
        solara.Div(classes=["push"])
        solara.Button(icon_name="mdi-tune", icon=True, on_click=lambda: toggle(not toggled), attributes={"aria-label": "Settings"})
        solara.lab.ThemeToggle()
    with solara.Div(classes=["adl-body"]):
        with solara.Div(classes=["adl-panel", "toggled" if toggled else "shown"], attributes={"data-revision": str(session.revision)}):
            Part("The settings", Panel, (session, (session.revision, session.pending)))
        with solara.Div(classes=["adl-main"]):
            Part("The headline", Story, (session, session.frame))
            with solara.lab.Tabs(value=opened, on_value=open_tab):
                for each in TABS:
                    solara.lab.Tab(each)
            with solara.Div(attributes={"data-tab": name}):
                Part("This tab", TABS[name], (session, session.frame)).key(name)
            Take(session, session.running)


@solara.component
def Part(words: str, draw: Callable[..., object], args: tuple[Any, ...]) -> None:
    """A part of the page; one that cannot be drawn says so, and the rest of the page stays."""
    error, clear = solara.use_exception()
    if error is None:
        draw(*args)
    else:
        solara.Div(classes=["adl-wrong"], children=[f"{words} could not be drawn: {error}"])
        solara.Button("Try again", on_click=clear)


@solara.component
def Clock(session: Session, beat: int) -> None:
    """Play, pause, step, reset, speed, and where the market stands."""
    name, icon = ("Pause", "mdi-pause") if session.playing else ("Play", "mdi-play")
    stopped = session.over or bool(session.fault)
    total = session.live.model.config.ticks
    rate = ", {:.0f} ticks and {:.1f} pictures a second".format(*session.reached) if session.playing and session.reached else ""
    with solara.Div(classes=["adl-clock"]):
        solara.Button(name, color="primary", icon_name=icon, on_click=lambda: session.play(not session.playing), disabled=stopped)
        solara.Button("Step", outlined=True, on_click=lambda: session.advance(1), disabled=stopped or session.playing)
        pending = {"color": "warning"} if session.pending else {"outlined": True}
        solara.Button("Reset", on_click=session.reset, disabled=bool(session.complaints), **pending)
        solara.Select("Ticks a second", values=list(SPEEDS), value=session.speed, on_value=session.set_speed)
        html(f'<span class="clock">tick <b>{session.tick:,}</b> of {total:,}{rate}</span>')


@solara.component
def Story(session: Session, frame: int) -> None:
    """The run in one sentence, and what stopped it."""
    if session.fault:
        solara.Div(classes=["adl-wrong"], children=[session.fault])
    text = headline(session.view()) if session.tick else f"{session.live.model.config.title}. Press Play."
    solara.Div(classes=["adl-headline"], children=[text])


@solara.component
def Take(session: Session, running: Choice) -> None:
    """The run as files, and as a command."""
    with solara.Div(classes=["adl-card", "adl-row"]):
        name = f"adlabm-{running.scenario}-{running.seed}.zip"
        solara.FileDownload(session.export, filename=name, label="Export this run", mime_type="application/zip")
        CopyText(text=running.command())
