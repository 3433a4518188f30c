"""How a person walks and stands: joints in metres from the walker's height, speed and phase.

Proportions are those of D. A. Winter, *Biomechanics and Motor Control of Human Movement* (segment lengths as
parts of body height). Step length follows the walk ratio, which people keep over their speeds: step length by
cadence is about 0.0065 m per step and minute (Sekiya and Nagasaki, *Reproducibility of the walking patterns
of normal young adults*, 1998), hence ``step = sqrt(0.39 s * speed)``. A foot on the ground stays where it is.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Point = npt.NDArray[np.float64]
"""float64, shape (3,): metres forward of the hip's ground point, to the walker's left, and up."""

_WALK_RATIO_M_S = 0.39
_MEAN_HEIGHT_M = 1.72
_STANCE = 0.60
_HEEL_OFF = 0.40

_THIGH, _SHANK, _ANKLE = 0.245, 0.246, 0.039
_HIP_Z, _SHOULDER_Z, _HEAD_Z = 0.520, 0.812, 0.928
_UPPER_ARM, _FOREARM = 0.186, 0.160
_HIP_HALF, _SHOULDER_HALF = 0.052, 0.105
_HEEL_BACK, _TOE_AHEAD, _SOLE = 0.042, 0.105, 0.024
# Of a double step: when the foot is flat, and how far ahead of the hips it strikes.
_FLAT, _STRIKE_AHEAD = 0.09, 0.265
# Radians, toes up: of the foot when its heel strikes and when its toes leave.
_STRIKE_PITCH, _OFF_PITCH = 0.32, -0.85


@dataclass(frozen=True, slots=True)
class Limb:
    """Joints of an arm (shoulder, elbow, hand) or a leg (hip, knee, ankle), from the body outwards."""

    root: Point
    middle: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Foot:
    """Heel and ball of a foot."""

    heel: Point
    toe: Point


@dataclass(frozen=True, slots=True)
class Body:
    """One posture; pairs are left and right."""

    height_m: float
    legs: tuple[Limb, Limb]
    feet: tuple[Foot, Foot]
    arms: tuple[Limb, Limb]
    pelvis: Point
    chest: Point
    head: Point


def step_length_m(speed_m_s: float, height_m: float) -> float:
    """Return the length of a step at that speed for a person of that height, in metres."""
    return math.sqrt(_WALK_RATIO_M_S * max(speed_m_s, 0.0)) * height_m / _MEAN_HEIGHT_M


def strides_per_s(speed_m_s: float, height_m: float) -> float:
    """Return the double steps in a second at that speed."""
    step = step_length_m(speed_m_s, height_m)
    return speed_m_s / (2 * step) if step > 0 else 0.0


def posture(height_m: float, speed_m_s: float, stride_part: float, arm_raised: float = 0.0) -> Body:
    """Return the body of someone who walks, or stands at speed 0.

    Args:
        height_m: of the person.
        speed_m_s: now.
        stride_part: where in the double step, 0 to 1 from the left heel's strike.
        arm_raised: 0 to 1: how far the right hand is lifted before the face, as with a telephone.
    """
    stride = 2 * step_length_m(speed_m_s, height_m)
    swing = min(1.0, speed_m_s / 1.1)
    steps = [
        _Step(height_m, stride, swing, (stride_part + offset) % 1.0, side)
        for offset, side in ((0.0, 1), (0.5, -1))
    ]
    # The pelvis sinks when the feet are far apart: as a compass does whose legs are as long as they are.
    tall = (_HIP_Z + 0.007 * (1.0 - swing)) * height_m
    hip_z = min(tall, *(step.highest_hip_m() for step in steps))
    lean = 0.025 * height_m * swing
    pelvis = np.array([0.0, 0.0, hip_z])
    rise = hip_z - _HIP_Z * height_m
    chest = np.array([lean, 0.0, _SHOULDER_Z * height_m + rise])
    head = np.array([lean * 1.3 + 0.008 * height_m, 0.0, _HEAD_Z * height_m + rise])
    arms = (
        _arm(height_m, chest, swing, stride_part + 0.5, 1, 0.0),
        _arm(height_m, chest, swing, stride_part, -1, arm_raised),
    )
    left, right = steps
    legs, feet = (left.leg(hip_z), right.leg(hip_z)), (left.foot(), right.foot())
    return Body(height_m, legs, feet, arms, pelvis, chest, head)


class _Step:
    """One leg at one moment of its double step: 0 when the heel strikes, 0.6 when the toes leave."""

    def __init__(self, height_m: float, stride_m: float, swing: float, part: float, side: int) -> None:
        self._height = height_m
        ahead, up, self._pitch = _ankle(height_m, stride_m, swing, part)
        lateral = side * height_m * (_HIP_HALF * (1 - 0.35 * swing) + 0.012 * (1 - swing))
        self._ankle = np.array([ahead, lateral, up])
        # The pelvis turns with the leg that swings forward.
        turned = 0.024 * height_m * swing * math.cos(2 * math.pi * part)
        self._hip = np.array([turned, side * _HIP_HALF * height_m, 0.0])

    def highest_hip_m(self) -> float:
        """Return the height of the hip at which the leg is stretched."""
        length = (_THIGH + _SHANK) * self._height * 0.999
        ahead = self._ankle[0] - self._hip[0]
        return float(self._ankle[2] + math.sqrt(max(0.0, length**2 - ahead**2)))

    def leg(self, hip_z: float) -> Limb:
        """Return hip, knee and ankle."""
        hip = self._hip + np.array([0.0, 0.0, hip_z])
        return Limb(hip, _knee(hip, self._ankle, self._height), self._ankle)

    def foot(self) -> Foot:
        """Return heel and ball."""
        along = np.array([math.cos(self._pitch), 0.0, math.sin(self._pitch)])
        down = np.array([along[2], 0.0, -along[0]])
        sole = self._ankle + down * _SOLE * self._height
        return Foot(sole - along * _HEEL_BACK * self._height, sole + along * _TOE_AHEAD * self._height)


def _ankle(height: float, stride: float, swing: float, part: float) -> tuple[float, float, float]:
    """Return the ankle's place ahead of the hips, its height, and the foot's pitch (toes up is positive)."""
    strike_x = stride * _STRIKE_AHEAD
    strike = _on_heel(height, strike_x, _STRIKE_PITCH * swing)
    if part < _STANCE:
        foot_x = strike_x - stride * part
        if part < _HEEL_OFF:
            return _on_heel(height, foot_x, _STRIKE_PITCH * swing * max(0.0, 1 - part / _FLAT))
        return _on_ball(
            height, foot_x, _OFF_PITCH * swing * ((part - _HEEL_OFF) / (_STANCE - _HEEL_OFF)) ** 1.6
        )
    off = _on_ball(height, strike_x - stride * _STANCE, _OFF_PITCH * swing)
    moved = (part - _STANCE) / (1 - _STANCE)
    eased = moved * moved * (3 - 2 * moved)
    lift = 0.034 * height * swing * math.sin(math.pi * moved) * (1 - 0.45 * moved)
    ahead, up, pitch = (a + (b - a) * eased for a, b in zip(off, strike, strict=True))
    return ahead, up + lift, pitch


def _on_heel(height: float, foot_x: float, pitch: float) -> tuple[float, float, float]:
    """Return the ankle of a foot that rests on its heel, ``pitch`` from flat, flat at foot_x."""
    return _turned(foot_x - _HEEL_BACK * height, _HEEL_BACK * height, height, pitch)


def _on_ball(height: float, foot_x: float, pitch: float) -> tuple[float, float, float]:
    """Return the same of a foot that rests on its ball; the pitch is negative."""
    ball = 0.8 * _TOE_AHEAD * height
    return _turned(foot_x + ball, -ball, height, pitch)


def _turned(pivot_x: float, ankle_ahead: float, height: float, pitch: float) -> tuple[float, float, float]:
    up = _ANKLE * height
    return (
        pivot_x + ankle_ahead * math.cos(pitch) - up * math.sin(pitch),
        ankle_ahead * math.sin(pitch) + up * math.cos(pitch),
        pitch,
    )


def _arm(height: float, chest: Point, swing: float, part: float, side: int, raised: float) -> Limb:
    forth = math.cos(2 * math.pi * (part - 0.02))
    shoulder = chest + np.array(
        [-0.018 * height * swing * -forth, side * _SHOULDER_HALF * height, -0.026 * height]
    )
    upper = (0.46 * swing * forth - 0.04 * swing) * (1 - raised) + 0.42 * raised
    bent = (0.18 + swing * (0.22 + 0.20 * forth)) * (1 - raised) + 2.3 * raised
    away = side * 0.030 * height * (1.1 - 0.5 * swing)
    elbow = (
        shoulder
        + _UPPER_ARM * height * np.array([math.sin(upper), 0.0, -math.cos(upper)])
        + np.array([0, away, 0])
    )
    lower = upper + bent
    hand = elbow + _FOREARM * height * np.array([math.sin(lower), 0.0, -math.cos(lower)])
    hand[1] += away * 0.2 - side * 0.075 * height * raised
    return Limb(shoulder, elbow, hand)


def _knee(hip: Point, ankle: Point, height: float) -> Point:
    """Return the knee between hip and ankle, bent forward: where two circles meet."""
    thigh, shank = _THIGH * height, _SHANK * height
    reach = ankle - hip
    distance = min(float(np.linalg.norm(reach)), thigh + shank)
    along = (thigh**2 - shank**2 + distance**2) / (2 * distance)
    out = math.sqrt(max(0.0, thigh**2 - along**2))
    unit = reach / float(np.linalg.norm(reach))
    return np.asarray(hip + unit * along + np.array([-unit[2], 0.0, unit[0]]) * out)
