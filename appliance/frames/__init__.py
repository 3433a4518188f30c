"""Packets → frames: decodes what is worth it, on a lane, and samples to the rate at which detection looks."""
