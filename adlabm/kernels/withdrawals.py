"""Withdrawals while losses are open: free, stopped, or charged; and what the fund pays back of such losses."""

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, CHARGED, FREE, FUND, GATED, G_ISOLATED, K_RECOVERABLE, K_UNCOVERED, K_WITHDRAWALS, O_DEPOSITS, O_GROUP,
    O_SEATS, O_START, O_WALLET, SPECIAL, UNCOVERED_LOSS, WRITTEN_OFF,
)  # fmt: skip
from adlabm.kernels.integers import mul_div_up
from adlabm.kernels.ledger import conserved, deposit, event, post
from adlabm.kernels.margin import equity_of

__all__ = [
    "claims", "withdraw", "settle_loss", "repay",
]  # fmt: skip


def claims(s, profits):
    """Sum of what traders own (micro), or, with `profits`, of what each of them owns beyond its deposits."""
    owners, groups, total = (state.owners(s), state.groups(s), 0)
    for owner in range(SPECIAL, owners.shape[1]):
        group, worth = (owners[O_GROUP, owner], 0)
        for account in range(owners[O_WALLET, owner], owners[O_WALLET, owner] + 1 + groups[G_ISOLATED, group] * owners[O_SEATS, owner]):
            worth += equity_of(s, account)
        total += max(worth - (owners[O_START, owner] + owners[O_DEPOSITS, owner] if profits else 0), 0)
    return total


def settle_loss(s, account, owner, amount):
    """An account pays `amount` (micro) of the losses that are open: a negative row of uncovered loss."""
    post(s, account, -amount, WRITTEN_OFF)
    state.clock(s)[K_UNCOVERED] -= amount
    event(s, UNCOVERED_LOSS, owner, -1, -1, 0, 0, 0, -amount)
    conserved(s)


def withdraw(s, owner, account, amount):
    """Pay `amount` (micro) out, as far as open losses allow.

    Gated: nothing while there are any. Charged: less the share that they are of all that traders own (Paradex). Scaled: less the share
    that they are of all profits, 1 - h (Percolator). The charge pays of the losses. Charge = ceil(amount x min(open, base) / base).
    """
    clock = state.clock(s)
    lost = clock[K_UNCOVERED]
    if clock[K_WITHDRAWALS] != FREE and lost > 0:
        if clock[K_WITHDRAWALS] == GATED:
            return
        base = max(claims(s, clock[K_WITHDRAWALS] != CHARGED), 1)
        charge = min(mul_div_up(amount, min(lost, base), base), lost)
        settle_loss(s, account, owner, charge)
        amount -= charge
    if amount > 0:
        deposit(s, owner, account, -amount)


def repay(s):
    """A recoverable haircut ends as the fund earns: its cash pays what is open."""
    accounts, clock = (state.accounts(s), state.clock(s))
    paid = min(accounts[A_BALANCE, FUND], clock[K_UNCOVERED])
    if clock[K_RECOVERABLE] != 0 and paid > 0:
        settle_loss(s, FUND, FUND, paid)
