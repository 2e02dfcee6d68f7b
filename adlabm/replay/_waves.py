"""The arithmetic of the waves: deficits with a repeated loss counted in three ways, policies wave by wave, totals, figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adlabm.metrics.fairness_regret import fairness_regret
from adlabm.metrics.overshoot import overshoot
from adlabm.metrics.rank_stability import rank_stability
from adlabm.metrics.regret import regret
from adlabm.metrics.severity import severity
from adlabm.registry import find
from adlabm.replay._day import Day
from adlabm.severity.base import Round

HORIZONS = (0, 500, 1000, 2000, 5000)
STARTS = (0.0, 0.25, 0.5, 0.75, 1.0)
ORACLE = "fixed_point_ilp_integer"
COUNTED = ("as published", "once", "left out")


def deficits(losers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Deficit by wave with the loss that recurs most often counted as published, in its first wave only, and nowhere."""
    total, largest = losers["deficit_usd"].to_numpy(), losers["max_loss_usd"].to_numpy()
    cents = np.round(largest, 2)
    values, times = np.unique(cents, return_counts=True)
    same = cents == values[times.argmax()]
    again = same & (np.cumsum(same) > 1)
    return {name: np.maximum(total - largest * rows, 0.0) for name, rows in zip(COUNTED, (np.zeros_like(same), again, same), strict=True)}


def by_wave(day: Day) -> pd.DataFrame:
    """One row per policy, horizon and wave; horizons beyond 0 exist for production only."""
    table, losers = day.table("policies"), day.table("losers")
    debts = {f"deficit_{name.replace(' ', '_')}": values for name, values in deficits(losers).items()}
    seconds = (losers["t_end_ms"] - losers["t_start_ms"]).to_numpy() / 1000
    parts = []
    for policy in sorted(name.removeprefix("budget_") for name in table if f"max_pct_{name.removeprefix('budget_')}" in table):
        worst = table[f"max_pct_{policy}"]
        gap = (worst - table[f"max_pct_{ORACLE}"]) * table["budget_needed"]
        own = {"max_haircut": worst, "fairness_regret": gap.abs(), "fairness_excess": gap.clip(lower=0)}
        parts.append(_waves(policy, 0, table["wave"], seconds, table["budget_needed"], table[f"budget_{policy}"]).assign(**own, **debts))
    for horizon in HORIZONS[1:]:
        later = day.table("horizons", horizon)
        waves = _waves("prod", horizon, later["wave"], seconds, later["budget_needed_usd"], later["budget_prod_usd"])
        parts.append(waves.assign(max_haircut=np.nan, fairness_regret=np.nan, fairness_excess=np.nan, **debts))
    return pd.concat(parts, ignore_index=True)


def _waves(policy: str, horizon: int, wave: pd.Series, seconds: np.ndarray, needed: pd.Series, produced: pd.Series) -> pd.DataFrame:
    columns = {"policy": policy, "horizon_ms": horizon, "wave": wave, "seconds": seconds, "needed": needed, "produced": produced}
    return pd.DataFrame(columns).assign(overshoot=produced - needed)


def totals(waves: pd.DataFrame) -> pd.DataFrame:
    """One row per way to count the repeated loss and per policy, and per severity rule: losses, path, bound.

    `severity_loss` is sum D |theta - theta*|, both capped at 1; waves without a deficit have no severity and are left out of it.
    """
    rows = []
    for counted in COUNTED:
        for policy, own in waves[waves["horizon_ms"] == 0].groupby("policy"):
            debt = own[f"deficit_{counted.replace(' ', '_')}"].to_numpy()
            some = debt > 0
            target = severity(own["needed"][some], debt[some])["capped"]
            chosen = regret(severity(own["produced"][some], debt[some])["capped"], target, debt[some])
            errors = overshoot(own["needed"], own["produced"])
            fair = fairness_regret(own["max_haircut"], waves_of(waves, ORACLE)["max_haircut"], own["needed"])
            loss = errors["tracking"] + fair["absolute"]
            money = {name: errors[name] for name in ("net", "overshoot", "undershoot", "tracking")}
            money |= {"fairness_regret": fair["absolute"], "fairness_excess": fair["excess"], "total": loss}
            rows.append(_total(counted, str(policy), np.nan, chosen, debt) | money | {"share_of_bound": loss / chosen["bound"]})
        best = chosen["best_constant"]
        levels = {("static", best): np.full(some.sum(), best)}
        rate = chosen["bound"] / float((debt**2).sum())
        levels |= {("online-gradient", start): gradient(start, target, debt[some], rate) for start in STARTS}
        rows += [_total(counted, rule, first, regret(theta, target, debt[some]), debt) for (rule, first), theta in levels.items()]
    return pd.DataFrame(rows)


def _total(counted: str, policy: str, theta: float, chosen: dict[str, float], debt: np.ndarray) -> dict[str, object]:
    row = {"counted": counted, "policy": policy, "theta": theta, "severity_loss": chosen["dynamic"], "deficit": float(debt.sum())}
    return row | {"root_square_deficit": float(np.sqrt((debt**2).sum())), "path": chosen["path"], "bound": chosen["bound"]}


def gradient(start: float, target: np.ndarray, debt: np.ndarray, rate: float) -> np.ndarray:
    """The severities of online gradient steps that learn each target afterwards."""
    rule = find("severities", "online-gradient")(share=start, rate=rate)
    return np.array([rule.budget(Round(float(d), needed=float(best * d))) / d for best, d in zip(target, debt, strict=True)])


def waves_of(waves: pd.DataFrame, policy: str, horizon: int = 0) -> pd.DataFrame:
    """The rows of one policy at one horizon, by wave."""
    return waves[(waves["policy"] == policy) & (waves["horizon_ms"] == horizon)]


def recomputed(day: Day, waves: pd.DataFrame, sums: pd.DataFrame) -> dict[str, float]:
    """Every published figure from the tables, by its name in `_published.FIGURES`."""
    real, losers, clusters, after = waves_of(waves, "prod"), day.table("losers"), day.table("clusters"), day.table("reactions")
    prod = sums[(sums["counted"] == COUNTED[0]) & (sums["policy"] == "prod")].iloc[0]
    net = sums[sums["counted"] == COUNTED[0]].set_index("policy")["net"]
    debt = real["deficit_as_published"]
    made, wanted = severity(real["produced"], debt), severity(real["needed"], debt)
    same = losers["max_loss_usd"].round(2) == losers["max_loss_usd"].round(2).mode()[0]
    found = {
        "budget needed": real["needed"].sum(),
        "budget produced": real["produced"].sum(),
        "overshoot, waves over": prod["overshoot"],
        "undershoot, waves under": prod["undershoot"],
        "produced over needed": real["produced"].sum() / real["needed"].sum(),
        "deficit": prod["deficit"],
        "severity of production, mean, capped": made["capped"].mean(),
        "severity needed, mean, capped": wanted["capped"].mean(),
        "largest severity of production": made["uncapped"].max(),
        "waves with needed above deficit": (real["needed"] > debt).sum(),
        "waves with produced above deficit": (real["produced"] > debt).sum(),
        "rank correlation of duration and overshoot": rank_stability([real["seconds"], real["overshoot"]]),
        "ADL rows in the waves": losers["n_rows"].sum(),
        "largest loss of a wave": losers["max_loss_usd"].max(),
        "waves with that loss": same.sum(),
        "its share of the deficit": losers["max_loss_usd"][same].sum() / prod["deficit"],
        "tracking of production": prod["tracking"],
        "fairness regret of production": prod["fairness_regret"],
        "total loss of production": prod["total"],
        "path length": prod["path"],
        "square root of the summed squared deficits": prod["root_square_deficit"],
        "bound": prod["bound"],
        "total loss of production over the bound": prod["share_of_bound"],
        "net overshoot of contract pro rata": net["contract_pr"],
        "net overshoot of contract pro rata, paper v3": net["contract_pr"],
        "net overshoot of the integer programme, paper v3": net[ORACLE],
        "accounts followed afterwards": len(after),
        "their ADL fills": after["n_adl_events"].sum(),
        "accounts with one fill": (after["n_adl_events"] == 1).sum(),
        "accounts that traded within 60 s": (after["share_any_nonadl_fill_60000ms"] > 0).sum(),
        "mean share undone within 60 s": after["mean_undo_frac_60000ms"].mean(),
        **_clusters(clusters),
    }
    found |= {f"net overshoot at {horizon} ms": waves_of(waves, "prod", horizon)["overshoot"].sum() for horizon in HORIZONS}
    for name, rows in (("single", real["seconds"] == 0), ("multi", real["seconds"] > 0)):
        found |= {f"{column} in {name}-stamp waves": real[column][rows].sum() for column in ("needed", "produced")}
        found[f"net overshoot of {name}-stamp waves"] = real["overshoot"][rows].sum()
    return found


def _clusters(clusters: pd.DataFrame) -> dict[str, float]:
    """The queue diagnostic: positions closed coin by coin against deficits coin by coin."""
    gap = overshoot(clusters["deficit_usd"], clusters["budget_queue_usd"])
    idle = clusters["budget_queue_usd"][clusters["deficit_usd"] == 0].sum()
    by_coin = clusters.groupby("coin")["overshoot_queue_usd"].sum()
    return {
        "clusters by coin": len(clusters),
        "clusters by coin without a deficit": (clusters["deficit_usd"] == 0).sum(),
        "deficit by coin": clusters["deficit_usd"].sum(),
        "capacity of winners by coin": clusters["total_capacity_usd"].sum(),
        "queue budget by coin": clusters["budget_queue_usd"].sum(),
        "queue excess by coin": gap["overshoot"],
        "queue residual by coin": gap["undershoot"],
        "queue excess over deficit": gap["overshoot"] / clusters["deficit_usd"].sum(),
        "queue excess where there is no deficit": idle,
        "its share of the excess": idle / gap["overshoot"],
        "coins": len(by_coin),
        **{f"queue excess, {coin}": by_coin[coin] for coin in ("ETH", "XPL", "SOL", "FARTCOIN", "BTC")},
    }
