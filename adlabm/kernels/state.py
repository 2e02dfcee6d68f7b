"""Access to the tables of a market. Kernels receive one vector `s` of addresses and shapes instead of two dozen arrays: calls stay
cheap and quick to compile.

`s[4 i : 4 i + 4]` = address, then the shape of table i (missing dimensions 1). Without the compiler `s` is the `State` itself.
"""

import numpy as np

from adlabm.kernels.columns import State
from adlabm.kernels.compiler import JIT

__all__ = list(State._fields)


def pack(tables: State) -> np.ndarray | State:
    """The vector that kernels receive; `tables` must outlive it. Tables must be contiguous."""
    if not JIT:
        return tables
    out = np.ones((len(tables), 4), np.int64)
    for row, table in zip(out, tables, strict=True):
        if not table.flags.c_contiguous:
            raise ValueError("a table is not contiguous")
        row[0] = table.ctypes.data
        row[1 : 1 + table.ndim] = table.shape
    return out.reshape(-1)


if JIT:
    from numba import types
    from numba.extending import intrinsic
    from numba.np.arrayobj import make_array, populate_array

    def _table(number: int, dtype: str, dimensions: int):
        """The compiled accessor of one table: a view that owns nothing, so that no reference is counted."""
        kind = types.Array(getattr(types, dtype), dimensions, "C")

        def view(typing, s):
            def generate(context, builder, signature, arguments):
                vector = make_array(signature.args[0])(context, builder, arguments[0])
                words = [
                    builder.load(builder.gep(vector.data, [context.get_constant(types.intp, 4 * number + n)]))
                    for n in range(dimensions + 1)
                ]
                strides = [context.get_constant(types.intp, 8)]
                for extent in words[:1:-1]:
                    strides.insert(0, builder.mul(strides[0], extent))
                out = make_array(kind)(context, builder)
                data = builder.inttoptr(words[0], out.data.type)
                populate_array(out, data=data, shape=words[1:], strides=strides, itemsize=context.get_constant(types.intp, 8), meminfo=None)
                return out._getvalue()

            return kind(s), generate

        return intrinsic(view)

else:

    def _table(number: int, dtype: str, dimensions: int):
        """Without the compiler the market is the tuple of its tables."""
        return lambda s: s[number]


owners = _table(0, "int64", 2)
accounts = _table(1, "int64", 2)
positions = _table(2, "int64", 2)
contracts = _table(3, "int64", 2)
reals = _table(4, "float64", 2)
groups = _table(5, "int64", 2)
values = _table(6, "float64", 2)
traits = _table(7, "float64", 2)
tiers = _table(8, "int64", 2)
clock = _table(9, "int64", 1)
rates = _table(10, "float64", 1)
work = _table(11, "int64", 2)
signals = _table(12, "float64", 1)
queue = _table(13, "int64", 1)
events = _table(14, "int64", 2)
postings = _table(15, "int64", 2)
requests = _table(16, "int64", 2)
series = _table(17, "int64", 3)
samples = _table(18, "float64", 3)
path = _table(19, "float64", 3)
depths = _table(20, "float64", 3)
jumps = _table(21, "int64", 2)
flow = _table(22, "int64", 2)
peaks = _table(23, "int64", 1)
hashes = _table(24, "uint64", 2)
rounds = _table(25, "float64", 2)
