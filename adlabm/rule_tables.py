"""Tables that name rules and hold their parameters, checked against what the rules declare."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, ClassVar

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from adlabm import registry
from adlabm.contracts import Param
from adlabm.errors import AdlabmError, UnknownName
from adlabm.laws import Law, Quantity
from adlabm.schema import LARGEST, Table, path_and_text, problem, show, unknown_key

LONGEST = 100_000
_quantity: TypeAdapter[Any] = TypeAdapter(Quantity)


class RuleTable(Table):
    """A table that names rules (`selectors`: key -> family) and has their parameters beside its own keys.

    The parameters of the named rules end up in `params`, checked against their bounds, with defaults filled in.
    """

    selectors: ClassVar[dict[str, str]]
    laws: ClassVar[bool] = False
    params: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, cls):
            return data
        own = cls.keys()
        if not isinstance(data, dict):
            raise problem(f"is {show(data)}, but must be a table such as {{ {next(iter(cls.selectors))} = ... }}")
        declared = cls.declared(data)
        for key in data:
            if key not in own and key not in declared:
                chosen = " or ".join(repr(data[each]) for each in cls.selectors if each in data)
                raise unknown_key(key, [*own, *declared], f" of {chosen}" if chosen else "")
        params = {
            name: check_param(name, param, data.get(name, param.default), cls.laws) for name, param in declared.items() if name not in own
        }
        for rule in cls.rules(data):
            _ask(rule, params)
        return {**{key: value for key, value in data.items() if key in own}, "params": params}

    @classmethod
    def keys(cls) -> list[str]:
        """The keys of the table itself, without the parameters of the rules."""
        own = super().keys()
        return [key for key in own if key != "params"]

    @classmethod
    def declared(cls, data: Mapping[str, Any]) -> dict[str, Param]:
        """The parameters of the rules that `data` names."""
        return {name: param for rule in cls.rules(data) for name, param in registry.params_of(rule).items()}

    @classmethod
    def rules(cls, data: Mapping[str, Any]) -> list[type]:
        """The rules that `data` names."""
        found = []
        for selector, family in cls.selectors.items():
            field = cls.model_fields[selector]
            key = data.get(selector, None if field.is_required() else field.default)
            if not isinstance(key, str):
                raise problem(f"must name one of: {', '.join(registry.names(family))}", selector)
            try:
                found.append(registry.find(family, key))
            except UnknownName as error:
                raise problem(f"is wrong: {str(error).rstrip('.')}", selector) from None
        return found


def _ask(rule: type, params: dict[str, Any]) -> None:
    """Let a rule check its parameters together, by its class method `validate`, where it has one."""
    validate = getattr(rule, "validate", None)
    if validate is None:
        return
    try:
        validate(params)
    except AdlabmError as error:
        key, _, text = str(error).partition(" ")
        raise problem(text, *key.split(".")[1:]) if "." in key else problem(f"is wrong: {error}") from None


def flatten(value: Any) -> Any:
    """Put `params` beside the other keys of their table, at any depth, and leave out what is None."""
    if isinstance(value, dict):
        return {key: flatten(each) for key, each in {**value, **value.get("params", {})}.items() if key != "params" and each is not None}
    return [flatten(each) for each in value] if isinstance(value, list | tuple) else value


def check_param(name: str, param: Param, value: Any, laws: bool = False) -> Any:
    """One parameter of a rule: of the type of its default, finite, within its bounds; a number may be a law where `laws` says so."""
    default = param.default
    if isinstance(default, bool | str):
        if type(value) is not type(default):
            raise problem(f"is {show(value)}, but must be {'true or false' if isinstance(default, bool) else 'a string'}", name)
        return value
    if isinstance(default, list | tuple):
        if not isinstance(value, list | tuple):
            raise problem(f"is {show(value)}, but must be a list", name)
        if len(value) > LONGEST:
            raise problem(f"has {len(value)} entries, but at most {LONGEST} are allowed", name)
        return tuple(_item(name, param, each, index) for index, each in enumerate(value))
    if laws and isinstance(value, dict | Law):
        return _law(name, value)
    return _number(param, value, name)


def _item(name: str, param: Param, value: Any, *at: int) -> Any:
    """An entry of a list: a number, a string, or a list of these."""
    if isinstance(value, list | tuple) and len(at) < 3:
        return tuple(_item(name, param, each, *at, index) for index, each in enumerate(value))
    if isinstance(value, str):
        return value
    return _number(Param(0.0, param.low, param.high, param.unit), value, name, *at)


def _number(param: Param, value: Any, *at: str | int) -> int | float:
    """A number of the type of the default within the bounds."""
    whole = isinstance(param.default, int)
    typed = isinstance(value, int) if whole else isinstance(value, int | float)
    if isinstance(value, bool) or not typed or not -LARGEST <= value <= LARGEST:
        raise problem(f"is {show(value)}, but must be a {'whole' if whole else 'finite'} number, {interval(param)}", *at)
    if (param.low is not None and value < param.low) or (param.high is not None and value > param.high):
        raise problem(f"is {show(value)}, but must be {interval(param)}", *at)
    return value if whole else float(value)


def _law(name: str, value: Any) -> Law:
    try:
        return _quantity.validate_python(value)
    except ValidationError as error:
        at, text = path_and_text(error)
        raise problem(text, name, *at) from None


def bounded(value: Any, bounds: Param, *at: str | int) -> Any:
    """A number within the bounds, or a law clipped to them where it has no clips of its own; one sentence for what reaches past them."""
    if not isinstance(value, Law):
        return _number(bounds, value, *at) if isinstance(value, int | float) and not isinstance(value, bool) else value
    law = value.clipped(bounds.low, bounds.high)
    low, high = (-inf if bounds.low is None else bounds.low), (inf if bounds.high is None else bounds.high)
    if law.lowest < low * (1 - 1e-12) or law.highest > high * (1 + 1e-12) or law.lowest > law.highest:
        raise problem(f"reaches from {law.lowest:g} to {law.highest:g}, but must stay {interval(bounds)}; set its low and high", *at)
    return law


def interval(param: Param) -> str:
    """The allowed values of a parameter in words."""
    unit = f" {param.unit}" if param.unit else ""
    if param.low is not None and param.high is not None:
        return f"from {param.low:g} to {param.high:g}{unit}"
    if param.low is not None:
        return f"at least {param.low:g}{unit}"
    return f"at most {param.high:g}{unit}" if param.high is not None else f"of any size{unit}"
