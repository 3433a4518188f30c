"""What can be tuned about following objects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelScores:
    """What the running score of one label must reach, instead of what holds for all.

    Attributes:
        label: as the model calls it.
        confirm_score: likewise of the section itself.
        end_score: likewise.
    """

    label: str
    confirm_score: float
    end_score: float


@dataclass(frozen=True, slots=True)
class Settings:
    """Thresholds and times of the tracker; a *hit* is a frame in which the object was found.

    Attributes:
        high_score: boxes from here on are matched first, and only they begin a track or confirm one.
        low_score: boxes from here on still prolong a track that is known (ByteTrack's second look).
        confirm_hits: hits that confirm a track.
        confirm_score: and the running score that it must reach: the mean of the hits' scores, newer and
            better ones first. The default asks no more than the hits do.
        end_score: a confirmed track whose running score sinks below that through unsure boxes has ended.
        small_area_ratio: a box that covers less than that part of the picture is small,
        small_confirm_score: and must reach at least this running score.
        scores: labels with thresholds of their own.
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
        rest_after_s: a track that stood for that long rests: it is held at its place however long it stays.
        rest_gone_s: a resting object whose place looks different, and where nothing was found for that long,
            has left,
        rest_hidden_s: time in which a known object stands before it not counted, up to this long.
        rest_renew_s: how often the look of a resting object's place is learnt anew, so that it follows the
            daylight.
    """

    high_score: float = 0.35
    low_score: float = 0.1
    confirm_hits: int = 3
    confirm_score: float = 0.2
    end_score: float = 0.12
    small_area_ratio: float = 0.0005
    small_confirm_score: float = 0.2
    scores: tuple[LabelScores, ...] = ()
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
    rest_after_s: float = 20.0
    rest_gone_s: float = 30.0
    rest_hidden_s: float = 900.0
    rest_renew_s: float = 10.0
