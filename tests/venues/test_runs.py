"""The crash at every venue: it runs to its end, traders are liquidated, and losses that nobody covers are told."""

from decimal import Decimal

import pytest

import adlabm as ad
from adlabm import registry


@pytest.mark.parametrize("name", registry.names("venues"))
def test_the_crash_runs_at_every_venue(name):
    summary = ad.run("crash", sets=[("venue", name), ("ticks", 40)]).summary
    assert summary["ticks"] == 40
    assert summary["liquidations"] > 0
    assert Decimal(summary["uncovered_loss"]) >= 0
