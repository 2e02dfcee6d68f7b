"""Generated winners: from 2 to 200, heavy tails, ties, zeros; and every registered policy, ready to split a loss among them."""

from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from adlabm.adl.base import Policy
from adlabm.adl.candidates import Candidates
from adlabm.adl.scores import SCORES
from adlabm.errors import InfeasibleBudget
from adlabm.registry import find, names, params_of

theorem = settings(max_examples=20)


@dataclass(frozen=True)
class Economy:
    """Winners with endowments `w` and a loss `B`, at most their sum `U`: quote currency. `table` has every column a policy may need."""

    w: np.ndarray
    B: float
    leverage: np.ndarray

    @property
    def U(self) -> float:
        return float(self.w.sum())

    @property
    def table(self) -> dict[str, np.ndarray]:
        return winners(self.w, self.leverage)

    @property
    def tolerance(self) -> float:
        """Of a sum over all winners, quote currency."""
        return 1e-9 * self.U


def winners(w, leverage=2.0, equity=None, ids=None) -> dict[str, np.ndarray]:
    """A table of shorts in profit: endowment w, mark price 100, everything else as it follows."""
    w = np.asarray(w, np.float64)
    n = len(w)
    equity = 3 * w if equity is None else np.asarray(equity, np.float64)
    notional = np.maximum(np.broadcast_to(leverage, n) * equity, 1e-9)
    quantity = -notional / 100.0
    return {
        "id": np.arange(1, n + 1) if ids is None else np.asarray(ids),
        "account": np.arange(1, n + 1) if ids is None else np.asarray(ids),
        "contract": np.array(["A"] * n),
        "quantity": quantity,
        "entry_price": 100.0 - w / quantity,
        "mark_price": np.full(n, 100.0),
        "bankruptcy_price": 100.0 - equity / quantity,
        "equity": equity,
        "wallet": equity - w,
        "pnl": w,
        "matured_pnl": w,
        "gain_since_default": w,
        "maintenance_margin": 0.005 * notional,
        "opened_at": np.arange(n, dtype=np.float64),
    }


@st.composite
def economies(draw, most=200, least=2, leverage=None):
    """Half of them small, with ties and zeros; half drawn from a Pareto tail of index 0.7 to 3."""
    if draw(st.booleans()):
        w = draw(st.lists(st.one_of(st.integers(0, 6).map(float), st.floats(0.01, 1e6)), min_size=least, max_size=min(8, most)))
        w = np.array(w)
    else:
        n, alpha = draw(st.integers(least, most)), draw(st.sampled_from([0.7, 1.2, 3.0]))
        generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        w = generator.random(n) ** (-1 / alpha)
        w = np.where(generator.random(n) < draw(st.sampled_from([0.0, 0.2])), 0.0, np.minimum(w, 1e9))
        if draw(st.booleans()):
            w = np.ceil(w)
    if not w.sum():
        w[0] = 1.0
    share = draw(st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(1e-9, 1)))
    if leverage is None:
        leverage = np.random.default_rng(draw(st.integers(0, 2**16))).choice([0.2, 1.0, 3.0, 20.0], len(w))
    return Economy(w, share * float(w.sum()), np.broadcast_to(leverage, len(w)))


def rule(key: str, **params) -> Policy:
    """A policy, ready."""
    return find("policies", key)(**params)


def losses(policy: Policy | str, economy: Economy, B=None, w=None, cap=None, **params) -> np.ndarray:
    """What each winner loses in wealth space, feasible or not."""
    policy = rule(policy, **params) if isinstance(policy, str) else policy
    table = economy.table if w is None else winners(w, economy.leverage)
    return taken(policy, economy.B if B is None else B, table, cap=cap, unit="wealth")


def taken(policy: Policy, amount: float, table, **keys) -> np.ndarray:
    """Amounts, feasible or not."""
    try:
        return policy.allocate(amount, Candidates.from_table(table, policy.columns(keys.get("unit"))), **keys)
    except InfeasibleBudget as error:
        return error.amounts


def every_policy() -> list[Policy]:
    """One of each registered key with its defaults, and the variants that split in another way."""
    others = [rule("contract-pro-rata", rounding=rounding) for rounding in ("none", "webster", "dhondt")]
    others += [rule("rap", power=0), rule("rap", above=1.0), rule("vector-mirror-descent", steps=3), rule("bulk-score-pro-rata", bias=1.0)]
    return (
        [rule(key) for key in names("policies")] + others + [rule("queue", score=score) for score in sorted(SCORES) if score != "generic"]
    )


def label(policy: Policy) -> str:
    """Key and parameters, for the names of tests."""
    return " ".join([policy.key, *(str(getattr(policy, name)) for name in params_of(type(policy)))])
