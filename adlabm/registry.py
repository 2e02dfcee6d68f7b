"""Find rules, metrics, venues, scenarios and studies by name.

A rule is a class with an attribute `key` in a file of its family's folder (`pnl-pro-rata` lives in `pnl_pro_rata.py`), a metric a function
named like its file; a venue, scenario or study is a TOML file. All are found by a sorted scan of the folder; what comes from outside of
the package is added by `adlabm.plug_ins`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from adlabm import plug_ins
from adlabm.contracts import Param
from adlabm.errors import AdlabmError, unknown

PACKAGE = Path(__file__).parent
EXPERIMENTS = next((each for each in (PACKAGE / "experiments", PACKAGE.parent / "experiments") if each.is_dir()), PACKAGE / "experiments")
"""The studies: inside an installed package, beside it in a checkout."""


@dataclass(frozen=True)
class Family:
    """Where a family lives (`folder`, below the package unless absolute), its `noun` for messages, and what its files hold."""

    folder: str
    noun: str
    holds: Literal["class", "function", "toml"] = "class"
    pattern: str = "*.py"


FAMILIES = {
    "signals": Family("traders/signals", "signal"),
    "leverage": Family("traders/leverage", "leverage rule"),
    "profit_taking": Family("traders/profit_taking", "profit-taking rule"),
    "stops": Family("traders/stops", "stop rule"),
    "reactions": Family("traders/reactions", "reaction"),
    "engines": Family("liquidation", "liquidation engine"),
    "fund": Family("fund", "fund rule"),
    "triggers": Family("triggers", "ADL trigger"),
    "policies": Family("adl", "ADL policy"),
    "severities": Family("severity", "severity rule"),
    "index": Family("price/index", "index process"),
    "metrics": Family("metrics", "metric", "function"),
    "replays": Family("replay", "replay", "function"),
    "venues": Family("venues", "venue", "toml", "*.toml"),
    "scenarios": Family("scenarios", "scenario", "toml", "*.toml"),
    "studies": Family(str(EXPERIMENTS), "study", "toml", "*/study.toml"),
}
TRADER_FAMILIES = ("signals", "leverage", "profit_taking", "stops", "reactions")


def family_of(family: str) -> Family:
    """The row of the family table, or one sentence naming the families there are."""
    if family not in FAMILIES:
        raise unknown("family", family, FAMILIES)
    return FAMILIES[family]


def names(family: str) -> tuple[str, ...]:
    """All keys of a family, sorted."""
    return tuple(all_rules(family))


def find(family: str, key: str, where: str = "") -> Any:
    """The class, function or path of the TOML file called `key`; `where` names the asking key in the error."""
    rules = all_rules(family)
    if key not in rules:
        raise unknown(family_of(family).noun, key, rules, where)
    return rules[key]


@cache
def all_rules(family: str) -> dict[str, Any]:
    """Key -> class, function or path, sorted by key. Imports the modules of this family and of no other."""
    table = family_of(family)
    found: dict[str, Any] = {}
    for path in sorted((PACKAGE / table.folder).resolve().glob(table.pattern)):
        _scan(found, family, path)
    for path in plug_ins.files(family, table.pattern):
        _scan(found, family, path, outside=True)
    for entry in plug_ins.packages(family):
        rule = _class_of(entry)
        _add(found, family, rule.key, rule)
    return dict(sorted(found.items()))


def outside() -> dict[str, str]:
    """What comes from outside of the package: file -> hash of its content, family/NAME -> entry point and package. Imports nothing."""
    found = dict(plug_ins.describe(path) for family, table in FAMILIES.items() for path in plug_ins.files(family, table.pattern))
    for family in FAMILIES:
        for each in plug_ins.packages(family):
            found[f"{family}/{each.name}"] = f"{each.value} of {each.dist.name} {each.dist.version}" if each.dist else each.value
    return found


def rule_in(module: ModuleType) -> Any:
    """The one class with a `key` that `module` defines; None for a helper module without any."""
    classes: list[Any] = [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == module.__name__]
    rules = [each for each in classes if "key" in vars(each)]
    if len(rules) > 1:
        keys = ", ".join(each.key for each in rules)
        raise AdlabmError(f"{module.__file__} defines several rules ({keys}); give each a file of its own.")
    return rules[0] if rules else None


def source_file(family: str, key: str) -> Path:
    """The file that holds a rule, metric, venue, scenario or study."""
    rule = find(family, key)
    return rule if isinstance(rule, Path) else Path(inspect.getfile(rule))


@cache
def params_of(rule: Any) -> Mapping[str, Param]:
    """The parameters of a rule, name -> Param, in the order of their definition (inherited ones first); none for what is no class."""
    bases = reversed(rule.__mro__) if inspect.isclass(rule) else ()
    return {name: value for base in bases for name, value in vars(base).items() if isinstance(value, Param)}


def _scan(found: dict[str, Any], family: str, path: Path, outside: bool = False) -> None:
    """Add what one file holds."""
    holds = FAMILIES[family].holds
    if holds == "toml":
        _add(found, family, path.parent.name if path.name == "study.toml" else path.stem, path)
    elif not path.name.startswith("_"):
        dotted = ("adlabm", *FAMILIES[family].folder.split("/"), path.stem)
        module = plug_ins.module_of(path) if outside else import_module(".".join(dotted))
        rule = rule_in(module) if holds == "class" else getattr(module, path.stem, None)
        if rule is not None:
            _add(found, family, rule.key if holds == "class" else path.stem.replace("_", "-"), rule)
        elif outside:
            missing = "class with a `key`" if holds == "class" else f"function called {path.stem!r}"
            raise AdlabmError(f"The plug-in {path} holds no {missing}; add it, or begin the name of a helper with an underscore.")


def _class_of(entry: EntryPoint) -> Any:
    """The rule that an entry point names: a class, or a module that holds one."""
    loaded = plug_ins.rule_of(entry)
    rule = rule_in(loaded) if inspect.ismodule(loaded) else loaded
    if not inspect.isclass(rule) or not isinstance(getattr(rule, "key", None), str):
        raise AdlabmError(f"The plug-in {entry.value!r} ({entry.group}) is no rule; it must name a class with a `key`, or its module.")
    return rule


def _add(found: dict[str, Any], family: str, key: str, rule: Any) -> None:
    if key in found:
        first, second = (each if isinstance(each, Path) else inspect.getfile(each) for each in (found[key], rule))
        raise AdlabmError(f"Two files of family {family!r} have the key {key!r}: {first} and {second}; rename one of them.")
    found[key] = rule
