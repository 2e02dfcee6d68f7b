"""No program of the package listens to anything but this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from adlabm.sweep.engines import Workers, local
from evidence.count import Case, Count
from evidence.digests import row


@contextmanager
def page() -> Iterator[int]:
    """The page of `adlabm serve`; its process."""
    from tests.web.conftest import start, stop

    process, _ = start()
    try:
        yield process.pid
    finally:
        stop(process)


@contextmanager
def workers() -> Iterator[int]:
    """The worker processes of a sweep."""
    with Workers(local(2)) as here:
        list(here.compute(row, range(2)))
        yield psutil.Process().pid


@contextmanager
def cluster() -> Iterator[int]:
    """A Dask cluster on this machine."""
    from adlabm.sweep.cluster import dask

    with Workers(dask(None, 2)) as there:
        list(there.compute(row, range(2)))
        yield psutil.Process().pid


PROGRAMS = (page, workers, cluster)


def case(number: int) -> Case:
    """One program at work, with all processes that it has started."""
    with PROGRAMS[number]() as pid:
        time.sleep(1.0)
        mine = psutil.Process(pid)
        found = [each for process in (mine, *mine.children(recursive=True)) for each in process.net_connections("inet")]
    places = {f"{each.laddr.ip}:{each.laddr.port}" for each in found if each.status == psutil.CONN_LISTEN}
    far = [place for place in places if not place.startswith(("127.", "::1"))]
    name = PROGRAMS[number].__name__
    return Case(1, f"{name} listens at {', '.join(far)}" if far else "", {f"{name}: listeners": len(places)})


COUNT = Count(
    unit="programs",
    scope="The sockets of the page, of the workers of a sweep and of a local Dask cluster, with all their processes, while they work.",
    floor=len(PROGRAMS),
    target=len(PROGRAMS),
    case=case,
    cases=len(PROGRAMS),
    share=0.5,
    tell=lambda facts: "; ".join(f"{fact} {number}, all at 127.0.0.1" for fact, number in facts.items()) + ".",
)
