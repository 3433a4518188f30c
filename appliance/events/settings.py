"""What can be tuned about events and batches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Times and thresholds of the event machine; the end of a visit is the tracker's to say.

    Attributes:
        write_every_s: an open event's row changes at most so often, unless its severity, label, zones,
            summary or state changes.
        silence_s: without an analysed frame for that long, what is open is interrupted.
        batch_idle_s: a batch is completed that long after the last sight of its last event,
        batch_longest_s: and after that long in any case.
        continue_within_s: after the start or after a silence, an object confirmed so soon may continue an
            interrupted event,
        continue_gap_s: if that was seen at most so long before.
        best_moment_gain_ratio: a picture is replaced when another moment is that much better.
        offline_after_s: a camera that is not reached for that long is an event; 0 for never.
        night_from_hour: local hour at which the night begins, 0 to 23.
        night_to_hour: local hour at which it ends, 0 to 23.
        quiet_hours: without a label at a camera for that long, its next appearance counts as a first one.
        baseline_half_life_days: in what is usual at a camera, a day counts half after so many days.
        baseline_least_days: what is usual counts once it was learnt on so many days.
    """

    write_every_s: float = 1.0
    silence_s: float = 60.0
    batch_idle_s: float = 30.0
    batch_longest_s: float = 600.0
    continue_within_s: float = 60.0
    continue_gap_s: float = 600.0
    best_moment_gain_ratio: float = 1.2
    offline_after_s: float = 60.0
    night_from_hour: int = 22
    night_to_hour: int = 6
    quiet_hours: float = 4.0
    baseline_half_life_days: float = 28.0
    baseline_least_days: float = 5.0
