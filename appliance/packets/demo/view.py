"""Where the demo camera stands and how the street maps to its picture.

The camera looks straight across the street, so a metre at a given depth has one scale, and that scale follows
from the height of its ground line in the picture alone (a pinhole above a plane).
"""

WIDTH = 1280
"""Width of the picture, pixels."""
HEIGHT = 720
"""Height of the picture, pixels."""
HORIZON_Y = 300.0
"""Row of the horizon, pixels."""
CAMERA_HEIGHT_M = 2.6
"""Height of the camera above the ground, metres: a bracket beside a front door."""
FOCAL_PX = 1400.0
"""Focal length in pixels: a field of view of 49 degrees."""


def scale_at(ground_y: float) -> float:
    """Return the pixels for one metre at the depth whose ground lies at row ``ground_y``."""
    return (ground_y - HORIZON_Y) / CAMERA_HEIGHT_M


def tilt_at(ground_y: float) -> float:
    """Return how far a metre towards the camera moves down in the picture, in metres at that depth."""
    return (ground_y - HORIZON_Y) / FOCAL_PX
