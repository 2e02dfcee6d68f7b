"""Same scenario, same seed, same events: whatever the process, the Python, the Mesa, the CPU, and the order of rows."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import ClassVar

import mesa
import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.traders.trader import Trader
from tests.busy import TABLES, busy

ROOT = Path(__file__).resolve().parents[1]
SEED = 1
PROGRAM = f"""
import json, platform, warnings
warnings.filterwarnings("ignore", "overflow encountered", RuntimeWarning)
import mesa
from adlabm.model import AdlModel
from tests.busy import busy
tables = AdlModel(busy(), rng={SEED}, check=True).run().tables()
print(json.dumps([tables.manifest["digest"], tables.manifest["chain"], platform.python_version(), mesa.__version__]))
"""
PYTHONS = [each for each in os.environ.get("ADLABM_PYTHONS", "").split(os.pathsep) if each] or [
    found for name in ("python3.12", "python3.13") if (found := shutil.which(name))
]


def run(seed=SEED, **options):
    return AdlModel(busy(), rng=seed, **options).run()


def marks(model):
    """What two equal runs have in common: digest and chain."""
    manifest = model.tables().manifest
    return manifest["digest"], manifest["chain"]


@cache
def reference():
    return marks(run())


def start(python=sys.executable, **settings):
    """A process of its own that plays the market."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONHASHSEED"} | {"PYTHONPATH": str(ROOT)} | settings
    return subprocess.Popen([python, "-c", PROGRAM], env=env, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def answer(process):
    """(digest and chain, versions of Python and Mesa)."""
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    digest, chain, *versions = json.loads(out)
    return (digest, chain), versions


def test_the_market_is_worth_comparing():
    model = run()
    assert model.summary()["adl_events"] > 5
    assert model.summary()["liquidations"] > 5
    assert marks(run(seed=SEED + 1)) != reference()


def test_twice_in_one_process():
    assert marks(run()) == reference()


def test_checks_change_nothing():
    assert marks(run(check=True)) == reference()


def test_steps_are_a_run():
    stepped = AdlModel(busy(), rng=SEED)
    while stepped.running:
        stepped.step()
    mixed = AdlModel(busy(), rng=SEED)
    for _ in range(5):
        mixed.step()
    assert marks(stepped) == marks(mixed.run()) == reference()


def test_looking_changes_nothing():
    collector = mesa.DataCollector(
        model_reporters={"mark": lambda m: m.mark()}, agent_reporters={"equity": lambda a: getattr(a, "equity", None)}
    )
    watched = AdlModel(busy(), rng=SEED, datacollector=collector)
    for _ in range(4):
        watched.step()
        watched.summary(), watched.events_frame(), watched.balance_report()
    assert marks(watched.run()) == reference()


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_plays_no_part(seed):
    order = np.random.default_rng(seed).permutation(32)
    assert marks(run(row_order=order)) == reference()


def test_the_order_of_rows_plays_no_part_among_equals():
    """All longs alike: the same margin ratio, the same scores; only identity tells them apart."""
    alike = {"name": "alike", "count": 9, "equity": 1000.0, "pace_s": 1e9, "signal": {"rule": "side"}}
    groups = [
        {**alike, "name": "longs", "long_share": 1.0, "leverage": {"rule": "fixed", "leverage": 40.0}},
        {**alike, "name": "shorts", "long_share": 0.0, "leverage": {"rule": "fixed", "leverage": 41.0}},
    ]
    for policy in ("queue", "pnl-pro-rata", "random"):
        scenario = busy(traders=groups, adl={"policy": policy}, fund={"share": 0.0})
        expected = AdlModel(scenario, rng=SEED).run()
        assert expected.summary()["adl_events"] > 3
        backwards = AdlModel(scenario, rng=SEED, row_order=np.arange(18)[::-1]).run()
        assert marks(backwards) == marks(expected)


def test_fresh_processes_with_other_hash_seeds():
    processes = [start(PYTHONHASHSEED=seed) for seed in ("0", "1", "4242")]
    assert [answer(each)[0] for each in processes] == [reference()] * 3


def test_without_the_compiler():
    assert answer(start(NUMBA_DISABLE_JIT="1"))[0] == reference()


def without_vectors():
    """Settings of a process without the vector extensions of NumPy and the C library."""
    extensions = " ".join(name for name in __cpu_dispatch__ if __cpu_features__[name])
    tunables = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX2_Usable,-FMA_Usable,-AVX512F_Usable"
    return {"NPY_DISABLE_CPU_FEATURES": extensions, "GLIBC_TUNABLES": tunables}


def test_without_the_vector_extensions_of_numpy_and_the_c_library():
    assert answer(start(**without_vectors()))[0] == reference()


@pytest.mark.slow
@pytest.mark.parametrize(("setting", "value"), [("NUMBA_BOUNDSCHECK", "1"), ("NUMBA_CPU_NAME", "generic"), ("NUMBA_OPT", "0")])
def test_compiled_in_another_way(setting, value):
    assert answer(start(**{setting: value}))[0] == reference()


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS or [None])
def test_on_other_pythons_and_mesas(python):
    if python is None:
        pytest.skip("no other Python: put python3.12 or python3.13 on the PATH, or name interpreters in ADLABM_PYTHONS")
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    lacking = subprocess.run([python, "-c", "import adlabm.model"], env=env, capture_output=True, text=True, check=False)
    if lacking.returncode:
        pytest.skip(f"{python} cannot load adlabm: {lacking.stderr.strip().splitlines()[-1]}")
    found, versions = answer(start(python))
    assert found == reference(), versions


class TestAddedGroup:
    """A group more changes nobody else's draws; where groups do not meet (at an outside price, without lights), it changes nothing."""

    MORE: ClassVar = {
        "name": "more",
        "count": 7,
        "equity": 900.0,
        "signal": {"rule": "noise"},
        "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 1.0, "high": 30.0}},
    }

    def both(self, extra, **changes):
        groups = [{**each, "reaction": {"rule": "ignore"}} for each in TABLES["traders"]]
        return [AdlModel(busy(traders=each, **changes), rng=SEED) for each in (groups, [*groups, extra])]

    def test_traits_stay(self):
        alone, beside = self.both(self.MORE)
        n = alone.state.owners.shape[1]
        columns = [col.O_NOISE, col.O_SIDE, col.O_START, col.O_HORIZON]
        assert (alone.state.owners[columns, col.SPECIAL :] == beside.state.owners[columns, col.SPECIAL : n]).all()
        rows = alone.state.traits.shape[0]
        assert (alone.state.traits == beside.state.traits[:rows, :n]).all()
        seats = alone.state.positions.shape[1]
        assert (alone.state.positions[[col.P_CLOCK, col.P_LEVERAGE]] == beside.state.positions[[col.P_CLOCK, col.P_LEVERAGE], :seats]).all()

    def test_outcomes_stay_where_groups_do_not_meet(self):
        rich = {"share": None, "cash": 1e9, "capacity": 1000.0}
        models = self.both({**self.MORE, "opening": 0.0}, price={"formation": "external"}, fund=rich)
        alone, beside = (each.run() for each in models)
        one, other = alone.traders_frame(), beside.traders_frame()
        assert (other.group == "more").sum() == 7
        assert other[other.group == "more"].fees.sum() > 0
        one, other = (each[each.group.isin(["longs", "shorts", "crowd"])].reset_index(drop=True) for each in (one, other))
        assert one.equals(other)


def test_agents_are_the_same_on_every_mesa():
    model = AdlModel(busy(), rng=SEED)
    assert [agent.identity for agent in model.agents if isinstance(agent, Trader)] == list(range(3, 35))
