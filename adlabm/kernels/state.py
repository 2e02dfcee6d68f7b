"""Access to the tables of a market. Kernels receive one number `s` instead of two dozen arrays: calls stay cheap and quick to compile.

At the address `s` stand four integers for each table: its address, then its shape (missing dimensions 1). Without the compiler `s` is the
`State` itself.
Tables of a fixed number of columns lie row by row: who decides touches few cache lines, and a column is a constant distance.
"""

import numpy as np

from adlabm.kernels.columns import (
    ACCOUNT_COLUMNS, BAND_COLUMNS, CONTRACT_COLUMNS, GROUP_COLUMNS, OWNER_COLUMNS, OWNER_HOT, POSITION_COLUMNS,
    REAL_COLUMNS, SLOTS, TIER_COLUMNS, WORK_COLUMNS, State,
)  # fmt: skip
from adlabm.kernels.compiler import JIT

TABLES = State._fields[:-1]
__all__ = [*TABLES, "prefetch"]

WIDTHS = {
    "owners": OWNER_COLUMNS, "accounts": ACCOUNT_COLUMNS, "positions": POSITION_COLUMNS, "bands": BAND_COLUMNS, "work": WORK_COLUMNS,
    "contracts": CONTRACT_COLUMNS, "reals": REAL_COLUMNS, "groups": GROUP_COLUMNS, "values": SLOTS, "tiers": TIER_COLUMNS,
}  # fmt: skip
"""The tables that lie row by row, and their columns."""


def rows(name: str, count: int) -> np.ndarray:
    """An empty table of `count` rows, laid out row by row from a cache line on: float64 for `reals` and `values`, else int64; shape
    (columns, rows)."""
    room = np.zeros(count * WIDTHS[name] + 8, np.float64 if name in ("reals", "values") else np.int64)
    first = -room.ctypes.data % 64 // 8
    return room[first : first + count * WIDTHS[name]].reshape(count, WIDTHS[name]).T


def pack(tables: State) -> int | State:
    """What kernels receive for these tables, valid as long as they are kept: an exact int, which numba knows at once."""
    if JIT:
        for row, name in zip(tables.addresses, TABLES, strict=True):
            table = getattr(tables, name)
            if not (table.T if name in WIDTHS else table).flags.c_contiguous or WIDTHS.get(name, len(table)) != len(table):
                raise ValueError(f"table {name!r} does not lie as kernels expect")
            row[0] = table.ctypes.data
            row[1 : 1 + table.ndim] = table.shape
        return int(tables.addresses.ctypes.data)
    return tables


if JIT:
    import operator

    from llvmlite import ir
    from numba.core import config, types
    from numba.core.cgutils import create_struct_proxy
    from numba.core.typing.templates import AbstractTemplate, infer_global, signature
    from numba.extending import intrinsic, lower_builtin, make_attribute_wrapper, models, register_model
    from numba.np.arrayobj import make_array, populate_array

    class Table(types.Type):
        """A table of 8-byte elements that owns nothing. Indices count from 0: without the arithmetic by which arrays allow negative
        ones a run takes a tenth less time, and compiling too; under NUMBA_BOUNDSCHECK they raise. `width`: columns of a table that
        lies row by row, else 0."""

        def __init__(self, name: str, dtype: types.Type, dimensions: int, width: int) -> None:
            self.table, self.dtype, self.dimensions, self.width = name, dtype, dimensions, width
            super().__init__(name=f"Table({name}, {dtype}, {dimensions}, {width})")

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
        for n, value in enumerate(whole) if config.BOUNDSCHECK else ():
            with builder.if_then(builder.icmp_unsigned(">=", value, builder.extract_value(view.shape, n)), likely=False):
                context.call_conv.return_user_exc(builder, IndexError, (f"index {n} of {kind.table} is out of bounds",))
        if kind.width:
            column, row = whole
            start = builder.gep(view.data, [builder.mul(row, context.get_constant(types.intp, kind.width))])
            return builder.gep(start, [column])
        flat = whole[0]
        for n in range(1, kind.dimensions):
            flat = builder.add(builder.mul(flat, builder.extract_value(view.shape, n)), whole[n])
        return builder.gep(view.data, [flat])

    def _of_table(builder, kind, instruction):
        """Tell the compiler that no two tables share memory (type-based alias analysis)."""
        module, zero = builder.module, ir.Constant(ir.IntType(64), 0)
        table = module.add_metadata([kind.table, module.add_metadata(["adlabm"]), zero])
        instruction.set_metadata("tbaa", module.add_metadata([table, table, zero]))
        return instruction

    @lower_builtin(operator.getitem, Table, types.Any)
    def _read(context, builder, sig, args):
        return _of_table(builder, sig.args[0], builder.load(_place(context, builder, sig.args[0], args[0], sig.args[1], args[1])))

    @lower_builtin(operator.setitem, Table, types.Any, types.Any)
    def _write(context, builder, sig, args):
        value = context.cast(builder, args[2], sig.args[2], sig.args[0].dtype)
        _of_table(builder, sig.args[0], builder.store(value, _place(context, builder, sig.args[0], args[0], sig.args[1], args[1])))

    @intrinsic
    def prefetch(typing, table, row):
        """Ask for a row that will be needed soon; the processor fetches it while other rows are worked on."""

        def generate(context, builder, sig, args):
            kind, view = sig.args[0], create_struct_proxy(sig.args[0])(context, builder, value=args[0])
            address, word = ir.IntType(8).as_pointer(), ir.IntType(32)
            fetch = builder.module.declare_intrinsic(
                "llvm.prefetch", [address], ir.FunctionType(ir.VoidType(), [address, word, word, word])
            )
            for first in range(0, OWNER_HOT if kind.table == "owners" else kind.width, 8):
                place = builder.add(
                    builder.mul(args[1], context.get_constant(types.intp, kind.width)), context.get_constant(types.intp, first)
                )
                builder.call(fetch, [builder.bitcast(builder.gep(view.data, [place]), address), word(1), word(3), word(1)])

        return (types.none(table, row), generate) if isinstance(table, Table) else (types.none(table, row), lambda *_: None)

    def _word(context, builder, market, n):
        """Word n of the addresses and shapes; no kernel changes it, so the compiler may load it once."""
        loaded = builder.load(builder.gep(market, [context.get_constant(types.intp, n)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    def _table(name: str, dtype: str, dimensions: int, whole_rows: bool = False):
        """The compiled accessor of one table. Where kernels take whole rows it is an array."""
        number, width, element, lean = TABLES.index(name), WIDTHS.get(name, 0), getattr(types, dtype), not whole_rows
        kind = Table(name, element, dimensions, width) if lean else types.Array(element, dimensions, "F" if width else "C")

        def view(typing, s):
            def generate(context, builder, signature, arguments):
                market = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
                words = [_word(context, builder, market, 4 * number + n) for n in range(dimensions + 1)]
                out = (create_struct_proxy(kind) if lean else make_array(kind))(context, builder)
                data = builder.inttoptr(words[0], out.data.type)
                if lean:
                    out.data, out.shape = data, context.make_tuple(builder, types.UniTuple(types.intp, dimensions), words[1:])
                else:
                    eight, extents = context.get_constant(types.intp, 8), words[1:]
                    strides = [eight]
                    for extent in extents[:-1] if width else extents[:0:-1]:
                        strides.append(builder.mul(strides[-1], extent))
                    strides = strides if width else strides[::-1]
                    populate_array(out, data=data, shape=extents, strides=strides, itemsize=eight, meminfo=None)
                return out._getvalue()

            return kind(s), generate

        return intrinsic(view)

else:

    def _table(name: str, dtype: str, dimensions: int, whole_rows: bool = False):
        """Without the compiler the market is the tuple of its tables."""
        return lambda s: getattr(s, name)

    def prefetch(table, row):  # type: ignore[misc]  # an intrinsic has one argument more
        """Nothing to do without the compiler."""


owners = _table("owners", "int64", 2)
accounts = _table("accounts", "int64", 2)
positions = _table("positions", "int64", 2)
bands = _table("bands", "int64", 2)
contracts = _table("contracts", "int64", 2)
reals = _table("reals", "float64", 2)
groups = _table("groups", "int64", 2)
values = _table("values", "float64", 2)
traits = _table("traits", "float64", 2)
tiers = _table("tiers", "int64", 2)
clock = _table("clock", "int64", 1)
rates = _table("rates", "float64", 1)
work = _table("work", "int64", 2)
signals = _table("signals", "float64", 1)
queue = _table("queue", "int64", 1)
since = _table("since", "int64", 1)
events = _table("events", "int64", 2, whole_rows=True)
postings = _table("postings", "int64", 2, whole_rows=True)
requests = _table("requests", "int64", 2, whole_rows=True)
series = _table("series", "int64", 3, whole_rows=True)
samples = _table("samples", "float64", 3, whole_rows=True)
path = _table("path", "float64", 3)
depths = _table("depths", "float64", 3)
jumps = _table("jumps", "int64", 2)
flow = _table("flow", "int64", 2)
peaks = _table("peaks", "int64", 1)
hashes = _table("hashes", "uint64", 2)
rounds = _table("rounds", "float64", 2, whole_rows=True)
results = _table("results", "int64", 2)
books = _table("books", "int64", 2, whole_rows=True)
resting = _table("resting", "int64", 2)
providers = _table("providers", "int64", 2)
