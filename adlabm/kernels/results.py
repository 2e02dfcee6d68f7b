"""The fund's result contract by contract, for triggers that watch each of them."""

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, C_BEARS, C_EARNED, C_TRIGGERED, FUND, K_NOW, K_RESULTS, K_TRIGGER_START, K_TRIGGER_STOP, NANO,
)  # fmt: skip
from adlabm.kernels.integers import mul_div
from adlabm.kernels.margin import profit_of
from adlabm.kernels.trading import special_row

__all__ = [
    "result_of", "peak_result", "earn", "watch_contracts",
]  # fmt: skip


def result_of(s, contract):
    """What the fund has made in a contract (micro): realised, and of its inventory at the mark."""
    return state.contracts(s)[C_EARNED, contract] + profit_of(s, special_row(s, FUND, contract))


def peak_result(s, contract):
    """Largest `result_of` over the window."""
    results, peak = (state.results(s), result_of(s, contract))
    for bucket in range(results.shape[1]):
        peak = max(peak, results[contract, bucket])
    return peak


def earn(s, contract, before):
    """Count the change of the fund's cash since it was `before` for a contract."""
    state.contracts(s)[C_EARNED, contract] += state.accounts(s)[A_BALANCE, FUND] - before


def watch_contracts(s, peak):
    """Whether the fund's result in each contract has fallen from its peak by `start` of the fund's `peak`, until the fall is below `stop`.

    Peaks are kept in buckets of ten minutes.
    """
    contracts, clock, results = (state.contracts(s), state.clock(s), state.results(s))
    bucket, count = (clock[K_NOW] // 600000, results.shape[1])
    for contract in range(contracts.shape[1]):
        now = result_of(s, contract)
        for new in range(max(clock[K_RESULTS] + 1, bucket - count + 1), bucket + 1):
            results[contract, new % count] = now
        results[contract, bucket % count] = max(results[contract, bucket % count], now)
        contracts[C_BEARS, contract] = mul_div(peak, clock[K_TRIGGER_START], NANO)
        limit = contracts[C_BEARS, contract] if contracts[C_TRIGGERED, contract] == 0 else mul_div(peak, clock[K_TRIGGER_STOP], NANO)
        contracts[C_TRIGGERED, contract] = 1 if peak > 0 and peak_result(s, contract) - now >= limit else 0
    clock[K_RESULTS] = bucket
