"""The accounts: splits against formulas, phantom winners, and that no ranking is printed that reverses."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from adlabm.replay import _accounts as rows_of
from adlabm.replay._accounts import MEASURES, measured, redistribution, splits, tiers, winners
from adlabm.replay.accounts import PHANTOMS, TITLE, budgets
from adlabm.sweep.store import read_table
from tests.replay.conftest import ROOT

RESULTS = ROOT / "results" / "replay-accounts"
TOY = pd.DataFrame(
    {
        "user": ["0xc", "0xa", "0xb", "0xd"],
        "adl_notional": [100.0, 50.0, 40.0, 10.0],
        "closed_pnl": [8.0, 4.0, 4.0, -1.0],
        "leverage_realtime": [2.0, 1.0, 1.0, 9.0],
        "pnl_percent": [8.0, 8.0, 8.0, -10.0],
        "account_value_realtime": [50.0, 50.0, -3.0, 1.0],
    }
)


@pytest.fixture(scope="module")
def kept():
    return read_table(RESULTS / "accounts.parquet").to_pandas()


def given(table, amount):
    return {(policy, score): split(amount) for policy, score, split in splits(table)}


def test_ties_go_to_the_lower_address():
    found = given(winners(TOY, 0.0), 10.0)
    assert found["queue", "generic"].tolist() == [2.0, 0.0, 8.0, 0.0]  # 0xa, 0xb, 0xc, 0xd; the loser has nothing to give
    assert found["greedy-risk", None].tolist() == [2.0, 0.0, 8.0, 0.0]
    assert found["queue", "pnl"].tolist() == [2.0, 0.0, 8.0, 0.0]
    assert found["pnl-pro-rata", None] == pytest.approx([2.5, 2.5, 5.0, 0.0])
    assert found["levelling", None] == pytest.approx([2.0, 2.0, 6.0, 0.0])


@pytest.mark.parametrize("phantom", PHANTOMS)
def test_everything_adds_up_whatever_stands_behind(phantom):
    table = winners(TOY, phantom)
    assert table["pnl"].sum() == pytest.approx(16.0 * (1 + phantom))
    assert table["observed"].sum() == len(TOY)
    assert table["pnl"][table["observed"]].tolist() == [4.0, 4.0, 8.0, 0.0]
    for split in given(table, 10.0).values():
        assert split.sum() == pytest.approx(10.0)
        assert (split <= table["pnl"] + 1e-12).all()


def test_the_order_of_rows_does_not_matter():
    assert redistribution(TOY, {"b": 7.0}, (0.0, 1.0)).equals(redistribution(TOY[::-1], {"b": 7.0}, (0.0, 1.0)))


def test_one_likeness_of_everybody_halves_the_burden_of_rules_without_ranks():
    alone, beside = given(winners(TOY, 0.0), 5.0), given(table := winners(TOY, 1.0), 10.0)
    for key in ("pnl-pro-rata", "equity-pro-rata", "levelling", "constrained-equal-losses", "talmud", "rap", "socialised-loss"):
        assert beside[key, None][table["observed"]] == pytest.approx(alone[key, None]), key


def test_measures_by_hand():
    row = measured(np.array([8.0, 4.0, 0.5, 0.0]), np.array([4.5, 0.0, 0.5, 0.0]))
    assert row == pytest.approx(
        {
            "touched": 2,
            "wiped": 1,
            "max_haircut": 1.0,
            "top10_share": 1.0,
            "gini_loss": (3 * 4.5 + 0.5) / (4 * 5.0),
            "hhi_loss": 0.82,
            "jain_loss": 1 / (4 * 0.82),
            "top_winner_haircut": 4.5 / 8,
            "gini_survivors": (3 * 4.0 + 3.5) / (4 * 7.5),
            "inversions": 1 / 3,
        }
    )
    assert tuple(row) == MEASURES


def test_a_ranking_that_reverses_is_not_printed():
    cells = [(0.0, 1.0), (0.0, 2.0), (5.0, 1.0)]
    values = {"pnl-pro-rata": [1, 1, 1], "levelling": [2, 3, 2], "talmud": [3, 2, 3], "rap": [4, 4, 4], "random-arrival": [0, 9, 0]}
    rows = pd.DataFrame(
        {"policy": policy, "score": None, "budget": budget, "phantom": phantom, "touched": value}
        for policy, column in values.items()
        for (phantom, budget), value in zip(cells, column, strict=True)
    )
    assert tiers(rows, "touched") == [["pnl-pro-rata"], ["levelling", "talmud"], ["rap"]]
    level = rows.assign(touched=lambda t: 5.0 + 1e-12 * t["touched"])
    assert len(tiers(level, "touched")) == 1


def test_the_real_burden(full, kept):
    """One budget, nobody behind: what formulas say, without the policies' code."""
    amounts = budgets(full)
    assert list(amounts.values()) == pytest.approx([15_079_669.61, 12_657_729.41, 23_191_104.48, 100_063_386.69], abs=0.01)
    rows = redistribution(full.table("accounts"), {"needed": amounts["needed"]}, (0.0,))
    same = kept[(kept["phantom"] == 0) & np.isclose(kept["budget"], amounts["needed"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, rows, check_dtype=False, rtol=1e-9)
    found = rows.set_index("policy")
    profit = full.table("accounts")["closed_pnl"].clip(lower=0).to_numpy()
    assert profit.sum() == pytest.approx(834_554_147.76, abs=0.01)
    even = found.loc["pnl-pro-rata"]
    assert even[["touched", "wiped", "inversions"]].tolist() == [19_230, 0, 0]
    assert even["max_haircut"] == pytest.approx(amounts["needed"] / profit.sum(), rel=1e-12)
    assert even[["gini_loss", "gini_survivors"]].tolist() == pytest.approx([0.980580, 0.980580], abs=1e-6)
    assert [even["top10_share"], 1 / even["hhi_loss"]] == pytest.approx([0.4030, 49.2], abs=0.05)
    flat = found.loc["constrained-equal-losses"]
    low, high = 0.0, profit.max()
    for _ in range(200):
        level = (low + high) / 2
        low, high = (level, high) if np.minimum(profit, level).sum() < amounts["needed"] else (low, level)
    assert flat["wiped"] == (profit[profit > 0] <= level).sum()
    assert flat["top_winner_haircut"] == pytest.approx(level / profit.max(), rel=1e-9)
    assert found.loc["levelling", "touched"] == 3
    assert found.loc["vector-mirror-descent", "hhi_loss"] > 4 * even["hhi_loss"]  # the rule meant to spread concentrates


def test_what_was_written(kept):
    assert list(kept.columns) == ["policy", "score", "budget", "phantom", *MEASURES]
    assert sorted(kept["phantom"].unique()) == list(PHANTOMS)
    assert kept["budget"].nunique() == 4
    assert not kept.duplicated(["policy", "score", "budget", "phantom"]).any()
    assert len(kept) == 20 * len(kept[["policy", "score"]].drop_duplicates())
    able = [key for key, lacking in rows_of.wealth_policies().items() if not lacking]
    assert {"queue", *able} == set(kept["policy"])


def test_nothing_written_names_an_account():
    text = (RESULTS / "README.md").read_text() + (RESULTS / "manifest.json").read_text()
    assert TITLE in text
    assert "Powered by HyperReplay" in text
    assert not re.search(r"0x[0-9a-f]{6}", text)


def test_no_printed_ranking_reverses(kept):
    """The lines of the README, read back and tried on every pair of rules in every cell."""
    pairs = zip(kept["policy"], kept["score"], strict=True)
    kept = kept.assign(rule=[f"{policy} ({score})" if isinstance(score, str) else policy for policy, score in pairs])
    lines = re.findall(r"^\* `(\w+)`: (.*)$", (RESULTS / "README.md").read_text(), re.M)
    assert [measure for measure, _ in lines] == list(MEASURES)
    tried = 0
    for measure, text in lines:
        groups = [group.split(", ") for group in re.findall(r"\{([^}]*)\}", text)]
        cells = kept.pivot(index=["budget", "phantom"], columns="rule", values=measure)
        for number, group in enumerate(groups):
            for low in group:
                for high in (rule for later in groups[number + 1 :] for rule in later):
                    assert (cells[low] < cells[high]).all(), (measure, low, high)
                    tried += 1
    assert tried > 100
    assert math.isfinite(kept[list(MEASURES)].to_numpy().sum())
