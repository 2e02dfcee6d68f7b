"""Correlated normal noise of several contracts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from adlabm.schema import problem

KEY = "correlation"


def factor(matrix: Sequence[Sequence[float]], names: Sequence[str]) -> list[dict[str, float]]:
    """Weights of independent noises that make correlated ones: row i of the Cholesky factor L of the `matrix` L L'.

    Formula: ``L_ij = (C_ij - sum_(k<j) L_ik L_jk) / L_jj``, ``L_ii = sqrt(C_ii - sum_(k<i) L_ik^2)``.

    Units: correlations from -1 to 1, one row and column a contract, in the order of `names`; weights by contract, its own last.
    Source: Golub and Van Loan, Matrix Computations, 4.2; only + - * / sqrt, so equal on every machine.
    """
    size = len(names)
    for i, row in enumerate(matrix):
        if len(row) != size:
            raise problem(f"has {len(row)} entries, but must have {size}, one for each contract", KEY, i)
    if len(matrix) != size:
        raise problem(f"has {len(matrix)} rows, but must have {size}, one for each contract", KEY)
    lower: list[list[float]] = []
    for i in range(size):
        if matrix[i][i] != 1.0:
            raise problem(f"is {matrix[i][i]:g}, but must be 1: a contract moves as itself", KEY, i, i)
        row = []
        for j in range(i):
            if matrix[i][j] != matrix[j][i]:
                raise problem(f"is {matrix[i][j]:g}, but must equal its mirror {j}.{i}, which is {matrix[j][i]:g}", KEY, i, j)
            row.append((matrix[i][j] - math.fsum(row[k] * lower[j][k] for k in range(j))) / lower[j][j])
        rest = 1.0 - math.fsum(each * each for each in row)
        if rest <= 1e-12:
            raise problem(
                f"makes the matrix not positive definite: {names[i]} cannot be so correlated with the contracts before it;"
                " bring its entries nearer to 0",
                KEY,
                i,
            )
        lower.append([*row, math.sqrt(rest)])
    return [dict(zip(names, row, strict=False)) for row in lower]
