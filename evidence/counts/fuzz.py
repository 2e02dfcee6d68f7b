"""Whatever it is given, the program answers with a result or with one clear sentence, within a second."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import tomli_w
import typer

from adlabm import cli, registry
from adlabm.adl.allocate import allocate
from adlabm.data.adl_tables import LAYOUTS, read_adl_table
from adlabm.data.book_depth import read_book_depth
from adlabm.data.klines import read_klines
from adlabm.errors import AdlabmError
from adlabm.kernels import orderbook as kernel
from adlabm.price.orderbook import KINDS, SIDES, OrderBook
from adlabm.scenario import Scenario
from adlabm.sweep.plan import make_plan
from adlabm.sweep.study import Study
from evidence.count import Case, Count
from tests.contracts.test_policies import NUMBERS
from tests.data import test_adl_tables, test_book_depth, test_klines
from tests.oracle.worlds import world

SECONDS, HANGS = 1.0, 60.0
WEIRD: tuple[Any, ...] = (
    *(float("nan"), float("inf"), -float("inf"), 1e308, -1.0, 0, -0.0, 2**63, -(2**63), 10**30, True, "", "nan", "\0", "x" * 5000),
    *("../../etc/passwd", "<script>", "é\u202e", [], [[]], {}, {"": 1}, [None, 1]),
)
REFUSED = (float("nan"), float("inf"), -float("inf"), 10**30, {"": 1})
"""Never a value of anything."""


@cache
def folder() -> Path:
    """Where files are laid, for as long as this process lives."""
    place = tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    return Path(place)


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in what hangs."""

    def late(*_: object) -> None:
        raise TimeoutError(f"it hangs: no answer after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def bent(r: Random, value: Any) -> tuple[Any, bool]:
    """Tables with one thing wrong, and whether that must be refused."""
    if isinstance(value, dict) and value:
        if r.random() < 0.1:
            return value | {r.choice(("zz", "", "__class__", "ticks ")): r.choice((1, "a"))}, True
        key = r.choice(sorted(value, key=str))
        changed, wrong = bent(r, value[key])
        return value | {key: changed}, wrong
    if isinstance(value, list) and value and r.random() < 0.9:
        at = r.randrange(len(value))
        changed, wrong = bent(r, value[at])
        return [*value[:at], changed, *value[at + 1 :]], wrong
    weird = r.choice(WEIRD)
    return weird, any(weird is each for each in REFUSED)


def damaged(r: Random, text: bytes) -> bytes:
    """A few bytes changed, cut out or doubled."""
    raw = bytearray(text)
    for _ in range(r.choice((1, 1, 2, 5))):
        at = r.randrange(len(raw) + 1)
        kind = r.randrange(4)
        if kind == 0 and raw:
            raw[at % len(raw)] = r.randrange(256)
        elif kind == 1:
            del raw[at : at + r.randrange(20)]
        elif kind == 2:
            raw[at:at] = raw[at : at + r.randrange(200)]
        else:
            raw[at:at] = r.choice((b"nan", b"-", b"1e999", b",", b"\n", b"\0", b"\xff", b'"', b"=", b"]]", b"9" * 400))
    return bytes(raw)


def _file(name: str, content: bytes) -> Path:
    path = folder() / name
    path.write_bytes(content)
    return path


def scenario(r: Random) -> bool:
    """A scenario, wrong in its tables or in its bytes."""
    tables = world(r.randrange(1000))
    if r.random() < 0.3:
        Scenario.load(_file("s.toml", damaged(r, tomli_w.dumps(tables).encode())))
        return False
    tables, wrong = bent(r, tables)
    Scenario.from_dict(tables)
    return wrong


@cache
def _studies() -> list[dict[str, Any]]:
    return [tomllib.loads(registry.find("studies", name).read_text()) for name in registry.names("studies")]


def study(r: Random) -> bool:
    """A study, likewise; outcomes are looked up when the first market stands."""
    tables, wrong = (known := r.choice(_studies())), False
    if r.random() < 0.7:
        tables, wrong = bent(r, tables)
    try:
        content = tomli_w.dumps(tables).encode()
    except (TypeError, ValueError):
        return False
    make_plan(Study.load(_file("study.toml", content if wrong else damaged(r, content))))
    return wrong and tables.get("outcomes") == known.get("outcomes")


WORDS = (
    *("run", "list", "explain", "diff", "verify", "cite", "report", "data", "check", "where"),
    *("calibrate", "depth", "sweep", "replay", "advise"),
)
MORE = (
    *("--json", "--seed", "-1", "1e9", "--set", "ticks=", "=", "a.b.c=1", "venue=x", "--out", "/proc/x"),
    *("--help", "crsh", "policies", "no/such", "\x7f"),
)


built = cache(typer.main.get_command)


def command(r: Random) -> bool:
    """A command line that can start nothing long: no word of it names a scenario or study that exists. What typer builds for every line
    anew is built once: that took nine tenths of the time."""
    words = [r.choice(WORDS), *(r.choice((*MORE, *WORDS)) for _ in range(r.randrange(5)))]
    before, sys.argv = sys.argv, ["adlabm", *words]
    try:
        with patch("typer.main.get_command", built), redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
            cli.main()
    except SystemExit as ended:
        if ended.code not in (0, 1, 2, None) or "Traceback" in said.getvalue():
            raise AssertionError(f"{words} ends with {ended.code}: {said.getvalue()[-300:]}") from None
    finally:
        sys.argv = before
    return False


def klines(r: Random) -> bool:
    """A price file, plain or zipped."""
    content = damaged(r, test_klines.text(r.randint(1, 30), r.random() < 0.5).encode())
    if r.random() < 0.3:
        test_klines.zipped(folder(), ("k.csv", content.decode("latin-1")))
        content = (folder() / "k.zip").read_bytes()
        content = damaged(r, content) if r.random() < 0.7 else content
    read_klines(_file("k.csv", content))
    return False


def depth(r: Random) -> bool:
    """A recorded book."""
    book = test_book_depth.text([test_book_depth.book(n) for n in range(r.randint(1, 12))])
    read_book_depth(_file("depth.csv", damaged(r, book.encode())))
    return False


def adl_table(r: Random) -> bool:
    """A table of deleveragings."""
    name, text = r.choice((("losers", test_adl_tables.LOSERS), ("clusters", test_adl_tables.CLUSTERS)))
    read_adl_table(_file("t.csv", damaged(r, text.encode())), r.choice((name, name, *LAYOUTS)))
    return False


def candidates(r: Random) -> bool:
    """A table of winners with one column bent."""
    n = r.randrange(6)
    table: dict[str, Any] = {name: [r.choice((0.0, 1.0, 7.5, 1e9)) for _ in range(n)] for name in NUMBERS}
    table |= {"id": r.sample(range(100), n), "account": ["a"] * n}
    wrong, amount = False, r.choice((0.0, 1.0, 3.5, 1e12))
    if r.random() < 0.7:
        table, _ = bent(r, table)
    else:
        amount = r.choice((float("nan"), float("inf"), -1.0, "many"))
        wrong = True
    allocate(r.choice(registry.names("policies")), amount, table, unit=r.choice((None, "contracts", "wealth")))
    return wrong


def orders(r: Random) -> bool:
    """A stream of orders for a book; the book stays uncrossed."""
    book = OrderBook(tick="0.1", lot="0.001", around=1000, levels=64, capacity=16)
    for _ in range(20):
        kind, side = r.choice((*KINDS, "limt")), r.choice((*SIDES, "hold"))
        quantity, price = r.choice(("0.001", "0.002", 1, *WEIRD[:10])), r.choice((None, "1000.1", 999.9, 1000.05, *WEIRD[:10]))
        try:
            book.submit(side, quantity, price, kind=kind, owner=r.randrange(3))
        except AdlabmError:
            continue
        best = [book.table[kernel.H_BID], book.table[kernel.H_ASK]]
        if best[0] >= best[1]:
            raise AssertionError(f"the book is crossed: {best}")
    return False


KINDS_OF_INPUT: tuple[tuple[Callable[[Random], bool], int], ...] = (
    *((scenario, 20), (study, 20), (command, 100), (klines, 200), (depth, 200), (adl_table, 200), (candidates, 200), (orders, 200)),
)
"""Every kind, and how many make a case."""


def answer(kind: Callable[[Random], bool], seed: str) -> tuple[str, str]:
    """What became of one input: "accepted" or "refused", and what was wrong with that."""
    try:
        with no_longer_than(HANGS):
            return "accepted", "nothing was said against it" if kind(Random(seed)) else ""
    except AdlabmError as refused:
        sentence = str(refused).strip()
        return "refused", "" if sentence and "\n" not in sentence else f"no single sentence: {sentence}"
    except Exception as error:
        return "refused", f"{type(error).__name__}: {error}"


def case(number: int) -> Case:
    """Some inputs of one kind; one that takes long is asked again, since what is loaded at its first use is no part of its second."""
    (kind, inputs), facts = KINDS_OF_INPUT[number % len(KINDS_OF_INPUT)], Counter[str]()
    for nth in range(inputs):
        seed, started = f"{kind.__name__} {number} {nth}", time.process_time()
        became, wrong = answer(kind, seed)
        if time.process_time() - started > SECONDS:
            started = time.process_time()
            answer(kind, seed)
            wrong = wrong or (f"it takes {time.process_time() - started:.1f} s" if time.process_time() - started > SECONDS else "")
        if wrong:
            return Case(nth, f"{kind.__name__} {nth}: {wrong}", facts)
        facts[f"{kind.__name__} {became}"] += 1
    return Case(inputs, facts=facts)


COUNT = Count(
    unit="inputs",
    scope="Scenarios, studies, command lines, klines, depth files, ADL tables, tables of winners, streams of orders: bent in one value "
    "or damaged in their bytes. A refusal is one sentence of `adlabm.errors`, never another exception; what can be nothing (nan, "
    "infinity, an unknown key, an amount below zero) is refused; nothing takes longer than a second of processor time.",
    floor=10**5,
    target=10**7,
    case=case,
    share=6,
    fresh=True,
    tell=lambda facts: "; ".join(f"{fact} {number:,}" for fact, number in sorted(facts.items())) + ".",
)
