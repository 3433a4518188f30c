import numpy as np
import pytest

from appliance.packets.demo.gait import posture, step_length_m, strides_per_s

HEIGHT_M = 1.72


@pytest.mark.parametrize(("speed_m_s", "step_m"), [(0.0, 0.0), (0.8, 0.56), (1.3, 0.71), (1.6, 0.79)])
def test_a_step_is_as_long_as_people_make_it_at_that_speed(speed_m_s: float, step_m: float) -> None:
    """Steps follow the walk ratio of 0.0065 m per step and minute."""
    assert step_length_m(speed_m_s, HEIGHT_M) == pytest.approx(step_m, abs=0.01)


def test_rhythm_and_length_of_steps_give_the_speed() -> None:
    """Two steps make a stride, and strides carry the walker as far as the speed says."""
    assert strides_per_s(1.2, HEIGHT_M) * 2 * step_length_m(1.2, HEIGHT_M) == pytest.approx(1.2)


@pytest.mark.parametrize("speed_m_s", [0.8, 1.2, 1.6])
def test_a_foot_on_the_ground_does_not_slide(speed_m_s: float) -> None:
    """While a foot stands flat, it stays at one place of the street."""
    stride = 2 * step_length_m(speed_m_s, HEIGHT_M)
    parts = np.linspace(0.12, 0.38, 9)
    toes = [posture(HEIGHT_M, speed_m_s, float(part)).feet[0].toe[0] + stride * part for part in parts]
    assert np.ptp(toes) < 0.01


@pytest.mark.parametrize("speed_m_s", [0.0, 0.8, 1.6])
def test_no_leg_stretches(speed_m_s: float) -> None:
    """Thigh and shank keep their lengths within a centimetre, whatever the phase."""
    for part in np.linspace(0, 1, 40, endpoint=False):
        for leg in posture(HEIGHT_M, speed_m_s, float(part)).legs:
            assert np.linalg.norm(leg.middle - leg.root) == pytest.approx(0.245 * HEIGHT_M, abs=0.01)
            assert np.linalg.norm(leg.end - leg.middle) == pytest.approx(0.246 * HEIGHT_M, abs=0.01)


def test_arm_and_leg_of_a_side_swing_against_each_other() -> None:
    """When the left heel strikes ahead, the left hand is behind the body and the right one before it."""
    body = posture(HEIGHT_M, 1.3, 0.0)
    assert body.feet[0].heel[0] > 0.2 > 0.0 > body.arms[0].end[0]
    assert body.arms[1].end[0] > 0.1


def test_who_stands_has_both_feet_flat_below_the_body() -> None:
    """At speed 0 the phase does not matter, and nobody leans or lifts a foot."""
    for part in (0.0, 0.3, 0.7):
        body = posture(HEIGHT_M, 0.0, part)
        assert all(abs(foot.heel[2] - foot.toe[2]) < 1e-9 for foot in body.feet)
        assert all(abs(leg.end[0]) < 1e-9 for leg in body.legs)
