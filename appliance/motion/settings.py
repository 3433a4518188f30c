"""What can be tuned about motion."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The motion detector. A ``_ratio`` of length is a part of the picture's width, one of area of its area.

    Attributes:
        model_width_px: the picture is looked at in about this width (a whole part of its own); at 320 a
            person 12 m away is still 10 px wide.
        threshold_levels: difference of luma to the background that counts, at least; 0 to 255.
        noise_factor: and at least so many times what is usual at that pixel.
        changed_levels: difference of luma to the last frame that counts as a change.
        changed_ratio: the part of a region that must have changed lately, else it stands still.
        lately_s: what counts as lately.
        flicker_ratio: pixels that come and go in more than this part of the frames (leaves, water, a screen)
            are left out.
        flicker_s: the time over which that is judged.
        min_area_ratio: smaller regions are no motion.
        join_ratio: parts of a region that are this near to each other are one.
        split_area_ratio: regions larger than this are looked at again: two cars side by side may be joined by
            the shadow between them.
        pad_ratio: boxes are made larger by this on every side.
        daylight_s: time constant with which the background follows the light.
        absorb_s: the same where something has come to rest.
        moving_absorb_s: the same under what moves.
        memory_s: time constant of the second, slower background; what matches either is no motion, so that a
            person who stood for half a minute leaves no hole behind.
        memory_absorb_s: the same where something has come to rest.
        settle_s: after the start or an upheaval the background follows at once for so long.
        sudden_gain_ratio: where the whole picture becomes brighter or darker by more than this from one
            frame to the next, the frame says nothing.
        upheaval_ratio: where differences lie in so much of the picture (in cells of 16 × 9), the camera was
            turned or the light switched, and all is learnt anew.
        tampering: whether to look for cameras that are covered, turned or put out of focus.
        dark_is_covered: whether a picture that is suddenly black is told of, as where a bag is put over the
            camera; so is each light that is switched off, where it is dark then.
        covered_after_s: a camera that is covered for that long is told of,
        unfocused_after_s: one that is out of focus for that long,
        moved_after_s: and one that looks elsewhere for that long;
        new_view_s: which is the usual view after that time.
    """

    model_width_px: int = 320
    threshold_levels: float = 12.0
    noise_factor: float = 4.0
    changed_levels: float = 8.0
    changed_ratio: float = 0.03
    lately_s: float = 0.7
    flicker_ratio: float = 0.2
    flicker_s: float = 20.0
    min_area_ratio: float = 0.0012
    join_ratio: float = 0.016
    split_area_ratio: float = 0.03
    pad_ratio: float = 0.006
    daylight_s: float = 6.0
    absorb_s: float = 5.0
    moving_absorb_s: float = 60.0
    memory_s: float = 120.0
    memory_absorb_s: float = 600.0
    settle_s: float = 0.6
    sudden_gain_ratio: float = 0.25
    upheaval_ratio: float = 0.75
    tampering: bool = True
    dark_is_covered: bool = False
    covered_after_s: float = 15.0
    unfocused_after_s: float = 15.0
    moved_after_s: float = 30.0
    new_view_s: float = 600.0
