"""Rules called through their address."""

import math

import numpy as np

from adlabm.kernels.compiler import kernel
from adlabm.kernels.mathx import exp
from adlabm.kernels.rules import call_integer, call_real, compile_rule


def blend(a, b, c):
    return math.sqrt(a) + b * exp(c) if a > 0.0 else math.nan


def constant():
    return 2.5


def split(total, part):
    return total // part


def weigh(addresses, x):
    total = 0.0
    for i in range(addresses.size):
        total += call_real(addresses[i], (x, 3, True))
    return total + call_real(addresses[0], (4.0, 2.0, 0.0))


def nothing(address):
    return call_real(address, ())


def share(address, a, b):
    return call_integer(address, (a, b))


def test_a_kernel_calls_rules_through_an_array_of_addresses():
    address = compile_rule(blend, "real")
    got = kernel(weigh)(np.array([address, address]), 9.0)
    assert got == 2 * (3.0 + 3.0 * exp(1.0)) + 4.0


def test_a_rule_without_arguments():
    assert kernel(nothing)(compile_rule(constant, "real")) == 2.5


def test_integer_rules_floor_and_keep_all_bits():
    address = compile_rule(split, "integer")
    run = kernel(share)
    assert run(address, -7, 2) == -4
    assert run(address, 2**62 - 1, 1) == 2**62 - 1


def test_a_rule_is_compiled_once_per_kind():
    assert compile_rule(constant, "real") == compile_rule(constant, "real")
    assert compile_rule(constant, "real") != compile_rule(blend, "real")
