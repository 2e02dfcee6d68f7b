"""The controls of the page as data: what each shows of a scenario, and which `--set` it stands for."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adlabm import registry
from adlabm.errors import BadInput

Data = Mapping[str, Any]
AS_IT_IS, CROWD = "as the scenario", "Population mix"


@dataclass(frozen=True)
class Control:
    """A control of the page; its value is a text, as typed.

    Attributes:
        name: its own, unique.
        label, hint: what the visitor reads.
        read: resolved scenario -> the text that changes nothing.
        sets: (resolved scenario, all texts by name) -> settings such as "fund.share=0.05"; asked when its own text is given.
        options: what can be chosen; none for a control to type into.
    """

    name: str
    label: str
    hint: str
    read: Callable[[Data], str]
    sets: Callable[[Data, Mapping[str, str]], list[str]]
    options: tuple[str, ...] = ()


def controls(data: Data) -> dict[str, list[Control]]:
    """All controls for a resolved scenario, by section."""
    crowd = [_key(f"count {n}", group["name"], "", f"traders.{n}.count") for n, group in enumerate(data["traders"])]
    crash = _CRASH if "knots" in data["index"] else []
    return {"Exchange": _EXCHANGE, "Traders": _TRADERS, "Market": [*crash, *_MARKET], CROWD: crowd}


def _key(name: str, label: str, hint: str, key: str, options: tuple[str, ...] = ()) -> Control:
    """A control that stands for one key of the scenario; empty where the scenario leaves it out (a fund given in cash has no share)."""

    def read(data: Data) -> str:
        value: Any = data
        for part in key.split("."):
            value = value[int(part)] if part.isdecimal() else value.get(part, "")
        return f"{value:.12g}" if isinstance(value, float) else str(value)

    return Control(name, label, hint, read, lambda _, texts: [f"{key}={texts[name]}"], options)


def _taking(data: Data, texts: Mapping[str, str]) -> list[str]:
    return [f"traders.{n}.profit_taking.rule={texts['taking']}" for n in range(len(data["traders"]))]


def _leverages(data: Data) -> dict[int, dict[str, Any]]:
    """Log-normal leverage laws by number of their group."""
    laws = {n: group["leverage"].get("leverage") for n, group in enumerate(data["traders"])}
    return {n: law for n, law in laws.items() if isinstance(law, dict) and law["law"] == "lognormal"}


def _median(data: Data) -> str:
    laws = _leverages(data)
    return f"{math.exp(next(iter(laws.values()))['mu']):.3g}" if laws else "fixed"


def _spread(data: Data, texts: Mapping[str, str]) -> list[str]:
    laws = _leverages(data)
    if not laws:
        raise BadInput(
            "No group of this scenario draws its leverage from a log-normal law; change traders.N.leverage in a file of your own."
        )
    mu = math.log(_number(texts["leverage"], "The median leverage"))
    return [f"traders.{n}.leverage.leverage.mu={mu:.6g}" for n in laws]


def _fall(data: Data) -> tuple[int, int]:
    """Numbers of the knots between which the index falls: the last at the level of the start, and the lowest."""
    levels = [level for _, level in data["index"]["knots"]]
    lowest = levels.index(min(levels))
    return max((n for n in range(lowest) if levels[n] >= levels[0]), default=0), lowest


def _size(data: Data) -> str:
    return f"{1 - data['index']['knots'][_fall(data)[1]][1]:.4g}"


def _speed(data: Data) -> str:
    begin, lowest = (data["index"]["knots"][n][0] for n in _fall(data))
    return f"{lowest - begin:g}"


def _knots(data: Data, texts: Mapping[str, str]) -> list[str]:
    """The scenario's path with another size and speed of its fall; what comes after keeps its pace."""
    knots, (first, lowest) = data["index"]["knots"], _fall(data)
    deeper = _number(texts.get("size", _size(data)), "The size of the crash") / float(_size(data))
    slower = _number(texts.get("speed", _speed(data)), "The duration of the crash") / float(_speed(data))
    begin, end = knots[first][0], knots[lowest][0]
    moved = []
    for at, level in knots:
        inside = min(max(at - begin, 0.0), end - begin)
        moved.append([round(at + inside * (slower - 1), 3), round(1 - (1 - level) * deeper, 9)])
    return [f"index.knots={json.dumps(moved)}"]


def _number(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise BadInput(f"{what} is {text!r}, but must be a number above 0.")
    return value


_EXCHANGE = [
    _key("venue", "Venue", "rules, margin tiers and fees", "venue", registry.names("venues")),
    _key("policy", "ADL policy", "who is deleveraged", "adl.policy", registry.names("policies")),
    _key("fund", "Fund size", "share of open interest", "fund.share"),
]
_TRADERS = [
    Control("leverage", "Median leverage", "of the crowd, times its equity", _median, _spread),
    Control("taking", "Profit taking", "of all traders", lambda _: AS_IT_IS, _taking, (AS_IT_IS, *registry.names("profit_taking"))),
]
_CRASH = [
    Control("size", "Crash size", "fall of the index, a share", _size, _knots),
    Control("speed", "Crash duration", "seconds", _speed, _knots),
]
_MARKET = [
    _key("depth", "Depth", "within 1 %, share of open interest", "depth.share"),
    _key("ticks", "Length", "ticks", "ticks"),
]
