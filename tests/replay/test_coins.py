"""Pools by coin: who cannot pay, how haircuts spread, and what is left without the non-commercial tables."""

import matplotlib
import numpy as np
import pytest

from adlabm.replay.accounts import accounts
from adlabm.replay.coins import FEW, PUBLISHED, by_coin, coins, profits
from adlabm.replay.waves import waves


def test_seven_coins_cannot_pay(full):
    table = by_coin(full)
    assert table.loc[~table["feasible"], "coin"].tolist() == ["ALT", "GMX", "GOAT", "HYPER", "SCR", "TRB", "ZETA"]
    assert len(table) == 162
    assert table["needed"].sum() == pytest.approx(15_079_669.61, abs=0.01)
    assert table["deficit"].sum() == pytest.approx(23_191_104.48, abs=0.01)
    assert table["residual"].sum() == pytest.approx(16_690_263.85, abs=0.01)


def test_published_spread(full):
    text = "\n".join(profits(full, by_coin(full)))
    found = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.split("\n") if line.startswith("| n") or "coin" in line]
    values = {row[0]: float(row[2].replace(",", "")) for row in found if row and row[0] in PUBLISHED}
    assert values["coins without profit to give"] == 7
    assert values["haircut of the coin at 95 % over that at 5 %"] == pytest.approx(22, abs=0.5)
    assert values["needed over notional, all coins, basis points"] == pytest.approx(71.7, abs=0.05)
    assert values["notional inside the waves, US dollars"] == pytest.approx(1_466.3e6, abs=0.05e6)


def test_clusters_that_cannot_pay(folder):
    """170 of 1,125: in most there is no deficit."""
    told = (
        "1,125 clusters of one coin each; 170 have a deficit and 65 of these cannot pay it (16,690,263.85 of 23,191,104.48 stay uncovered"
    )
    assert told in coins(folder).text


def test_small_coins_do_not_tell_their_accounts(full, folder):
    written = coins(folder).tables["coins"].set_index("coin")
    users = full.table("coins").set_index("coin")["num_users"].reindex(written.index)
    assert written.loc[users < FEW, "haircut"].isna().all()
    assert written.loc[(users >= FEW) & written["feasible"], "haircut"].notna().all()
    assert "all_haircuts" not in written


def test_half_of_it_works_with_the_mit_tables_alone(folder, tmp_path):
    (tmp_path / "adl_2025_10_10").mkdir()
    (tmp_path / "adl_2025_10_10" / "mit").symlink_to(folder / "adl_2025_10_10" / "mit")
    found = coins(tmp_path)
    assert "Left out: the accounts and coins deleveraged that day (https://github.com/ConejoCapital/HyperReplay" in found.text
    assert "65 of these cannot pay it" in found.text
    assert not any("HyperReplay" in notice for notice in found.notices)
    table = found.tables["coins"]
    assert np.isnan(table["haircut"].to_numpy()).all()
    assert table["feasible"].isna().all()


@pytest.mark.parametrize("replay", [coins, waves, accounts])
def test_drawing_leaves_the_settings_of_others_alone(full, folder, replay):
    with matplotlib.rc_context({"lines.linewidth": 7.0}):
        before = dict(matplotlib.rcParams)
        widths = [line.get_linewidth() for _, figure in replay(folder).figures.values() for axes in figure.axes for line in axes.lines]
        assert dict(matplotlib.rcParams) == before
    assert 7.0 not in widths
