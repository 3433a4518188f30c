"""Which pictures of a stream are looked at."""

import pytest

from appliance.frames.sampling import Sampler


def taken(times: list[float], fps: float) -> list[float]:
    """Return the times that are taken."""
    sampler = Sampler(fps)
    return [t for t in times if sampler.take(t)]


@pytest.mark.parametrize(
    ("stream_fps", "wanted_fps", "expected_fps"),
    [
        (30, 5, 5.0),
        (25, 5, 5.0),
        (12.5, 5, 5.0),
        (10, 5, 5.0),
        (15, 10, 10.0),
        (7, 5, 5.0),
        (6, 5, 6.0),
        (5, 5, 5.0),
        (5.1, 5, 5.1),
        (4, 5, 4.0),
        (1, 5, 1.0),
        (30, 30, 30.0),
        (25, 0.5, 0.5),
    ],
)
def test_a_stream_is_thinned_out_to_the_rate(
    stream_fps: float, wanted_fps: float, expected_fps: float
) -> None:
    """Faster streams give the wanted rate, those that are near it or slower pass whole."""
    seconds = 200
    times = [i / stream_fps for i in range(round(seconds * stream_fps))]
    assert len(taken(times, wanted_fps)) / seconds == pytest.approx(expected_fps, rel=0.03)


def test_a_stream_at_the_wanted_rate_loses_nothing_to_jitter() -> None:
    """A camera's stamps are not even, and every one of its pictures was wanted."""
    times = [i / 5 + (0.06 if i % 3 == 0 else -0.05) for i in range(100)]
    sampler = Sampler(5, stream_fps=5.0)
    assert all(sampler.take(t) for t in times)


def test_a_wrong_announcement_is_seen_through() -> None:
    """A camera that says 5 and sends 30 pictures a second is thinned out, and the other way round."""
    for said, sent, expected in ((5.0, 30, 5.0), (30.0, 5, 5.0)):
        sampler = Sampler(5, stream_fps=said)
        count = sum(sampler.take(i / sent) for i in range(sent * 100))
        assert count / 100 == pytest.approx(expected, rel=0.05)


def test_pictures_are_taken_evenly() -> None:
    """12.5 pictures a second become 5, each at most half a picture from its place."""
    times = [i / 12.5 for i in range(250)]
    assert max(abs(t - i / 5) for i, t in enumerate(taken(times, 5))) <= 0.0401


def test_a_gap_or_a_jump_begins_anew() -> None:
    """After a hole, backwards or forwards, the next picture is taken."""
    assert taken([0.0, 0.04, 2.0, 2.04, 2.2], 5) == [0.0, 2.0, 2.2]
    assert taken([100.0, 100.1, 3.0, 3.1, 3.2], 5) == [100.0, 3.0, 3.2]
    assert taken([0.0, 0.1, 900.0, 900.1], 5) == [0.0, 900.0]
    assert taken([0.0, 0.0, 0.0], 5)[:1] == [0.0]


@pytest.mark.parametrize("fps", [0.0, -1.0])
def test_a_rate_of_nothing_is_refused(fps: float) -> None:
    """It would take no picture ever."""
    with pytest.raises(ValueError, match="above 0"):
        Sampler(fps)
