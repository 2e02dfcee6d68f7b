"""One trader, followed tick by tick."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.web.live import holders

MOST_NOTES = 1500
MOST_TICKS_AGAIN = 2_000
"""Up to here the past of a trader is found by running the market once more; later only its future is seen."""


@dataclass
class Followed:
    """What a trader had at every tick noted.

    Attributes:
        trader: its identity.
        group: its group.
        notes: (tick, equity, notional, lights); every second one is dropped when they become too many.
    """

    trader: int
    group: str
    notes: list[tuple[int, float, float, int]] = field(default_factory=list)
    stride: int = 1

    @classmethod
    def of(cls, model: AdlModel, trader: int) -> Followed:
        """The trader up to now; a second market of the same seed tells its past."""
        found = cls(trader, model.trader(trader).group)
        again = AdlModel(model.config, rng=model.seed) if model.tick <= MOST_TICKS_AGAIN else model
        found.note(again)
        while again.tick < model.tick:
            again.step()
            found.note(again)
        return found

    def note(self, model: AdlModel) -> None:
        """Take down what the trader has now."""
        if model.tick % self.stride == 0:
            trader = model.trader(self.trader)
            self.notes.append((model.tick, trader.equity, trader.notional, self._lights(model)))
        if len(self.notes) > MOST_NOTES:
            self.notes, self.stride = self.notes[::2], 2 * self.stride

    def frame(self) -> pd.DataFrame:
        """The notes, oldest first."""
        return pd.DataFrame(self.notes, columns=["tick", "equity", "notional", "lights"])

    def _lights(self, model: AdlModel) -> int:
        """The most lights that any of its positions shows."""
        names = [contract.name for contract in model.config.contracts]
        shown = [0]
        for contract, quantity in model.trader(self.trader).position.items():
            pool, lights, _ = model.exchange.queue(names.index(contract), 1 if quantity > 0 else -1)
            shown += lights[holders(model, pool) == self.trader].tolist()
        return int(max(shown))


def happened(events: pd.DataFrame, trader: int, most: int = 12) -> pd.DataFrame:
    """The last events that concern a trader, newest first; the notice that repeats an ADL is left out."""
    rows = events[((events["trader"] == trader) | (events["counterparty"] == trader)) & ~events["kind"].isin(("notice", "adl_trigger"))]
    return rows.iloc[::-1].head(most)


def is_trader(model: AdlModel, identity: int) -> bool:
    """Whether there is a trader with this identity."""
    return identity in set(model.state.owners[col.O_IDENTITY, col.SPECIAL :].tolist())
