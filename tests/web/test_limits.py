"""What the page may use: memory does not grow while it plays, and only so many markets are open at once."""

from __future__ import annotations

import itertools
import threading
import time

import psutil
import pytest

from adlabm.web.choice import Choice
from adlabm.web.page import MOST_VISITORS
from adlabm.web.session import Session
from tests.web.conftest import start, stop
from tests.web.visitor import Visitor

MOST_GROWTH_MB = 30


def test_the_speed_holds_however_long_a_frame_takes():
    drawn = []

    def draw():
        time.sleep(0.25)
        drawn.append((time.perf_counter(), made.tick))
        made.painted.set()

    made = Session(lambda: None)
    made.choose(Choice("calm", "7"))
    made.reset()
    made.advance(1)  # compiles what has changed
    made.changed = draw
    made.set_speed(200)
    stopping = threading.Event()
    clock = threading.Thread(target=made.keep_playing, args=(stopping,))
    drawn.clear()
    made.play(True)
    clock.start()
    while len(drawn) < 10:
        stopping.wait(0.05)
    stopping.set()
    clock.join(5)
    times, ticks = zip(*drawn[1:], strict=True)
    longest = max(after - before for before, after in itertools.pairwise(times))
    assert abs(ticks[-1] - ticks[0] - 200 * (times[-1] - times[0])) <= 200 * longest


@pytest.mark.slow
def test_memory_does_not_grow(browser):
    process, address = start()
    try:
        visitors = [Visitor(browser, address), Visitor(browser, address)]
        for seed, visitor in enumerate(visitors):
            visitor.set("Scenario", "calm")
            visitor.type("Seed", str(seed))
            visitor.press("Reset")
            visitor.sees(f"adlabm run calm --seed {seed}")
            visitor.choose("Ticks a second", "200")
        visitors[1].open("Traders")
        for visitor in visitors:
            visitor.press("Play")
        used = []
        for seconds in (60, 120):  # caches fill and figures reach back as far as they will in the first minute
            time.sleep(seconds)
            used.append(psutil.Process(process.pid).memory_info().rss / 1e6)
        assert all(visitor.tick > 5_000 for visitor in visitors)
        assert [visitor.trouble for visitor in visitors] == [[], []]
        assert used[1] - used[0] < MOST_GROWTH_MB
    finally:
        for visitor in visitors:
            visitor.close()
        code, _ = stop(process)
    assert code == 0


@pytest.mark.slow
def test_there_is_room_for_so_many(browser):
    process, address = start()
    try:
        visitors = [Visitor(browser, address) for _ in range(MOST_VISITORS)]
        late = browser.new_context().new_page()
        late.goto(address)
        late.get_by_text(f"{MOST_VISITORS} pages are open already").wait_for()
        visitors[0].page.close(run_before_unload=True)
        late.wait_for_timeout(2_000)
        late.reload()
        late.wait_for_selector("img.adl-picture[src^=data]", timeout=60_000)
    finally:
        for context in browser.contexts:
            context.close()
        assert stop(process) == (0, "Stopped.\n")
