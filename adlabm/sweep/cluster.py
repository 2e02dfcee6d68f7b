"""Dask as an engine: a courier between runner and workers; plan and parts on disk stay the truth."""

from __future__ import annotations

from contextlib import suppress

from adlabm.errors import BadInput
from adlabm.sweep.engines import Engine


def dask(address: str | None, jobs: int) -> Engine:
    """Workers of a running Dask scheduler (`tcp://...`), or of a cluster on this machine alone when no address is given."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise BadInput("--engine dask needs Dask; install it with: pip install 'adlabm[cluster]'.") from None
    cluster = None
    if address is None:
        cluster = LocalCluster(n_workers=jobs, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
    try:
        client = Client(cluster or address, timeout=10)
    except (OSError, ValueError) as error:
        raise BadInput(f"--cluster {address}: no Dask scheduler answers there ({error}); check the address.") from None
    width = sum(client.nthreads().values())

    def stop(_: object) -> None:
        with suppress(Exception):
            client.close()
        if cluster is not None:
            cluster.close()

    return Engine(lambda: client.get_executor(pure=False), stop, max(width, 1))
