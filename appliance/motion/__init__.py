"""Frames → motion: which parts of a camera's picture move, on the luma plane."""
