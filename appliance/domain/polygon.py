"""Polygons in unit coordinates: whether one is drawn so that its inside is plain."""

from collections.abc import Sequence

from appliance.domain.scene import Point


def crosses_itself(corners: Sequence[Point]) -> bool:
    """Return whether a side touches another one than at the corner which two neighbours share.

    Sides without a length and spikes, which go back over the side before, count as well. It compares all
    pairs of sides: a polygon of 64 corners has two thousand of them.
    """
    sides = [(corners[n - 1], corner) for n, corner in enumerate(corners)]
    if any(begin == end for begin, end in sides):
        return True
    last = len(sides) - 1
    for n, side in enumerate(sides):
        if _turns_back(sides[n - 1], side):
            return True
        for m in range(n + 2, len(sides)):
            if (n, m) != (0, last) and _touch(side, sides[m]):
                return True
    return False


Side = tuple[Point, Point]


def _turns_back(side: Side, following: Side) -> bool:
    """Return whether a side lies on the one before it: they share a corner, hence only there is asked."""
    (begin, corner), (_, end) = side, following
    ahead = (begin[0] - corner[0]) * (end[0] - corner[0]) + (begin[1] - corner[1]) * (end[1] - corner[1])
    return _turn(begin, corner, end) == 0 and ahead > 0


def _touch(one: Side, other: Side) -> bool:
    """Return whether two sides have a point in common: each one's ends lie on both sides of the other."""
    (a, b), (c, d) = one, other
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _spans(*end) for turn, end in zip(turns, ends, strict=True))


def _spans(begin: Point, end: Point, point: Point) -> bool:
    """Return whether a point on the line through a side is within its box."""
    return all(
        min(first, second) <= value <= max(first, second)
        for first, second, value in zip(begin, end, point, strict=True)
    )


def _turn(a: Point, b: Point, c: Point) -> int:
    """Return 1, 0 or -1: to which side of the line from ``a`` to ``b`` the point ``c`` lies."""
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (cross > 0) - (cross < 0)
