"""Packets → viewers: fragments of one picture each, remuxed once for all who watch, never decoded."""
