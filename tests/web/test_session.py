"""What a visitor sees is what the command line computes, and looking changes nothing."""

from __future__ import annotations

import io
import json
import shlex
import threading
import zipfile

import numpy as np
import pytest

import adlabm
from adlabm.kernels import columns as col
from adlabm.reports.gauge import gauge
from adlabm.reports.tables import View, fall
from adlabm.reports.words import headline
from adlabm.verify import verify
from adlabm.web import live
from adlabm.web.choice import Choice
from adlabm.web.follow import Followed, happened
from adlabm.web.session import Session

SHORT = Choice("crash", "7", {"ticks": "40"})


def session(choice: Choice = SHORT) -> Session:
    made = Session(lambda: made.painted.set())
    made.choose(choice)
    made.reset()
    return made


@pytest.fixture(scope="module")
def ran():
    """The same market by the command line."""
    return adlabm.run("crash", seed=7, sets=["ticks=40"])


@pytest.fixture(scope="module")
def played():
    """Played to the end with everything looked at on the way."""
    made = session()
    made.follow(int(made.positions()["trader"].iloc[0]))
    while not made.over:
        made.advance(8)
        made.view(), made.positions(), made.sides(), made.rival_view()
    return made


def test_looking_changes_nothing(played, ran):
    assert played.live.model.summary()["digest"] == ran.summary["digest"]
    assert headline(played.view()) == headline(View(ran.tables))


def test_the_command_runs_the_same(ran):
    words = shlex.split(SHORT.command())
    assert words == ["adlabm", "run", "crash", "--seed", "7", "--set", "ticks=40"]
    assert Choice("crash", "7", {"fund": "a b"}).command().endswith("--set 'fund.share=a b'")


def test_an_export_of_a_market_under_way_is_the_whole_run(ran, tmp_path):
    halfway = session()
    halfway.advance(17)
    with zipfile.ZipFile(io.BytesIO(halfway.export())) as archive:
        archive.extractall(tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text())["digest"] == ran.summary["digest"]
    assert halfway.tick == 17
    assert verify(tmp_path).ok


def test_reset_starts_over(played):
    again = session()
    again.advance(5)
    first = again.view().series
    again.reset()
    assert again.tick == 0
    assert again.view().series["tick"].tolist() == [-1, -1]
    again.advance(5)
    assert again.view().series.equals(first)


def test_two_sessions_share_nothing():
    one, two = session(), session(Choice("crash", "8", {"ticks": "40"}))
    one.advance(3)
    assert (one.tick, two.tick) == (3, 0)
    two.advance(3)
    assert not one.view().series["mark"].equals(two.view().series["mark"])


def test_the_clock_waits_for_the_page():
    painted = []
    made = Session(lambda: painted.append(made.tick))
    stopping = threading.Event()
    clock = threading.Thread(target=made.keep_playing, args=(stopping,))
    clock.start()
    made.play(True)
    while made.tick == 0:
        stopping.wait(0.01)
    stopping.wait(0.3)
    assert made.tick == 1  # nobody says that the frame is painted
    made.painted.set()
    while made.tick == 1:
        stopping.wait(0.01)
    made.play(False)
    stopping.set()
    clock.join(5)
    assert not clock.is_alive()


def test_positions_are_those_of_the_traders(played):
    model, shown = played.live.model, played.positions()
    holders = [each for each in map(model.trader, sorted(set(shown["trader"]))) if each.position]
    assert len(shown) == sum(len(each.position) for each in holders)
    for trader in holders[::40]:
        mine = shown[shown["trader"] == trader.identity]
        assert mine["notional"].sum() == pytest.approx(trader.notional)
        assert mine["equity"].iloc[0] == pytest.approx(trader.equity, rel=0.5) if len(mine) > 1 else True
    assert ((shown["profit"] > 0) >= (shown["lights"] > 1)).all()


def test_lights_are_those_that_the_exchange_shows(played):
    shown, model = played.positions(), played.live.model
    again = adlabm.AdlModel.restore(model.checkpoint())
    again.exchange.refresh_lights()
    rows = again.state.positions
    owner = again.state.owners[col.O_IDENTITY, again.state.accounts[col.A_OWNER, rows[col.P_ACCOUNT]]]
    names = np.array([each.name for each in again.config.contracts])[again.state.bands[col.B_CONTRACT]]
    lit = {(int(o), str(c)): int(n) for o, c, n, held in zip(owner, names, rows[col.P_LIGHTS], rows[col.P_LOTS] != 0, strict=True) if held}
    assert {(row.trader, row.contract): row.lights for row in shown.itertuples()}.items() <= lit.items()


def test_both_sides_hold_as_much(played):
    sides = played.sides()
    assert sides.loc["long"].sum() == pytest.approx(sides.loc["short"].sum())
    assert sides.loc["long"].sum() == pytest.approx(played.live.model.open_interest / 1e6)


def test_the_past_of_a_follower_is_what_happened(played):
    watched = played.followed
    late = Followed.of(played.live.model, watched.trader)
    assert late.notes == watched.notes
    assert late.notes[-1][1] == pytest.approx(played.live.model.trader(watched.trader).equity)
    hit = played.view().traders.sort_values("adl_hits").iloc[-1]
    events = happened(played.view().events, int(hit["identity"]), most=10_000)
    assert (events["kind"] == "adl").sum() == hit["adl_hits"]


def test_notes_stay_few(monkeypatch, played):
    monkeypatch.setattr("adlabm.web.follow.MOST_NOTES", 9)
    notes = Followed.of(played.live.model, played.followed.trader).notes
    assert len(notes) <= 10
    assert [note[0] for note in notes][:2] in ([0, 4], [0, 8])


def test_figures_reach_back_so_far_and_no_further(monkeypatch):
    monkeypatch.setattr(live, "MOST_TICKS", 10)
    made = session()
    made.advance(25)
    series = made.view().series
    assert (series["tick"].min(), series["tick"].max()) == (15, 24)
    whole = adlabm.run("crash", seed=7, sets=["ticks=25"])
    assert series["mark"].tolist() == View(whole.tables).series["mark"].tolist()[-len(series) :]


def test_the_last_event_adds_up(played):
    at, steps = fall(played.view())
    amounts = dict(steps)
    events = played.view().events
    assert at == events[events["kind"].isin(("liquidation", "takeover", "adl"))]["at"].max()
    assert amounts["position"] <= amounts["market"] + amounts["fund"] + amounts["ADL"] + 1e-6


def test_the_gauge_marks_where_adl_begins():
    made = session(Choice("crash", "7", {"venue": "okx", "ticks": "40"}))
    made.advance(40)
    shown, peak = gauge(made.view(), 0.0), made.view().totals["fund_equity"].max()
    assert shown.level == pytest.approx(0.7 * peak)
    assert f"{0.3:.0%}" in shown.rule
    own = session()
    carried = float(own.sides()["fund"].sum())
    assert gauge(own.view(), carried).level == pytest.approx(own.live.model.exchange.fund_equity)


def test_a_fault_stops_the_market_and_says_why(monkeypatch):
    made = session()
    made.play(True)

    def broken():
        raise adlabm.errors.TooManyRounds("Tick 3 needs more than max_rounds = 1 rounds; raise max_rounds or round_s.")

    monkeypatch.setattr(made.live.model, "step", broken)
    made.advance(1)
    assert (made.playing, made.fault[:6]) == (False, "Tick 3")


def test_a_rival_differs_in_its_rule_alone(played):
    rival = adlabm.run("crash", seed=7, sets=["ticks=40", "adl.policy=pnl-pro-rata"])
    assert headline(played.rival_view()) == headline(View(rival.tables))
