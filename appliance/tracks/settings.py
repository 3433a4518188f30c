"""What can be tuned about following objects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Thresholds and times of the tracker; a *hit* is a frame in which the object was found.

    Attributes:
        high_score: boxes from here on are matched first, and only they begin a track or confirm one.
        low_score: boxes from here on still prolong a track that is known (ByteTrack's second look).
        confirm_hits: hits that confirm a track.
        lost_s: looked for in vain for that long since its last sight, a confirmed track has ended.
        lost_frames: and in at least so many analysed frames.
        tentative_lost_s: looked for in vain for that long, a tentative track is dropped.
        longest_step_s: a longer time between two looks counts as this much: nothing was analysed in the rest.
        forget_s: after that long without an analysed frame every track is forgotten.
        motion_min_s: a track of which is known only that it moves is confirmed when it lasts that long
        motion_min_travel_ratio: and its middle has come that far, in widths or heights of the picture,
        motion_min_travel_sizes: and in its own lengths: what sways or flickers stays where it is,
        motion_min_area_ratio: and it covers that part of the picture.
        specific_min_hits: hits with which a label outvotes ``motion``.
        specific_min_ratio: and the part of all hits that they must be.
    """

    high_score: float = 0.35
    low_score: float = 0.1
    confirm_hits: int = 3
    lost_s: float = 2.5
    lost_frames: int = 2
    tentative_lost_s: float = 1.0
    longest_step_s: float = 1.5
    forget_s: float = 60.0
    motion_min_s: float = 0.6
    motion_min_travel_ratio: float = 0.1
    motion_min_travel_sizes: float = 0.5
    motion_min_area_ratio: float = 0.001
    specific_min_hits: int = 3
    specific_min_ratio: float = 0.15
