"""What belongs to one visitor: a market, its rival, a followed trader, and the clock that plays them."""

from __future__ import annotations

import io
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from adlabm.errors import AdlabmError
from adlabm.model import AdlModel
from adlabm.reports.html import report
from adlabm.reports.tables import View
from adlabm.sweep.store import write_run
from adlabm.web.choice import Choice
from adlabm.web.follow import Followed
from adlabm.web.live import Live

SPEEDS = (1, 5, 20, 60, 200)
SHORTEST_FRAME_S, PAUSE_S = 0.1, 0.05
"""A frame takes as long at least, and leaves as much time for what the visitor does."""


class Session:
    """All state of a visitor; `changed` is called after every change, never with the lock held.

    Attributes:
        frame, revision: count the changes of what the tabs show, and of the controls.
        painted: set by the page when what it shows is up to date.
        choice: what the controls say; `running` is what the market was made of.
        complaints: what is wrong with the choice, by control.
        fault: what stopped the market, "" while nothing did.
        speed, rate: ticks a second as wished and as reached.
        compared: what the rival differs in: a control's name and its text.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.changed, self.lock, self.painted = changed, threading.RLock(), threading.Event()
        self.choice = self.running = Choice()
        self.complaints: dict[str, str] = {}
        self.frame = self.revision = 0
        self.playing, self.speed, self.rate, self.fault = False, 20, 0.0, ""
        self.compared = ("policy", "pnl-pro-rata")
        self.followed: Followed | None = None
        self.live = Live(AdlModel(self.choice.build(), rng=self.choice.seed_number()))
        self._rival: Live | None = None
        self._views: dict[str, tuple[int, Any]] = {}

    @property
    def tick(self) -> int:
        return self.live.model.tick

    @property
    def over(self) -> bool:
        return self.tick >= self.live.model.config.ticks

    @property
    def pending(self) -> bool:
        """Whether the controls say something else than what runs."""
        return self.choice != self.running

    def choose(self, choice: Choice) -> None:
        """Take what the controls say; it is run at the next reset."""
        self.choice, self.complaints, self.revision = choice, choice.complaints(), self.revision + 1
        self.changed()

    def reset(self) -> None:
        """A new market from the controls, at tick 0; nothing happens while something is wrong with them."""
        if self.complaints:
            return
        self.playing = False
        with self.lock:
            scenario, seed = self.choice.build(), self.choice.seed_number()
            self.live, self.running = Live(AdlModel(scenario, rng=seed)), self.choice
            self._rival, self.followed, self.fault, self.rate = None, None, "", 0.0
            self._views.clear()
        self._turn_over()

    def set_speed(self, speed: int) -> None:
        """Ticks a second, from now on."""
        self.speed = speed
        self.changed()

    def play(self, wanted: bool) -> None:
        self.playing = wanted and not self.over
        self.changed()

    def advance(self, ticks: int) -> None:
        """Go on by so many ticks, or to the end; a market that breaks down stops and says why."""
        with self.lock:
            try:
                for _ in range(min(ticks, self.live.model.config.ticks - self.tick)):
                    self.live.model.step()
                    if self.followed is not None:
                        self.followed.note(self.live.model)
            except AdlabmError as error:
                self.fault = str(error)
            if self.over or self.fault:
                self.playing = False
        self._turn_over()

    def keep_playing(self, cancelled: threading.Event) -> None:
        """The clock: while playing, as many ticks a frame as the speed asks and the last frame took.

        A frame begins when the one before is painted: a page that is told of changes faster than it can paint paints nothing at all.
        """
        ticks = 1
        while not cancelled.is_set():
            if not self.playing:
                cancelled.wait(PAUSE_S)
                continue
            started, before = time.perf_counter(), self.tick
            self.painted.clear()
            self.advance(ticks)
            while not (cancelled.is_set() or self.painted.wait(PAUSE_S)):
                pass
            spent = time.perf_counter() - started
            cancelled.wait(max(SHORTEST_FRAME_S - spent, ticks / self.speed - spent, PAUSE_S))
            took = time.perf_counter() - started
            self.rate = 0.7 * self.rate + 0.3 * (self.tick - before) / took if self.rate else (self.tick - before) / took
            ticks = max(1, round(self.speed * max(spent + PAUSE_S, SHORTEST_FRAME_S)))

    def view(self) -> View:
        """The market as a report sees it."""
        return self._kept("view", lambda: self.live.view())

    def positions(self) -> pd.DataFrame:
        """Every open position of a trader."""
        return self._kept("positions", lambda: self.live.positions())

    def sides(self) -> pd.DataFrame:
        """Who holds each side."""
        return self._kept("sides", lambda: self.live.sides())

    def rival_view(self) -> View:
        """The same seed and noise, different in `compared`, at the same tick."""

        def caught_up() -> View:
            if self._rival is None:
                other = replace(self.running, texts={**self.running.texts, self.compared[0]: self.compared[1]})
                self._rival = Live(AdlModel(other.build(), rng=other.seed_number()))
            while self._rival.model.tick < min(self.tick, self._rival.model.config.ticks):
                self._rival.model.step()
            return self._rival.view()

        return self._kept("rival", caught_up)

    def compare(self, control: str, text: str) -> None:
        """Let the rival differ in another control."""
        with self.lock:
            self.compared, self._rival = (control, text), None
            self._views.pop("rival", None)
        self._turn_over()

    def follow(self, trader: int | None) -> None:
        """Follow a trader from the opening on, or nobody."""
        with self.lock:
            self.followed = None if trader is None else Followed.of(self.live.model, trader)
        self._turn_over()

    def export(self) -> bytes:
        """The files of `adlabm run`, zipped; what has not been played yet is run first."""
        with self.lock:
            saved = self.live.model.checkpoint()
        tables = AdlModel.restore(saved).run().tables()
        packed = io.BytesIO()
        with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            folder = write_run(Path(place) / "run", tables)
            report(folder)
            for file in sorted(folder.iterdir()):
                archive.write(file, file.name)
        return packed.getvalue()

    def _turn_over(self) -> None:
        """Tell the page that there is something else to draw."""
        self.frame += 1
        self.changed()

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What was made for this tick already, or made now."""
        with self.lock:
            tick, value = self._views.get(name, (-1, None))
            if tick != self.tick:
                value = make()
                self._views[name] = (self.tick, value)
            return value
