"""ADL after a loss of the fund in one contract."""

from adlabm.contracts import Trigger


class ContractDrawdown(Trigger):
    """The fund bears a fall of its result in a contract up to `start` of its own peak, lot by lot; what would go beyond it is for ADL, and
    once the fall has reached it everything in that contract is, until the fall is below `stop`.

    Formula: fall = 8-hour peak of the result - result; result = realised by the fund in the contract + profit of its inventory there.
    Units: money; `start` and `stop` are shares of the 8-hour peak of the fund's equity.
    Source: Bybit, adl-alert page: pnlRatio, insurancePnlRatio and adlStopRatio; users bear the excess only (venue notes 3.2).
    Differs from the source in: ADL starts at the limit itself, as in the page's second example. What an account that is gone leaves or owes
        counts for its first contract.
    """

    key = "contract-drawdown"
    by_contract = True

    @staticmethod
    def active(before, equity, peak, inventory, capacity, start, stop):
        return 0
