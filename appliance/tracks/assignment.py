"""The cheapest way to pair rows with columns, exact, for the small matrices of one camera's picture."""

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
    costs = np.array(rows_of_costs, np.float64)
    rows, columns = costs.shape
    allowed = costs <= limit
    padded = np.full((rows, columns + rows), 2.0 * limit * (rows + 1))
    padded[:, :columns][allowed] = costs[allowed]
    padded[np.arange(rows), columns + np.arange(rows)] = limit
    owners = _augment(padded)
    return [(int(owners[c]), c) for c in range(columns) if owners[c] >= 0]


def _augment(costs: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the row that owns each column (-1 for none); there are at least as many columns as rows."""
    rows, columns = costs.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    owners = np.full(columns, -1, np.int64)
    for start in range(rows):
        distance = np.full(columns, np.inf)
        came_from = np.full(columns, -1, np.int64)
        is_final = np.zeros(columns, np.bool_)
        row, last, reached = start, -1, 0.0
        while True:
            through = reached + costs[row] - row_price[row] - column_price
            is_better = ~is_final & (through < distance)
            distance[is_better] = through[is_better]
            came_from[is_better] = last
            last = int(np.argmin(np.where(is_final, np.inf, distance)))
            reached = float(distance[last])
            if owners[last] < 0:
                break
            is_final[last] = True
            row = int(owners[last])
        row_price[start] += reached
        row_price[owners[is_final]] += reached - distance[is_final]
        column_price[is_final] -= reached - distance[is_final]
        while last >= 0:
            before = int(came_from[last])
            owners[last] = start if before < 0 else owners[before]
            last = before
    return owners
