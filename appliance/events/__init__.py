"""Tracks → events and batches: visits with a risk, a sentence and a best moment, grouped for review."""
