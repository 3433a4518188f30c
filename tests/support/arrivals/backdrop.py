"""The place when nobody is there: a yard with a wall, a road, windows, paving and bushes, all textured."""

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
UnitBox = tuple[float, float, float, float]
"""xyxy, parts of the picture's width and height."""

BUSH: UnitBox = (0.74, 0.30, 0.97, 0.52)
"""Where the leaves are."""
LAMP = (0.16, 0.30)
"""Where the lamp hangs, parts of the picture's width and height."""


def backdrop(width: int, height: int) -> tuple[Plane, Plane]:
    """Return the empty place, the same each time.

    Returns:
        Luma, float32, shape (height, width), about 50 to 200; and both chroma planes, float32, shape (height,
        width / 2), the first half U and the second V.
    """
    dice = np.random.default_rng(11)
    luma = _clouds(dice, width, height) * np.float32(9.0)
    chroma = np.full((2, height // 2, width // 2), 128.0, np.float32)
    rows = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
    levels = np.where(rows < 0.22, 168.0, np.where(rows < 0.5, 118.0, 96.0 + 40.0 * (rows - 0.5)))
    luma += levels.astype(np.float32)
    chroma[0, : height // 9], chroma[1, : height // 9] = 134.0, 124.0
    _wall(luma)
    _windows(luma, chroma)
    _paving(luma)
    _road(luma)
    _bush(dice, luma, chroma)
    grit = cv2.GaussianBlur(dice.standard_normal((height, width), np.float32), (0, 0), width / 1280)
    luma += (np.asarray(grit) * 6.0).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 0.7), np.float32), chroma.reshape(height, width // 2)


def pixels(box: UnitBox, width: int, height: int) -> tuple[int, int, int, int]:
    """Return a box of the picture in whole, even pixels."""
    left, top, right, bottom = (
        round(v * side / 2) * 2 for v, side in zip(box, (width, height) * 2, strict=True)
    )
    return left, top, right, bottom


def _clouds(dice: np.random.Generator, width: int, height: int) -> Plane:
    """Return texture of all scales but the finest, deviation about 1."""
    total = np.zeros((height, width), np.float32)
    for cells in (6, 18, 54, 160):
        coarse = dice.standard_normal((cells * 9 // 16 + 2, cells), np.float32)
        fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        total += np.asarray(fine, np.float32) / np.float32(2.0)
    return total


def _wall(luma: Plane) -> None:
    """Draw courses of bricks."""
    height, width = luma.shape
    top, bottom, course = round(0.22 * height), round(0.5 * height), max(6, height // 45)
    for row, y in enumerate(range(top, bottom, course)):
        luma[y : y + max(1, course // 8)] -= 22.0
        for x in range(row % 2 * course, width, course * 2):
            luma[y : y + course, x : x + max(1, course // 8)] -= 18.0


def _windows(luma: Plane, chroma: npt.NDArray[np.float32]) -> None:
    height, width = luma.shape
    for i, x in enumerate((0.30, 0.42, 0.54)):
        left, top, right, bottom = pixels((x, 0.25, x + 0.07, 0.40), width, height)
        luma[top:bottom, left:right] = 58.0 + 12.0 * i
        luma[top:bottom, (left + right) // 2] = 190.0
        luma[(top + bottom) // 2, left:right] = 190.0
        chroma[0, top // 2 : bottom // 2, left // 2 : right // 2] = 136.0


def _paving(luma: Plane) -> None:
    """Draw slabs that come nearer towards the lower edge."""
    height, width = luma.shape
    for depth in np.linspace(0.0, 1.0, 9) ** 1.7:
        y = round((0.5 + 0.16 * depth) * height)
        luma[y : y + 2] -= 20.0
    for x in np.linspace(-0.5, 1.5, 25):
        ends = [
            (round((0.5 + (x - 0.5) * k) * width), round(y * height)) for k, y in ((1.0, 0.5), (1.5, 0.66))
        ]
        lines = np.zeros(luma.shape, np.uint8)
        cv2.line(lines, ends[0], ends[1], 18, 2, cv2.LINE_AA)
        luma -= lines


def _road(luma: Plane) -> None:
    """Draw kerb and marks."""
    height, width = luma.shape
    kerb = round(0.66 * height)
    luma[kerb : kerb + height // 90] += 50.0
    luma[kerb + height // 90 :] -= 22.0
    for x in np.arange(0.02, 1.0, 0.16):
        left, top, right, bottom = pixels((x, 0.83, x + 0.08, 0.845), width, height)
        luma[top:bottom, left:right] += 75.0


def _bush(dice: np.random.Generator, luma: Plane, chroma: npt.NDArray[np.float32]) -> None:
    """Draw leaves: spots of a few pixels, strong in contrast."""
    height, width = luma.shape
    left, top, right, bottom = pixels(BUSH, width, height)
    shape = (bottom - top, right - left)
    leaves = cv2.GaussianBlur(dice.standard_normal(shape, np.float32), (0, 0), width / 480)
    mask = np.zeros(shape, np.float32)
    cv2.ellipse(mask, (shape[1] // 2, shape[0] // 2), (shape[1] // 2, shape[0] // 2), 0, 0, 360, 1.0, -1)
    here = luma[top:bottom, left:right]
    here += mask * (78.0 + 26.0 * leaves / float(leaves.std()) - here)
    small = cv2.resize(mask, (shape[1] // 2, shape[0] // 2))
    for plane, level in ((0, 116.0), (1, 118.0)):
        part = chroma[plane, top // 2 : bottom // 2, left // 2 : right // 2]
        part += small * (level - part)
