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
    import operator

    from numba.core import config, types
    from numba.core.cgutils import create_struct_proxy
    from numba.core.typing.templates import AbstractTemplate, infer_global, signature
    from numba.extending import intrinsic, lower_builtin, make_attribute_wrapper, models, register_model
    from numba.np.arrayobj import make_array, populate_array

    class Table(types.Type):
        """A table of 8-byte elements that owns nothing. Indices count from 0: without the arithmetic by which arrays allow negative
        ones a run takes a tenth less time, and compiling too."""

        def __init__(self, dtype: types.Type, dimensions: int) -> None:
            self.dtype, self.dimensions = dtype, dimensions
            super().__init__(name=f"Table({dtype}, {dimensions})")

    @register_model(Table)
    class _Model(models.StructModel):
        def __init__(self, manager, kind):
            shape = types.UniTuple(types.intp, kind.dimensions)
            super().__init__(manager, kind, [("data", types.CPointer(kind.dtype)), ("shape", shape)])

    make_attribute_wrapper(Table, "shape", "shape")

    @infer_global(operator.getitem)
    class _Reads(AbstractTemplate):
        def generic(self, args, kws):
            return signature(args[0].dtype, *args) if isinstance(args[0], Table) else None

    @infer_global(operator.setitem)
    class _Writes(AbstractTemplate):
        def generic(self, args, kws):
            return signature(types.none, *args) if isinstance(args[0], Table) else None

    def _place(context, builder, kind, table, index_type, index):
        """The address of an element, in rows."""
        view = create_struct_proxy(kind)(context, builder, value=table)
        each = [index] if isinstance(index_type, types.Integer) else [builder.extract_value(index, n) for n in range(kind.dimensions)]
        whole = [context.cast(builder, value, index_type if len(each) == 1 else index_type[n], types.intp) for n, value in enumerate(each)]
        flat = whole[0]
        for n in range(1, kind.dimensions):
            flat = builder.add(builder.mul(flat, builder.extract_value(view.shape, n)), whole[n])
        return builder.gep(view.data, [flat])

    @lower_builtin(operator.getitem, Table, types.Any)
    def _read(context, builder, sig, args):
        return builder.load(_place(context, builder, sig.args[0], args[0], sig.args[1], args[1]))

    @lower_builtin(operator.setitem, Table, types.Any, types.Any)
    def _write(context, builder, sig, args):
        value = context.cast(builder, args[2], sig.args[2], sig.args[0].dtype)
        builder.store(value, _place(context, builder, sig.args[0], args[0], sig.args[1], args[1]))

    def _word(context, builder, vector, n):
        """Word n of the vector of addresses and shapes; no kernel changes it, so the compiler may load it once."""
        loaded = builder.load(builder.gep(vector.data, [context.get_constant(types.intp, n)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    def _table(number: int, dtype: str, dimensions: int, whole_rows: bool = False):
        """The compiled accessor of one table. Where kernels take whole rows, and under bounds checks, it is an array."""
        element = getattr(types, dtype)
        lean = not (whole_rows or config.BOUNDSCHECK)
        kind = Table(element, dimensions) if lean else types.Array(element, dimensions, "C")

        def view(typing, s):
            def generate(context, builder, signature, arguments):
                vector = make_array(signature.args[0])(context, builder, arguments[0])
                words = [_word(context, builder, vector, 4 * number + n) for n in range(dimensions + 1)]
                out = (create_struct_proxy(kind) if lean else make_array(kind))(context, builder)
                data = builder.inttoptr(words[0], out.data.type)
                if lean:
                    out.data, out.shape = data, context.make_tuple(builder, types.UniTuple(types.intp, dimensions), words[1:])
                else:
                    strides = [context.get_constant(types.intp, 8)]
                    for extent in words[:1:-1]:
                        strides.insert(0, builder.mul(strides[0], extent))
                    populate_array(
                        out, data=data, shape=words[1:], strides=strides, itemsize=context.get_constant(types.intp, 8), meminfo=None
                    )
                return out._getvalue()

            return kind(s), generate

        return intrinsic(view)

else:

    def _table(number: int, dtype: str, dimensions: int, whole_rows: bool = False):
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
events = _table(14, "int64", 2, whole_rows=True)
postings = _table(15, "int64", 2, whole_rows=True)
requests = _table(16, "int64", 2, whole_rows=True)
series = _table(17, "int64", 3, whole_rows=True)
samples = _table(18, "float64", 3, whole_rows=True)
path = _table(19, "float64", 3)
depths = _table(20, "float64", 3)
jumps = _table(21, "int64", 2)
flow = _table(22, "int64", 2)
peaks = _table(23, "int64", 1)
hashes = _table(24, "uint64", 2)
rounds = _table(25, "float64", 2, whole_rows=True)
