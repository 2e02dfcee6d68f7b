"""What all tables of a scenario share: strict frozen models and errors in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from adlabm.errors import BadInput, did_you_mean

LARGEST = 1e18
Number = Annotated[float, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Positive = Annotated[float, Field(strict=True, gt=0, le=LARGEST)]
NotNegative = Annotated[float, Field(strict=True, ge=0, le=LARGEST)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Text = Annotated[str, Field(max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w .:/+-]+$")]

BOUNDS = {"greater_than": "greater than", "greater_than_equal": "at least", "less_than": "below", "less_than_equal": "at most"}
LENGTHS = {
    "too_short": ("at least", "entries"),
    "too_long": ("at most", "entries"),
    "string_too_short": ("at least", "characters"),
    "string_too_long": ("at most", "characters"),
}
TYPES = {
    "int_type": "a whole number",
    "int_parsing_size": "a whole number within 64 bits",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a string",
    "string_pattern_mismatch": "of letters, digits, spaces and _ . : / + - only",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
}


def problem(text: str, *at: str | int) -> PydanticCustomError:
    """A validation error with a sentence of its own; `at` is the path below the table that is being checked."""
    return PydanticCustomError("problem", "{text}", {"text": text, "at": list(at)})


def unknown_key(key: object, allowed: Iterable[str], why: str = "") -> PydanticCustomError:
    """The error for a key that a table does not have."""
    allowed = list(allowed)
    return problem(f"is no known key{why}{did_you_mean(key, allowed)}; allowed here: {', '.join(allowed)}", str(key))


def known_word(allowed: Iterable[str], value: Any) -> Any:
    """The word, or each of the words, if it is one of `allowed`."""
    allowed = list(allowed)
    for word in [value] if isinstance(value, str) else value:
        if word not in allowed:
            raise problem(f"is {word!r}, but must be one of: {', '.join(allowed)}{did_you_mean(word, allowed)}")
    return value


def show(value: Any) -> str:
    """A value for a message, cut to a readable length."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to print integers of more than 4300 digits
        text = "a huge number"
    return text if len(text) <= 60 else text[:57] + "..."


class Table(BaseModel):
    """A table of a scenario or venue: every key known, every number finite, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, cls):
            return data
        if not isinstance(data, dict):
            raise problem(f"is {show(data)}, but must be a table with the keys {', '.join(cls.keys())}")
        allowed = cls.keys()
        for key in data:
            if key not in allowed:
                raise unknown_key(key, allowed)
        return data

    @classmethod
    def keys(cls) -> list[str]:
        """The keys that the table may have in TOML."""
        return [field.alias or name for name, field in cls.model_fields.items()]


def path_and_text(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """The path and the sentence of the first problem in a validation error."""
    first = error.errors(include_url=False)[0]
    kind, context = first["type"], first.get("ctx", {})
    path = tuple(each for each in first["loc"] if not str(each).startswith("law:"))
    if kind == "problem":
        return (*path, *context["at"]), context["text"]
    if kind == "missing":
        return path[:-1], f"needs the key {path[-1]!r}; add it"
    got = f"is {show(first['input'])}, but must be "
    if kind in BOUNDS:
        return path, f"{got}{BOUNDS[kind]} {next(iter(context.values())):g}"
    if kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return path, f"{got}{context['expected']}{did_you_mean(first['input'], choices)}"
    if kind in LENGTHS:
        limit, unit = LENGTHS[kind]
        return path, f"{got}of {limit} {next(value for key, value in context.items() if key in ('min_length', 'max_length'))} {unit}"
    return path, got + TYPES.get(kind, f"valid: {first['msg'][:1].lower()}{first['msg'][1:]}")


def explain(error: ValidationError, where: str) -> BadInput:
    """The first problem of a validation error as one sentence that begins with the file and the key."""
    path, text = path_and_text(error)
    more = f" ({error.error_count() - 1} more to mend after this)" if error.error_count() > 1 else ""
    return BadInput(f"{where}: {'.'.join(map(str, path)) or 'the file'} {text.rstrip('.')}{more}.")
