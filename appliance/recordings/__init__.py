"""Packets → footage: segments on disks, the gaps between them, and what is played, exported and deleted."""
