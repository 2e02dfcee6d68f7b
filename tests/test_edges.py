"""Numbers at their edges: each market runs under `--check` and balances to the unit, or is refused in one sentence."""

import sys
from ctypes import CDLL
from pathlib import Path

import pytest

from adlabm.errors import AdlabmError
from adlabm.kernels import columns as col
from adlabm.kernels.audit import audit
from adlabm.model import AdlModel
from tests.busy import busy

ALONE = {"name": "alone", "count": 1, "equity": 1000.0, "signal": {"rule": "side"}, "leverage": {"rule": "fixed", "leverage": 10.0}}
FALL = {"process": "scripted", "knots": [[0, 1.0], [120, 1.0], [120, 0.8], [840, 0.8]], "sigma": None}


def one(tick: str, lot: str, price: float) -> list[dict]:
    """A single contract."""
    return [{"name": "X", "tick": tick, "lot": lot, "price": price}]


def ends(scenario) -> AdlModel:
    """The market at its end; it was checked on the way, and is once more."""
    model = AdlModel(scenario, rng=1, check=True).run()
    report = {name: int(value) for name, value in model.balance_report().items()}
    assert model.tick == scenario.ticks
    assert model.state.positions[col.P_LOTS].sum() == 0
    assert report
    return model


def groups(*each: dict) -> list[dict]:
    return [{**ALONE, "name": f"g{n}", **group} for n, group in enumerate(each)]


@pytest.mark.parametrize(
    ("tick", "lot", "price", "equity"),
    [
        ("0.00000001", "100", 1e-6, 0.01),
        ("0.00000001", "1000", 1e-6, 1000.0),
        ("0.000001", "1", 0.01, 10.0),
        ("0.1", "0.001", 1e5, 1e11),
        ("1000", "0.001", 1e7, 1e6),
        ("1000", "0.000000001", 1e7, 100.0),
    ],
)
def test_ticks_prices_and_equities(tick, lot, price, equity):
    rule = {"rule": "fixed", "leverage": 10.0 if equity < 1e11 else 1.0}  # all positions together must stay within 64 bits
    people = groups(*({"count": 6, "long_share": side, "equity": equity, "leverage": rule} for side in (1.0, 0.0)))
    ends(busy(contracts=one(tick, lot, price), index=FALL, traders=people))


def test_a_tick_of_a_lot_must_be_whole_micro_units():
    with pytest.raises(AdlabmError, match="tick"):
        busy(contracts=one("0.00000001", "1", 1e-6), index=FALL, traders=groups({"count": 2}))


@pytest.mark.parametrize("contracts", [1, 7, 64])
def test_many_contracts(contracts):
    gbm = {"process": "gbm", "sigma": 3.0}
    each = [{"name": f"C{n}", "tick": "0.1", "lot": "0.001", "price": 1000} | ({"index": gbm} if n else {}) for n in range(contracts)]
    names = [contract["name"] for contract in each]
    ends(
        busy(
            contracts=each,
            index=FALL,
            traders=groups({"count": 8, "contracts": names}, {"count": 8, "contracts": names, "mode": "isolated"}),
        )
    )


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_traders(count):
    ends(busy(contracts=one("0.1", "0.001", 1000), index=FALL, traders=groups({"count": count})))


def test_nobody_at_all_is_refused():
    for people in ([], groups({"count": 0})):
        with pytest.raises(AdlabmError, match="traders"):
            busy(contracts=one("0.1", "0.001", 1000), index=FALL, traders=people)


@pytest.mark.parametrize("fall", [0.8, 1e-5])
def test_everyone_is_long_and_bankrupt_at_once(fall):
    """Nobody is there to be deleveraged; with a gap to nearly zero every loss beyond the equity is uncovered."""
    gap = {**FALL, "knots": [[0, 1.0], [120, 1.0], [120, fall], [840, fall]]}
    people = groups({"count": 9, "long_share": 1.0})
    model = ends(busy(contracts=one("0.1", "0.001", 1000), index=gap, traders=people, fund={"share": 0.0}, price={"formation": "external"}))
    summary = model.summary()
    assert summary["liquidations"] == 9
    assert summary["adl_events"] == 0
    assert summary["uncovered_loss"] > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_ten_million_ticks():
    """Nineteen years of minutes: every tick checked, the ledger's identity holds to the unit, and memory does not grow with time.

    What the run would keep for its tables, the one thing that must grow, is thrown away on the way.
    """
    hasty = {"pace_s": 3600.0, "reentry_s": 3600.0, "signal": {"rule": "noise"}, "leverage": {"rule": "fixed", "leverage": 40.0}}
    people = groups({"count": 12, **hasty}, {"count": 8, **hasty, "mode": "isolated", "withdraw": 0.5})
    market = busy(
        ticks=10_000_000, contracts=one("0.1", "0.001", 1000), index={"process": "gbm", "sigma": 0.4, "knots": None}, traders=people
    )
    model, held, met = AdlModel(market, rng=1, check=True), [], [0, 0]

    def forget(done: int, total: int) -> None:
        met[0] += sum(int((events[:, col.E_KIND] == col.LIQUIDATION).sum()) for events in model.records.events)
        met[1] += sum(len(series) for series in model.records.series)
        for kept in vars(model.records).values():
            kept.clear()
        CDLL(None).malloc_trim(0)  # what is free already but not given back would hide what grows
        held.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20)

    model.run(forget)
    clock = model.state.clock
    owed = clock[col.K_DEPOSITS] + clock[col.K_FUND_START] + clock[col.K_UNCOVERED]
    assert model.tick == 10_000_000
    assert met[0] > 100
    assert met[1] > 9_900_000
    assert audit(model.market) == 0
    assert clock[col.K_BALANCE] - clock[col.K_ENTRY] + clock[col.K_LOTS_INDEX] + clock[col.K_FEES] + clock[col.K_ROUNDING] == owed
    assert max(held[5:]) - held[5] <= 4, "MiB more than after a tenth of the time"
