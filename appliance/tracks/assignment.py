"""The cheapest way to pair rows with columns, exact, for the small matrices of one camera's picture."""

import math

import numpy as np
import numpy.typing as npt


def assign(costs: npt.NDArray[np.float64], limit: float) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of least total cost, where staying alone costs a row ``limit``.

    Shortest augmenting paths over reduced costs: R. Jonker and A. Volgenant, A Shortest Augmenting Path
    Algorithm for Dense and Sparse Linear Assignment Problems, Computing 38 (1987), as laid out for
    rectangular matrices by D. F. Crouse, On Implementing 2D Rectangular Assignment Algorithms (2016). A
    column of its own at cost ``limit`` for each row makes every pairing possible.

    Args:
        costs: shape (n, m), finite; a pair dearer than ``limit`` is never made.
        limit: above 0.
    """
    return assign_rows(costs.tolist(), limit)


def assign_rows(rows_of_costs: list[list[float]], limit: float) -> list[tuple[int, int]]:
    """Return the same for costs in plain floats, a list for each row."""
    pairs = [(r, c) for r, row in enumerate(rows_of_costs) for c, cost in enumerate(row) if cost <= limit]
    if len(pairs) < 2 or len({r for r, _ in pairs}) == len(pairs) == len({c for _, c in pairs}):
        # Nobody competes for anybody: the usual picture.
        return pairs
    columns = len(rows_of_costs[0])
    alone = 2.0 * limit * (len(rows_of_costs) + 1)
    padded = [
        [cost if cost <= limit else alone for cost in row]
        + [limit if other == place else alone for other in range(len(rows_of_costs))]
        for place, row in enumerate(rows_of_costs)
    ]
    owners = _augment(padded)
    return [(owners[c], c) for c in range(columns) if owners[c] >= 0]


def _augment(costs: list[list[float]]) -> list[int]:
    """Return the row that owns each column (-1 for none); there are at least as many columns as rows.

    In plain floats: of the few tracks and boxes that compete numpy's calls cost more than the sums.
    """
    rows, columns = len(costs), len(costs[0])
    row_price, column_price = [0.0] * rows, [0.0] * columns
    owners = [-1] * columns
    for start in range(rows):
        distance = [math.inf] * columns
        came_from = [-1] * columns
        is_final = [False] * columns
        row, last, reached = start, -1, 0.0
        while True:
            nearest = -1
            for column in range(columns):
                if is_final[column]:
                    continue
                through = reached + costs[row][column] - row_price[row] - column_price[column]
                if through < distance[column]:
                    distance[column], came_from[column] = through, last
                if nearest < 0 or distance[column] < distance[nearest]:
                    nearest = column
            last, reached = nearest, distance[nearest]
            if owners[last] < 0:
                break
            is_final[last] = True
            row = owners[last]
        row_price[start] += reached
        for column in range(columns):
            if is_final[column]:
                row_price[owners[column]] += reached - distance[column]
                column_price[column] -= reached - distance[column]
        while last >= 0:
            before = came_from[last]
            owners[last] = start if before < 0 else owners[before]
            last = before
    return owners
