"""Rules in compiled code: a rule is a scalar function, compiled to a C function that kernels call through its address.

A rule takes only numbers and uses only ``+ - * /``, comparisons, ``math.sqrt``, ``math.inf``, ``math.nan``, ``math.isnan`` and the
functions of `adlabm.kernels.mathx`. It must not divide by zero. Addresses differ between processes: they reach kernels as
arguments and are never stored. Without the compiler the address is a place in a table of Python functions.
"""

from typing import Any, Literal

from adlabm.kernels.compiler import JIT, Function, callback

__all__ = ["call_integer", "call_real", "compile_rule"]

Kind = Literal["real", "integer"]
_TYPES = {"real": "float64", "integer": "int64"}
_addresses: dict[tuple[Function, str], int] = {}
_functions: list[Any] = [None]  # also keeps the machine code alive; address 0 means "no rule"


def compile_rule(function: Function, kind: Kind) -> int:
    """The address of a rule whose arguments and result are all float64 ("real") or all int64 ("integer").

    Args:
        function: a plain function with positional arguments only.
        kind: "real" or "integer".
    """
    if (function, kind) not in _addresses:
        word = _TYPES[kind]
        if JIT:
            compiled: Any = callback(function, f"{word}({','.join([word] * function.__code__.co_argcount)})")
            address = compiled.address
        else:
            compiled, address = function, len(_functions)
        _functions.append(compiled)
        _addresses[function, kind] = address
    return _addresses[function, kind]


if JIT:
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    def _calls(kind: Any, word: Any) -> Any:
        """The compiled ``call(address, arguments)``: every argument is converted to the kind, then the address is called."""

        def call(typing: Any, address: Any, arguments: Any) -> Any:
            def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                place, pack = values
                elements = [
                    context.cast(builder, builder.extract_value(pack, i), given, kind) for i, given in enumerate(signature.args[1].types)
                ]
                function = ir.FunctionType(word, [word] * len(elements))
                return builder.call(builder.inttoptr(place, function.as_pointer()), elements)

            return kind(types.int64, arguments), generate

        return intrinsic(call)

    call_real = _calls(types.float64, ir.DoubleType())
    call_integer = _calls(types.int64, ir.IntType(64))
else:

    def call_real(address: int, arguments: tuple[float, ...]) -> float:
        """The real rule at this address, applied to the arguments."""
        return float(_functions[address](*[float(value) for value in arguments]))

    def call_integer(address: int, arguments: tuple[int, ...]) -> int:
        """The integer rule at this address, applied to the arguments."""
        return int(_functions[address](*[int(value) for value in arguments]))
