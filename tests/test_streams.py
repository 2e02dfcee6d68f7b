"""Counter-based streams: fixed numbers, independence of order and neighbours, distribution."""

import numpy as np
import pytest
from scipy import stats

from adlabm.errors import BadInput
from adlabm.kernels.mathx import normal
from adlabm.kernels.philox import draw2
from adlabm.streams import STREAMS_VERSION, RunKey, Stream, counter_word, name_word, normals, uniforms

KEY = RunKey.from_seed(1)


def test_version_1_is_fixed():
    assert STREAMS_VERSION == 1
    assert [(stream.name, stream.value) for stream in Stream] == [
        ("POPULATION", 1),
        ("INDEX", 2),
        ("DECISION", 3),
        ("WAIT", 4),
        ("OPENING", 5),
        ("TWINS", 6),
        ("POLICY", 7),
    ]
    assert KEY == (2165419297, 986970880)
    assert name_word("degens") == 4164813105
    assert uniforms(KEY, Stream.POPULATION, name_word("degens"), [0, 1], tick=5, draw=2).tolist() == [
        0.4440198121814293,
        0.42081094749925774,
    ]


def test_a_number_depends_on_its_counter_alone():
    word = name_word("degens")
    several = uniforms(KEY, Stream.WAIT, word, np.arange(100), tick=3)
    assert several[41] == uniforms(KEY, Stream.WAIT, word, [41], tick=3)[0]
    assert several[41] == draw2(41, word, 3, counter_word(Stream.WAIT), *KEY)[0]
    assert normals(KEY, Stream.WAIT, word, [41], tick=3)[0] == normal(several[41])


def test_every_part_of_the_counter_matters():
    one = [
        uniforms(key, stream, word, [index], tick, draw)[0]
        for key in (KEY, RunKey.from_seed(2))
        for stream in (1, 2)
        for word in (1, 2)
        for index in (0, 1)
        for tick in (0, 1)
        for draw in (0, 1)
    ]
    assert len(set(one)) == 64


def test_distribution():
    word = name_word("whales")
    assert stats.kstest(uniforms(KEY, 1, word, np.arange(20_000)), "uniform").pvalue > 1e-3
    assert stats.kstest(normals(KEY, 1, word, np.arange(20_000), draw=1), "norm").pvalue > 1e-3


def test_no_indices_no_numbers():
    assert uniforms(KEY, 1, 1, []).shape == (0,)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "1", None, True])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(BadInput, match=r"whole number from 0 to 2\^64 - 1"):
        RunKey.from_seed(seed)


def test_seeds_from_0_to_the_top():
    keys = {RunKey.from_seed(seed) for seed in (0, 1, 2**32, 2**63, 2**64 - 1)}
    assert len(keys) == 5
    assert RunKey.from_seed(np.int64(1)) == KEY
    assert all(0 <= word < 2**32 for key in keys for word in key)


@pytest.mark.parametrize("arguments", [([-1], 0, 0), ([2**32], 0, 0), ([0], -1, 0), ([0], 2**32, 0), ([0], 0, 65536), ([0], 0, -1)])
def test_counters_out_of_range_are_refused(arguments):
    with pytest.raises(BadInput):
        uniforms(KEY, 1, 1, *arguments)
