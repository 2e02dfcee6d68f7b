"""Where the parts of a sweep are worked: local processes, or any executor that follows `concurrent.futures`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import Self, TypeVar

from adlabm.errors import AdlabmError

MOST_DEATHS = 3
Result = TypeVar("Result")


@dataclass(frozen=True)
class Engine:
    """How to `start` an executor (again, when its workers died) and `stop` it, if there is one; `width` is the number of workers.

    `differing`: the parts that it had done more than once, with different results.
    """

    start: Callable[[], Executor]
    stop: Callable[[Executor | None], None]
    width: int
    differing: Callable[[], list[int]] = list


def local(jobs: int) -> Engine:
    """Processes of this machine. A worker ends when the runner does, however that ended."""
    context = multiprocessing.get_context("spawn")
    return Engine(lambda: ProcessPoolExecutor(jobs, context, initializer=_follow_parent), _shut, jobs)


def given(executor: Executor, width: int) -> Engine:
    """An executor of the caller's, left open; it is not replaced when it breaks."""
    starts = iter([executor])

    def start() -> Executor:
        for first in starts:
            return first
        raise AdlabmError("The workers of the given executor died; start the sweep again with --resume and a new one.")

    return Engine(start, lambda executor: None, width)


class Workers:
    """The executor of an engine, started when first needed and again when its workers died.

    When a worker dies, all parts then under way are suspects: each is tried again alone, so that the guilty one is found.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.executor: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.stop(self.executor)
        self.executor = None

    def compute(self, task: Callable[[int], Result], parts: Iterable[int]) -> Iterator[tuple[int, Result | Exception]]:
        """Yields (part, result) as they come, or the exception of a part that cannot be done."""
        waiting, running, deaths = deque(parts), dict[Future[Result], int](), Counter[int]()
        while waiting or running:
            died = self._submit(task, waiting, running, deaths)
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                part = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    died = True
                    deaths[part] += 1
                    waiting.append(part)
                else:
                    yield part, error if isinstance(error, Exception) else future.result()
            if died:
                self.__exit__()
                deaths.update(running.values())
                suspects = sorted({*running.values(), *(part for part in waiting if deaths[part])})
                running.clear()
                again = [part for part in suspects if deaths[part] < MOST_DEATHS]
                waiting = deque([*again, *(part for part in waiting if part not in suspects)])
                for part in suspects:
                    if part not in again:
                        yield part, AdlabmError(f"A worker died {MOST_DEATHS} times while it did this part.")

    def _submit(self, task: Callable[[int], Result], waiting: deque[int], running: dict[Future[Result], int], deaths: Counter[int]) -> bool:
        """Hand out parts, suspects one at a time; True when the executor turns out to be dead."""
        self.executor = self.executor or self.engine.start()
        while waiting and len(running) < 2 * self.engine.width and not any(deaths[part] for part in running.values()):
            if deaths[waiting[0]] and running:
                break
            try:
                future = self.executor.submit(task, waiting[0])
            except BrokenExecutor:
                return True
            running[future] = waiting.popleft()
        return False


def _shut(executor: Executor | None) -> None:
    if executor is not None:
        executor.shutdown(cancel_futures=True)


def _follow_parent() -> None:
    """Leave Ctrl-C to the runner, and end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
