"""A small change of the code that moves money is noticed by the tests."""

from __future__ import annotations

from evidence.count import Count
from evidence.mutation import PACKAGE, Battery, Field

ROOMS = ("ledger", "adl", "exchange", "liquidation", "fund", "kernels")
LEFT_OUT = "kernels/compiler.py"
"""How code is compiled; the tests run it uncompiled."""
UNCOMPILED = Battery(
    (
        *("tests/oracle", "tests/kernels", "tests/ledger", "tests/adl", "tests/contracts", "tests/severity", "tests/test_row_order.py"),
        *("tests/venues", "tests/traders", "tests/price", "tests/test_units.py", "tests/test_trader_rules.py", "tests/test_traders.py"),
        *("tests/metrics", "tests/exchange", "tests/golden"),
        *("--ignore=tests/venues/test_runs.py", "--ignore=tests/price/test_drawn.py", "--ignore=tests/price/test_flow.py"),  # too long
        "--deselect=tests/oracle/test_oracle.py::test_every_branch_is_reached",  # adds up what other tests have found
    )
)


def files() -> tuple[str, ...]:
    """Their names below the package."""
    found = [path.relative_to(PACKAGE).as_posix() for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    return tuple(file for file in found if file != LEFT_OUT)


FIELD = Field("mutants", files(), (UNCOMPILED,))
COUNT = Count(
    unit="mutants killed",
    scope="One operator, comparison, constant, condition, `min`, `max` or end of a loop at a time is changed in `ledger`, `adl`, "
    "`exchange`, `liquidation`, `fund` and `kernels`; those tests of `UNCOMPILED` that reach the line run uncompiled until the first of "
    "them fails. A mutant that hangs is killed. How code is compiled is left out. Failures are survivors that have no explanation.",
    floor=200,
    target=1_000,
    case=FIELD.case,
    cases=1 + len(FIELD.plan()),
    share=8,
    tests=("oracle", "kernels", "ledger", "adl", "contracts", "severity", "venues", "traders", "price", "metrics", "exchange", "golden"),
    tell=FIELD.tell,
)
