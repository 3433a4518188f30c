"""Packets → live view: fragments for each picture, made once for all viewers; nothing is decoded."""
