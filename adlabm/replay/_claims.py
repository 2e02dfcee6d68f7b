"""Published claims about the waves of 10 October 2025, each put to the tables: what they say, and whether it survives."""

from __future__ import annotations

import pandas as pd

from adlabm.replay._waves import COUNTED, ORACLE, waves_of


def claims(waves: pd.DataFrame, sums: pd.DataFrame, found: dict[str, float]) -> list[str]:
    """A Markdown line per claim."""
    by = {name: sums[sums["counted"] == name].set_index("policy") for name in COUNTED}
    first, once, left = (by[name] for name in COUNTED)
    real, ilp = waves_of(waves, "prod"), waves_of(waves, ORACLE).set_index("wave")
    fairer = {
        policy: int((waves_of(waves, policy).set_index("wave")["max_haircut"] < ilp["max_haircut"] - 1e-12).sum())
        for policy in ("pr", "pnl_pr", "eq_pr", "vector")
    }
    short = ilp[ilp["overshoot"] < -0.01]
    contract = waves_of(waves, "contract_pr")["overshoot"]
    beyond = {name: int((real["needed"] > real[f"deficit_{name.replace(' ', '_')}"]).sum()) for name in COUNTED[:2]}
    return [
        _line(
            "$45.0 M is what ADL took too much",
            bool(real["overshoot"][real["seconds"] == 0].sum() > 0),
            f"the six waves of one time stamp took {-found['net overshoot of single-stamp waves']:,.0f} too little; the"
            " ten that last 3 to 44 s"
            f" took {found['net overshoot of multi-stamp waves']:,.0f} too much, wave 13 alone"
            f" {real['overshoot'].max() / found['net overshoot at 0 ms']:.0%} of the net. The sum is right to the cent; it measures for how"
            " long prices moved on after the winners were closed",
        ),
        _line(
            "contract pro rata cuts the overshoot to $3 M",
            bool((contract > 0).any()),
            f"it takes too little in {int((contract < 0).sum())} of {len(contract)} waves, {-contract.sum():,.2f} in sum: an undershoot",
        ),
        _line(
            "about -1.5 M for contract pro rata and +50 k for the integer programme (paper v3)",
            abs(contract.sum() + 1.5e6) < 5e4 and abs(first["net"][ORACLE] - 5e4) < 5e3,
            f"the authors' own table gives {contract.sum():,.2f} and {first['net'][ORACLE]:,.2f}",
        ),
        _line(
            "the distance to the largest haircut of the integer programme is regret",
            not any(fairer.values()),
            f"it closes whole contracts; smaller ones, of policies that need not, stand in {fairer['pr']} (pro rata),"
            f" {fairer['pnl_pr']} (by profit), {fairer['eq_pr']} (by equity) and"
            f" {fairer['vector']} (vector) of {len(ilp)} waves, and it falls short of its budget in wave"
            f" {', '.join(map(str, short.index))}. Measured only where a policy is harsher, the regret of pro rata falls from"
            f" {first['fairness_regret']['pr']:,.2f} to {first['fairness_excess']['pr']:,.2f}",
        ),
        _line(
            "production loses half of what the bound allows",
            once["share_of_bound"]["prod"] <= 1 and left["share_of_bound"]["prod"] <= 1,
            f"{first['share_of_bound']['prod']:.2f} of the bound as published, {once['share_of_bound']['prod']:.2f} with the repeated loss"
            f" counted once, {left['share_of_bound']['prod']:.1f} with it left out",
        ),
        _line(
            "online gradient steps are a good way to choose severity",
            all(
                table.loc[["online-gradient"], "severity_loss"].min() < table.loc["static", "severity_loss"]
                for table in (first, once, left)
            ),
            "one constant loses less than the steps from any start, though all keep the bound (either is chosen with"
            " hindsight: the level of the"
            " one, the size of the other): "
            + "; ".join(
                f"{name} {table.loc['static', 'severity_loss'] / 1e6:.3g} M against"
                f" {table.loc[['online-gradient'], 'severity_loss'].min() / 1e6:.3g} to"
                f" {table.loc[['online-gradient'], 'severity_loss'].max() / 1e6:.3g} M"
                for name, table in by.items()
            ),
        ),
        _line(
            "$100 M were missing",
            found["waves with that loss"] <= 1,
            f"one loss of {found['largest loss of a wave']:,.2f} stands in {found['waves with that loss']:.0f} waves and makes"
            f" {found['its share of the deficit']:.1%} of the sum; counted once {once['deficit']['prod']:,.2f} are missing, without it"
            f" {left['deficit']['prod']:,.2f}. The budget needed exceeds the deficit in {beyond['as published']} of {len(real)} waves as"
            f" published, in {beyond['once']} after that",
        ),
        _line(
            "the queue took 28 times the deficit",
            found["queue excess where there is no deficit"] < 0.5 * found["queue excess by coin"],
            f"{found['queue excess where there is no deficit'] / found['queue excess by coin']:.1%} of the excess lies in clusters where"
            " nothing was missing at all: they are positions closed, not money taken",
        ),
    ]


def _line(claim: str, survives: bool, found: str) -> str:
    return f'* **{"Survives" if survives else "Does not survive"}**: "{claim}". Found: {found}.'
