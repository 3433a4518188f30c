"""Packets → frames: decodes on the reader's thread, and samples to the rate at which detection looks."""
