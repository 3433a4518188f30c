"""Benchmarks: ``make bench NAME=…`` runs one; the last line of its output is one JSON object."""
