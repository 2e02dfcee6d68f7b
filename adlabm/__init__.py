"""adlabm: a laboratory for auto-deleveraging on perpetual-futures exchanges.

Heterogeneous leveraged traders trade on an exchange that enforces margin, liquidation, an insurance fund and auto-deleveraging (ADL);
experiments measure who is deleveraged.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adlabm.adl.allocate import allocate as allocate
    from adlabm.adl.indicator import adl_lights as adl_lights
    from adlabm.adl.indicator import adl_score as adl_score
    from adlabm.api import RunResult as RunResult
    from adlabm.api import run as run
    from adlabm.exchange.panel import Panel as Panel
    from adlabm.ledger.bankruptcy import bankruptcy_price as bankruptcy_price
    from adlabm.ledger.liquidation import liquidation_price as liquidation_price
    from adlabm.ledger.margin import maintenance_margin as maintenance_margin
    from adlabm.model import AdlModel as AdlModel
    from adlabm.price.funding import funding_rate as funding_rate
    from adlabm.price.mark import mark_price as mark_price
    from adlabm.scenario import Scenario as Scenario
    from adlabm.sweep import sweep as sweep
    from adlabm.traders.trader import Trader as Trader

__version__ = "0.1.0"

_PUBLIC = {
    "AdlModel": "adlabm.model",
    "Panel": "adlabm.exchange.panel",
    "RunResult": "adlabm.api",
    "Scenario": "adlabm.scenario",
    "Trader": "adlabm.traders.trader",
    "adl_lights": "adlabm.adl.indicator",
    "adl_score": "adlabm.adl.indicator",
    "allocate": "adlabm.adl.allocate",
    "bankruptcy_price": "adlabm.ledger.bankruptcy",
    "funding_rate": "adlabm.price.funding",
    "liquidation_price": "adlabm.ledger.liquidation",
    "maintenance_margin": "adlabm.ledger.margin",
    "mark_price": "adlabm.price.mark",
    "run": "adlabm.api",
    "sweep": "adlabm.sweep",
}
__all__ = [*sorted(_PUBLIC), "__version__"]


def __getattr__(name: str) -> Any:
    """Public names, imported when first used (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'adlabm' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
