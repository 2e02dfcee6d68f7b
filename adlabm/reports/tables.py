"""The tables of a report: who was liquidated, who was deleveraged, where the positions and the losses went.

Money is shown, not booked, here: floats in quote currency. The exact numbers are in the files of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from adlabm.metrics.who import BANDS, by_lights
from adlabm.sweep.store import RunTables

HORIZONS = {"markout_5m": ("5 min", 300), "markout_1h": ("1 h", 3600), "markout_24h": ("24 h", 86400)}
_MONEY = ["liquidated_notional", "adl_notional", "haircut", *HORIZONS]


@dataclass(frozen=True)
class View:
    """A run as data frames with floats, for showing.

    Attributes:
        run: the tables as written.
        live: whether it is still under way: figures then show all of it and do not look for the stretch worth showing.
    """

    run: RunTables
    live: bool = False

    @cached_property
    def traders(self) -> pd.DataFrame:
        """Traders alone, without the maker and ring-fenced accounts."""
        rows = frame(self.run.traders)
        return rows[rows["type"] == "trader"].reset_index(drop=True)

    @cached_property
    def events(self) -> pd.DataFrame:
        """Events with `notional` = |quantity| x price and the clock time `at`."""
        rows = frame(self.run.events)
        rows["notional"] = (rows["quantity"].astype(float) * rows["price"].astype(float)).abs()
        rows["at"] = self.start + pd.to_timedelta(rows["time"].astype("int64"), unit="ms")
        return rows

    @cached_property
    def series(self) -> pd.DataFrame:
        """Series with the clock time `at` of the end of each tick."""
        rows = frame(self.run.series)
        rows["at"] = self.start + pd.to_timedelta((rows["tick"] + 1) * self.tick_ms, unit="ms")
        return rows

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Series over all contracts, one row per tick: open interest, fund, volumes."""
        summed = self.series.groupby("tick")[["open_interest", "open_interest_ex_maker", "liquidated", "deleveraged"]].sum()
        return summed.join(self.series.groupby("tick")[["at", "fund_equity", "fund_cash"]].first()).reset_index()

    @property
    def scenario(self) -> dict[str, Any]:
        return self.run.scenario

    @property
    def start(self) -> pd.Timestamp:
        moment = pd.Timestamp(self.scenario.get("start", "2025-10-10T00:00:00Z"))
        return moment.tz_convert(None) if moment.tzinfo else moment

    @property
    def tick_ms(self) -> int:
        return round(float(self.scenario.get("tick_s", 60)) * 1000)

    @property
    def contracts(self) -> list[str]:
        return list(dict.fromkeys(self.run.series["contract"].to_pylist()))

    def number(self, key: str) -> float:
        """A number of the summary as a float; nan when it is null or absent."""
        value = self.run.summary.get(key)
        return float("nan") if value is None else float(value)

    def of_kind(self, kind: str) -> pd.DataFrame:
        return self.events[self.events["kind"] == kind]


def frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a data frame in which money is a float."""
    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.float64()))
    return table.to_pandas()


def burden(traders: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """What liquidations and ADL did to each group.

    Columns: `traders`, `liquidated` and `deleveraged` (how many at least once), their shares `liquidated_share` and `deleveraged_share`,
    the money columns, and as basis points of what ADL closed `haircut_bp` and `markout_*_bp` (nan where nothing was closed or the run
    ended first).
    """
    rows = traders[_MONEY].astype(float).assign(traders=1, liquidated=traders["liquidations"] > 0, deleveraged=traders["adl_hits"] > 0)
    for name in HORIZONS:
        rows[f"{name}_of"] = rows["adl_notional"].where(rows[name].notna(), 0.0)
    table = rows.groupby(group, observed=True).sum()
    for name in ("liquidated", "deleveraged"):
        table[f"{name}_share"] = table[name] / table["traders"]
    with np.errstate(divide="ignore", invalid="ignore"):
        table["haircut_bp"] = 1e4 * table["haircut"] / table["adl_notional"].replace(0, np.nan)
        for name in HORIZONS:
            table[f"{name}_bp"] = 1e4 * table[name] / table[f"{name}_of"].replace(0, np.nan)
    return table


def by_leverage(view: View) -> pd.DataFrame:
    """`burden` by leverage at entry, lowest band first; traders who never held a position are left out."""
    held = view.traders[view.traders["leverage_entry"].notna()]
    bands = pd.cut(held["leverage_entry"].astype(float), list(BANDS), include_lowest=True, labels=[*map(_band, BANDS[:-1], BANDS[1:])])
    return burden(held, bands)


def by_profit_taking(view: View) -> pd.DataFrame:
    """`burden` by profit-taking rule, in alphabetical order."""
    return burden(view.traders, view.traders["profit_taking"].fillna("none"))


def lights(view: View) -> pd.Series:
    """Share of the deleveraged notional whose holder saw 1 to 5 lights just before."""
    return by_lights(view.of_kind("adl"))["notional_share"].reindex(range(1, 6), fill_value=0.0).fillna(0.0)


def steps(view: View) -> list[tuple[str, float, str]]:
    """The waterfall in money terms: what became of the positions of liquidated traders, and who bore the rest. Label, amount, remark."""
    taken, adl = view.of_kind("takeover"), view.of_kind("adl")
    from_fund = adl[adl["counterparty"] == 0]["notional"].sum()
    note = f", {short(from_fund)} of it out of the fund's hands" if from_fund else ""
    drawn, gained = (view.of_kind(kind)["amount"].sum() for kind in ("fund_draw", "fund_gain"))
    return [
        ("Closed in the market", view.of_kind("liquidation")["notional"].sum(), "forced orders that found a buyer or seller"),
        ("Taken over by the fund", taken["notional"].sum(), "at the bankruptcy price of the liquidated trader"),
        (
            "Deleveraged (ADL)",
            adl["notional"].sum(),
            f"crossed with traders on the winning side{note}",
        ),
        ("Earned by the fund", gained, "what liquidations left above zero"),
        ("Paid by the fund", drawn, "what liquidations lost below zero"),
        ("Haircut of the deleveraged", view.number("haircut"), "against keeping the position at that moment's mark"),
        ("Loss nobody covered", view.number("uncovered_loss"), "written off, an entry in the books of its own"),
    ]


def fall(view: View) -> tuple[pd.Timestamp | None, list[tuple[str, float]]]:
    """The last tick with forced orders: its time, and what became of the positions, in quote currency.

    What ADL took out of the fund's hands was taken over before, so it is no new position.
    """
    forced = view.events[view.events["kind"].isin(("liquidation", "takeover", "adl"))]
    tick = forced["tick"].iloc[-1] if len(forced) else -1
    rows = view.events[view.events["tick"] == tick]
    market, fund, adl = (float(rows.loc[rows["kind"] == kind, "notional"].sum()) for kind in ("liquidation", "takeover", "adl"))
    carried = float(rows.loc[(rows["kind"] == "adl") & (rows["counterparty"] == 0), "notional"].sum())
    lost = float(rows.loc[rows["kind"] == "uncovered_loss", "amount"].sum())
    steps = [("position", market + fund + adl - carried), ("market", market), ("fund", fund), ("ADL", adl), ("uncovered", lost)]
    return (forced["at"].iloc[-1] if len(forced) else None), steps


def hardest_hit(view: View, rows: int = 10) -> pd.DataFrame:
    """The traders from whom ADL took most."""
    hit = view.traders[view.traders["adl_hits"] > 0]
    columns = ["identity", "group", "profit_taking", "leverage_entry", "lights_before", "adl_hits", "adl_notional", "haircut", "markout_1h"]
    return hit.sort_values(["adl_notional", "identity"], ascending=[False, True], kind="stable").head(rows)[columns]


def every_adl(view: View) -> pd.DataFrame:
    """One row per ADL: who was deleveraged, who was bankrupt, the fund's equity at the trigger, price, mark, haircut, markout after an
    hour (nan if the run ends first).
    """
    rows = view.of_kind("adl").copy()
    triggers = view.of_kind("adl_trigger").groupby(["tick", "round", "trader", "contract"])["amount"].last()
    rows["fund"] = triggers.reindex(pd.MultiIndex.from_frame(rows[["tick", "round", "counterparty", "contract"]])).to_numpy()
    marks = view.series.set_index(["contract", "tick"])["mark"]
    ahead = rows["tick"] + HORIZONS["markout_1h"][1] * 1000 // view.tick_ms
    later = marks.reindex(pd.MultiIndex.from_arrays([rows["contract"], ahead])).to_numpy()
    rows["markout_1h"] = -rows["quantity"] * (later - rows["price"])
    rows["bankrupt"] = ["fund" if c == 0 else "" if pd.isna(c) else f"{c:.0f}" for c in rows["counterparty"]]
    columns = ["at", "contract", "trader", "bankrupt", "fund", "quantity", "price", "mark", "amount", "markout_1h", "lights", "rank"]
    return rows[columns].rename(columns={"amount": "haircut"})


def short(amount: float) -> str:
    """Money in three to four figures: 34.57 M, 164.4 k, 142.3."""
    if not np.isfinite(amount):
        return "n/a"
    for size, letter in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(amount) >= 0.9995 * size:
            return f"{amount / size:.{2 if abs(amount) < 99.95 * size else 1}f}{letter}".replace("-", "\N{MINUS SIGN}")
    return f"{amount:.2f}".replace("-", "\N{MINUS SIGN}") if amount else "0"


def _band(low: float, high: float) -> str:
    if low == 0:
        return f"up to {high:g}x"
    return f"over {low:g}x" if np.isinf(high) else f"{low:g}x to {high:g}x"
