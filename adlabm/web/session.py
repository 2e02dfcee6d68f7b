"""What belongs to one visitor: a market, its rival, a followed trader, and the clock that plays them."""

from __future__ import annotations

import io
import math
import tempfile
import threading
import time
import zipfile
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from adlabm.model import AdlModel
from adlabm.reports.html import report
from adlabm.reports.tables import View
from adlabm.sweep.store import write_run
from adlabm.web.choice import Choice
from adlabm.web.follow import Followed
from adlabm.web.live import Live

SPEEDS = (1, 5, 20, 60, 200)
PAUSE_S = 0.05
"""Left between two frames for what the visitor does."""
LONGEST_PLAY_S = 0.5
"""A frame plays no longer than that; a market that is slower than the speed asked for runs as fast as it can."""
LAST_FRAMES = 6
"""Speed as reached is measured over so many frames."""


class Session:
    """All state of a visitor; `changed` is called after every change, never with the lock held.

    Attributes:
        frame, revision: count the changes of what the tabs show, and of the controls.
        painted: set by the page when it has drawn the last frame.
        choice: what the controls say; `running` is what the market was made of.
        complaints: what is wrong with the choice, by control.
        fault: what stopped the market, "" while nothing did.
        speed: ticks a second as wished; `reached`: ticks and frames a second of late, None while not known.
        compared: what the rival differs in: a control's name and its text.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.changed, self.lock, self.painted = changed, threading.RLock(), threading.Event()
        self.choice = self.running = Choice()
        self.complaints: dict[str, str] = {}
        self.frame = self.revision = 0
        self.playing, self.speed, self.fault = False, 20, ""
        self.reached: tuple[float, float] | None = None
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
        with self.lock:
            self.playing = False
            scenario, seed = self.choice.build(), self.choice.seed_number()
            self.live, self.running = Live(AdlModel(scenario, rng=seed)), self.choice
            self._rival, self.followed, self.fault = None, None, ""
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
            self._go_on(ticks)
        self._turn_over()

    def keep_playing(self, cancelled: threading.Event) -> None:
        """The clock: while playing, every frame carries the ticks that the speed asks for the time since the frame before.

        A frame begins when the one before is drawn: told of changes faster than it can draw, a page starts over and draws nothing at all.
        """
        while not cancelled.wait(PAUSE_S):
            if self.playing:
                self._play(cancelled)

    def _play(self, cancelled: threading.Event) -> None:
        owed, self.reached = 1.0, None
        frames = deque([(time.perf_counter(), self.tick)], LAST_FRAMES)
        while self.playing and not cancelled.is_set():
            begun, before = frames[-1]
            self.painted.clear()
            with self.lock:
                if self.playing:  # a reset may have come between
                    self._go_on(int(owed), LONGEST_PLAY_S)
            self._turn_over()
            owed = owed % 1.0 if self.tick - before == int(owed) else 0.0
            while not (self.painted.wait(PAUSE_S) or cancelled.is_set()):
                pass
            cancelled.wait(max(PAUSE_S, begun + (1 - owed) / self.speed - time.perf_counter()))
            frames.append((time.perf_counter(), self.tick))
            owed += self.speed * (frames[-1][0] - begun)
            spent = frames[-1][0] - frames[0][0]
            self.reached = (self.tick - frames[0][1]) / spent, (len(frames) - 1) / spent

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

    def _go_on(self, ticks: int, seconds: float = math.inf) -> None:
        """So many ticks, as far as the run and `seconds` of the processor reach; with the lock held."""
        last, until = min(self.tick + ticks, self.live.model.config.ticks), time.thread_time() + seconds
        try:
            while self.tick < last and time.thread_time() < until:
                self.live.model.step()
                if self.followed is not None:
                    self.followed.note(self.live.model)
        except Exception as error:  # a rule of the visitor's own may raise anything
            self.fault = str(error) or type(error).__name__
        if self.over or self.fault:
            self.playing = False

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
