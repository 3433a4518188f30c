"""A clip through which something passes at known times, cheap to analyse: one motion event in each round."""

from collections.abc import Iterator
from pathlib import Path

from tests.support.clips import I420, plain, write_clip

WIDTH, HEIGHT, FPS = 320, 192, 10
SQUARE_W, SQUARE_H = 48, 80
BEFORE_S, CROSSING_S, AFTER_S = 1, 3, 4
ROUND_S = BEFORE_S + CROSSING_S + AFTER_S
"""Long enough after the crossing for its event to end before the clip begins anew."""


def write_passer(path: Path) -> Path:
    """Write the clip, to be looped: nothing, a bright figure that goes from left to right, nothing."""
    return write_clip(path, _pictures(), fps=FPS)


def _pictures() -> Iterator[I420]:
    for _ in range(BEFORE_S * FPS):
        yield plain(WIDTH, HEIGHT)
    steps = CROSSING_S * FPS
    for step in range(steps):
        picture = plain(WIDTH, HEIGHT)
        left = -SQUARE_W + (WIDTH + SQUARE_W) * step // steps
        top = (HEIGHT - SQUARE_H) // 2
        picture[top : top + SQUARE_H, max(0, left) : max(0, left + SQUARE_W)] = 220
        yield picture
    for _ in range(AFTER_S * FPS):
        yield plain(WIDTH, HEIGHT)
