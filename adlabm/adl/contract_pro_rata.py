"""Every candidate has the same share of its position closed."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class ContractProRata(Policy):
    """The same share of every position.

    Formula: k_i = Q |q_i| / sum(|q|), whole lots by Hamilton's largest remainders (tie: lower id); with tighter caps min(eta |q_i|, cap_i).
    Units: contracts by nature; in wealth space the same share of every endowment.
    Source: Drift's socialised loss, partial tear-up of clearing houses (CPMI-IOSCO 2014).
    Known for: |k_i - quota_i| < 1 lot; one more lot in total can take a lot from somebody (Alabama paradox).
    """

    key = "contract-pro-rata"
    unit = "contracts"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, sizes, caps, table.id)
