"""How regularly keyframes come."""

import pytest

from appliance.frames.rhythm import KeyframeRhythm


def played(gaps_s: list[float], fps: int = 10) -> KeyframeRhythm:
    """Return a rhythm that has seen keyframes at these distances, with other packets between them."""
    rhythm, at_s = KeyframeRhythm(), 0.0
    rhythm.step(at_s, is_keyframe=True)
    for gap_s in gaps_s:
        for i in range(1, round(gap_s * fps)):
            rhythm.step(at_s + i / fps, is_keyframe=False)
        at_s += gap_s
        rhythm.step(at_s, is_keyframe=True)
    return rhythm


@pytest.mark.parametrize(
    ("gaps_s", "gop_s", "longest_s", "known", "irregular"),
    [
        ([], None, 0.0, False, False),
        ([2.0] * 3, 2.0, 2.0, False, False),
        ([2.0] * 4, 2.0, 2.0, True, False),
        ([2.0, 2.1, 1.9, 2.0], 2.0, 2.1, True, False),
        ([2.0, 2.0, 2.0, 8.0], 2.0, 8.0, True, True),
        ([2.0, 2.0, 0.7, 2.0, 2.0], 2.0, 2.0, True, False),
        ([8.0] * 4, 8.0, 8.0, True, False),
        ([8.0] + [2.0] * 16, 2.0, 2.0, True, False),
    ],
)
def test_the_distance_of_keyframes(
    gaps_s: list[float], gop_s: float | None, longest_s: float, known: bool, irregular: bool
) -> None:
    """Median and longest of the last sixteen; nothing is claimed of fewer than four.

    One that comes early, as it does for whoever connects to the camera, makes nothing irregular.
    """
    rhythm = played(gaps_s)
    assert rhythm.gop_s == (None if gop_s is None else pytest.approx(gop_s))
    assert rhythm.longest_s == pytest.approx(longest_s)
    assert (rhythm.is_known, rhythm.is_irregular) == (known, irregular)


def test_a_keyframe_that_does_not_come_is_noticed() -> None:
    """The wait grows until it comes."""
    rhythm = played([2.0] * 4)
    assert rhythm.waited_s(13.0) == pytest.approx(5.0)
    assert KeyframeRhythm().waited_s(13.0) == 0.0


def test_a_stream_of_keyframes_alone_is_recognised() -> None:
    """Nothing can be told from the sizes of pictures that are not predicted."""
    rhythm = KeyframeRhythm()
    for i in range(6):
        rhythm.step(i / 10, is_keyframe=True)
    assert rhythm.is_intra_only
    assert not played([2.0] * 6).is_intra_only
