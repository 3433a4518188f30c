"""Stored frames of a camera + its setup → batches, events, alerts, candidates; the same in a replay."""
