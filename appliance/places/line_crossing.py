"""Whether a foot point's path crosses a line: once for each time that it got over it."""

from appliance.domain.passage import Crossing, Direction
from appliance.domain.scene import Line
from appliance.domain.time import US_PER_S, WallUs
from appliance.places.foot import snapped
from appliance.places.memory import LineMemory, Sight

CLEAR_RATIO = 0.1
"""An object is clear of a line when its foot point is further from it than that part of its box's sides."""
LONGEST_LEG_US = round(2.5 * US_PER_S)
"""Between two sights further apart nothing was analysed for most of the time, since nothing moved: the way
was gone in the end. It is the time for which the tracker looks for a lost object."""
ON_LINE = 1e-12
"""A foot point nearer to the line than that lies on it, in squares of unit coordinates: rounding."""


class WatchedLine:
    """A line made ready for many questions; remembers nothing of any track.

    A crossing is counted when the object was clear of the line on one side, its path went through the line
    between its two ends, and it was then clear of it on the other side in two sights in a row, or in the last
    one. Where boxes tremble about the line nobody gets clear of it; and a single wrong box behind it is no
    sight in a row. The distance that counts as clear is measured in the object's own box, across the line,
    so that neither the picture's size nor its shape matters.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        (self._ax, self._ay), (bx, by) = snapped(line.a), snapped(line.b)
        self._dx, self._dy = bx - self._ax, by - self._ay
        self._length_sq = self._dx**2 + self._dy**2

    def see(self, memory: LineMemory, before: Sight | None, sight: Sight) -> Crossing | None:
        """Take in the next sight of a track, and return the crossing that has become certain with it."""
        offset = self._offset(sight)
        side = 0 if abs(offset) <= ON_LINE else 1 if offset > 0 else -1
        if before is not None and side * memory.last_side < 0:
            self._meet(memory, before, sight, side)
        memory.last_side = side or memory.last_side
        clear = side if abs(offset) >= self._clear_offset(sight) else 0
        if clear * memory.side >= 0:
            memory.doubted = 0
            if clear:
                memory.side, memory.net = clear, 0
            return None
        if memory.doubted != clear:
            memory.doubted = clear
            return None
        return self._get_over(memory)

    def end(self, memory: LineMemory) -> Crossing | None:
        """Return the crossing that the last sight of a track was."""
        return self._get_over(memory) if memory.doubted else None

    def _get_over(self, memory: LineMemory) -> Crossing | None:
        went_through = memory.net * memory.doubted > 0
        memory.side, memory.doubted, memory.net = memory.doubted, 0, 0
        if not went_through:
            return None
        direction = Direction.FORWARD if memory.side > 0 else Direction.BACKWARD
        return Crossing(self.line.id, self.line.name, WallUs(memory.met_us), direction)

    def _meet(self, memory: LineMemory, before: Sight, sight: Sight, side: int) -> None:
        """Note where and when the path from one sight to the next meets the line, if between its ends."""
        first, second = self._offset(before), self._offset(sight)
        part = first / (first - second)
        x, y = before.x + part * (sight.x - before.x), before.y + part * (sight.y - before.y)
        along = ((x - self._ax) * self._dx + (y - self._ay) * self._dy) / self._length_sq
        if 0.0 <= along <= 1.0:
            begin_us = max(before.at_us, sight.at_us - LONGEST_LEG_US)
            memory.net += side
            memory.met_us = begin_us + round(part * (sight.at_us - begin_us))

    def _offset(self, sight: Sight) -> float:
        """Return the distance from the line times its length; above 0 to the right of it, seen from ``a``."""
        return self._dx * (sight.y - self._ay) - self._dy * (sight.x - self._ax)

    def _clear_offset(self, sight: Sight) -> float:
        """Return from which distance on (times the length) an object of that box is clear of the line.

        Where the feet are below the picture, the box's lower edge is the picture's and does not tremble.
        """
        height = 0.0 if sight.is_cut_off else sight.height
        return CLEAR_RATIO * (abs(self._dy) * sight.width + abs(self._dx) * height)
