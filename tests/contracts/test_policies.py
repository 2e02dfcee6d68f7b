"""What every registered ADL policy promises, in both units: budget, caps, order of rows, repetition, scale, whole numbers."""

import doctest
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.adl.allocate import allocate
from adlabm.adl.base import UNITS
from adlabm.adl.candidates import STANDARD, Candidates
from adlabm.adl.scores import SCORES
from adlabm.errors import AdlabmError, InfeasibleBudget
from adlabm.registry import find, names, params_of

OTHERS = {
    "queue": [{"score": score} for score in sorted(SCORES)],
    "contract-pro-rata": [{"rounding": rounding} for rounding in ("none", "hamilton", "webster", "dhondt")],
    "capped-pro-rata": [{}, {"highest": 1.0, "margins": 0.0}],
    "rap": [{}, {"power": 0}, {"power": 2, "above": 3.0}],
    "vector-mirror-descent": [{}, {"steps": 4}],
    "bulk-score-pro-rata": [{}, {"bias": 0.0}, {"bias": 1.0}],
    "random-arrival": [{"orders": 8}],
}
VARIANTS = [(key, params) for key in names("policies") for params in OTHERS.get(key, [{}])]
every_policy = pytest.mark.parametrize(("key", "params"), VARIANTS, ids=[f"{key}{list(params.values())}" for key, params in VARIANTS])
NUMBERS = (*STANDARD, "opened_at", "bankruptcy_price", "gain_since_default", "matured_pnl")
MONEY = [name for name in NUMBERS if name not in ("quantity", "opened_at")]
contract = settings(max_examples=15)

number = st.one_of(st.integers(0, 6).map(float), st.floats(0.001, 1e7))
rows = st.tuples(st.integers(0, 500).map(float), *[number] * (len(NUMBERS) - 1), st.sampled_from("abc"))


@st.composite
def few(draw):
    """Up to 8 winners, with many ties, zeros and extremes."""
    body = draw(st.lists(rows, min_size=1, max_size=8))
    ids = draw(st.lists(st.integers(0, 10**12), min_size=len(body), max_size=len(body), unique=True))
    return table_of(ids, zip(*body, strict=True))


@st.composite
def many(draw):
    """Up to 200 winners with heavy tails, some of them equal, some without anything."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, alpha = draw(st.integers(2, 200)), draw(st.sampled_from([0.6, 1.2, 3.0]))
    columns = [np.round((rng.pareto(alpha, n) + 1) * rng.choice([0, 1, 7.25], n), rng.integers(0, 3)).clip(0, 1e9) for _ in NUMBERS]
    columns[0] = np.floor(columns[0])
    return table_of(rng.permutation(10 * n)[:n], [*columns, rng.choice(["a", "b", "c", "d"], n)])


def table_of(ids, columns):
    return {"id": np.array(ids), **{name: np.array(list(each)) for name, each in zip((*NUMBERS, "account"), columns, strict=True)}}


winners = st.one_of(few(), many())


def sizes_of(rule, table, unit):
    return np.abs(table["quantity"]) if unit == "contracts" else np.maximum(np.minimum(table[rule.gains], table["equity"]), 0)


def try_allocate(rule, amount, table, **keys):
    """Amounts and shortfall, feasible or not."""
    try:
        return rule.allocate(amount, Candidates.from_table(table, rule.columns(keys["unit"])), **keys), 0.0
    except InfeasibleBudget as error:
        return error.amounts, error.shortfall


@every_policy
@pytest.mark.parametrize("unit", UNITS)
@contract
@given(data=st.data(), share=st.floats(0, 1.2))
def test_contract(key, params, unit, data, share):
    table, rule = data.draw(winners), find("policies", key)(**params)
    sizes = sizes_of(rule, table, unit)
    cut = np.random.default_rng(data.draw(st.integers(0, 9))).choice([0.0, 0.3, 1.0, 1.0], len(sizes))
    caps = np.floor(sizes * cut) if unit == "contracts" else sizes * cut
    limits = rule.limits(Candidates.from_table(table, rule.columns(unit)))
    most = caps if limits is None else np.minimum(caps, limits * sizes)
    most = np.floor(most + 1e-9) if unit == "contracts" and not rule.divisible else most
    amount = float(np.round(share * caps.sum())) if unit == "contracts" else share * caps.sum()
    taken, shortfall = try_allocate(rule, amount, table, unit=unit, cap=caps)
    assert taken.dtype == np.float64
    assert taken.shape == sizes.shape
    assert np.all((taken >= 0) & (taken <= most))
    assert taken.sum() + shortfall == pytest.approx(amount, rel=1e-9, abs=1e-12)
    assert shortfall == pytest.approx(max(amount - most.sum(), 0), rel=1e-9, abs=1e-9 * amount + 1e-12)
    if unit == "contracts" and not rule.divisible:
        assert np.all(taken == np.round(taken))
    order = np.array(data.draw(st.permutations(range(len(sizes)))))
    shuffled = {name: column[order] for name, column in table.items()}
    assert try_allocate(rule, amount, shuffled, unit=unit, cap=caps[order])[0].tolist() == taken[order].tolist()
    again, _ = try_allocate(find("policies", key)(**params), amount, table, unit=unit, cap=caps)
    assert again.tolist() == taken.tolist()


@every_policy
@contract
@given(data=st.data(), share=st.floats(0, 1), power=st.integers(-8, 8))
def test_scale_of_the_lot(key, params, data, share, power):
    """Counting contracts in lots of another size changes nothing."""
    table, rule, lot = data.draw(winners), find("policies", key)(**params), 2.0**power
    amount = float(np.floor(share * table["quantity"].sum()))
    plain, _ = try_allocate(rule, amount, table, unit="contracts")
    other = {**table, "quantity": table["quantity"] * lot}
    other |= {name: table[name] / lot for name in ("entry_price", "mark_price", "bankruptcy_price")}
    assert (try_allocate(rule, amount * lot, other, unit="contracts", lot=lot)[0] / lot).tolist() == plain.tolist()


@every_policy
@contract
@given(data=st.data(), share=st.floats(0, 1), power=st.integers(-8, 8))
def test_scale_of_the_currency(key, params, data, share, power):
    table, rule, scale = data.draw(winners), find("policies", key)(**params), 2.0**power
    if params.get("score") in ("binance", "hyperliquid-node"):  # both have a floor in quote currency or without unit
        return
    amount = share * sizes_of(rule, table, "wealth").sum()
    plain, _ = try_allocate(rule, amount, table, unit="wealth")
    scaled, _ = try_allocate(rule, amount * scale, {**table, **{name: table[name] * scale for name in MONEY}}, unit="wealth")
    assert scaled / scale == pytest.approx(plain, rel=1e-9, abs=1e-9 * max(amount, 1e-3))


@every_policy
@contract
@given(
    caps=st.lists(st.one_of(st.integers(0, 9), st.integers(0, 10**15)), min_size=1, max_size=16),
    spare=st.lists(st.integers(0, 10**12), min_size=16, max_size=16),
    share=st.fractions(0, 2),
)
def test_whole_numbers_inside_the_market(key, params, caps, spare, share):
    """Totals equal the request to the last unit, or all that may be taken; nothing is raised."""
    policy = find("policies", key)(**params)
    caps = np.array(caps, np.int64)
    sizes = caps + np.array(spare[: len(caps)])
    numbers = {name: np.linspace(1, 2, len(caps)) for name in NUMBERS}
    table = Candidates(id=np.arange(len(caps))[::-1].copy(), account=np.arange(len(caps)) // 2, **numbers)
    limits = policy.limits(table)
    asked = int(share * sum(caps.tolist()))
    for held in (caps, sizes):
        most = caps if limits is None else np.minimum(caps, (limits * held).astype(np.int64))
        taken = policy.allocate_lots(asked, table, caps, sizes=held)
        assert taken.dtype == np.int64
        assert np.all((taken >= 0) & (taken <= most))
        assert sum(taken.tolist()) == min(asked, sum(most.tolist()))


@every_policy
def test_equals_differ_by_one_lot_or_stand_in_a_queue(key, params):
    """Five equal winners: each gives the same up to a lot, or all but one give all or nothing; the lower identity gives no less."""
    table = {
        "id": np.array([5, 3, 1, 4, 2]),
        "account": np.array([5, 3, 1, 4, 2]),
        **{name: np.full(5, 60.0) for name in NUMBERS},
        "maintenance_margin": np.ones(5),
    }
    rule = find("policies", key)(**params)
    taken = rule.allocate(73.0, Candidates.from_table(table, rule.columns("contracts")), unit="contracts")
    partial = np.sum((taken > 0) & (taken < 60))
    assert np.ptp(taken) <= 1 or partial <= 1
    if np.ptp(taken) <= 1:
        assert np.all(np.diff(taken[np.argsort(table["id"])]) <= 0)


@every_policy
def test_a_policy_is_described(key, params):
    rule = find("policies", key)(**params)
    for word in ("Formula:", "Units:", "Source:", "Known for:", "Example:"):
        assert word in type(rule).__doc__
    assert rule.unit in UNITS
    for unit in UNITS:
        for column in rule.columns(unit):
            table = {name: [1.0] for name in NUMBERS if name != column} | {"id": [1], "account": [1]}
            table.pop(column, None)
            with pytest.raises(AdlabmError, match=f"no column '{column}'"):
                allocate(rule, 1, table, unit=unit)


@pytest.mark.parametrize("key", names("policies"))
def test_its_example_holds(key):
    done = doctest.testmod(sys.modules[find("policies", key).__module__])
    assert done.attempted >= 2
    assert not done.failed


@pytest.mark.parametrize("key", names("policies"))
def test_parameters_out_of_range_get_one_sentence(key):
    rule = find("policies", key)
    for name, param in params_of(rule).items():
        outside = [] if param.low is None else [param.low - 1, param.high + 1]
        for value in [*outside, None, "many"]:
            with pytest.raises(AdlabmError, match=rf"{name}.*{value}|no .*'{value}'|no .* {value}") as caught:
                rule(**{name: value})
            assert str(caught.value).count(". ") == 0
