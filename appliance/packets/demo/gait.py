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
_HEEL_BACK, _TOE_AHEAD = 0.042, 0.105


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
    bob = 0.012 * height_m * swing * (math.cos(4 * math.pi * (stride_part - 0.30)) - 1.0)
    lean = 0.025 * height_m * swing
    hip_z = (_HIP_Z + 0.007 * (1.0 - swing)) * height_m + bob
    pelvis = np.array([0.0, 0.0, hip_z])
    chest = np.array([lean, 0.0, _SHOULDER_Z * height_m + bob])
    head = np.array([lean * 1.3 + 0.008 * height_m, 0.0, _HEAD_Z * height_m + bob])
    legs_and_feet = [
        _leg(height_m, stride, swing, (stride_part + offset) % 1.0, side, hip_z)
        for offset, side in ((0.0, 1), (0.5, -1))
    ]
    arms = (
        _arm(height_m, chest, swing, stride_part + 0.5, 1, 0.0),
        _arm(height_m, chest, swing, stride_part, -1, arm_raised),
    )
    (left_leg, left_foot), (right_leg, right_foot) = legs_and_feet
    return Body(height_m, (left_leg, right_leg), (left_foot, right_foot), arms, pelvis, chest, head)


def _leg(
    height: float, stride: float, swing: float, part: float, side: int, hip_z: float
) -> tuple[Limb, Foot]:
    turn = 0.018 * height * swing * math.cos(2 * math.pi * part)
    hip = np.array([turn, side * _HIP_HALF * height, hip_z])
    ankle_x, ankle_z, pitch = _ankle(height, stride, swing, part)
    lateral = side * height * (_HIP_HALF * (1 - 0.35 * swing) + 0.012 * (1 - swing))
    ankle = np.array([ankle_x, lateral, ankle_z])
    knee = _bend(hip, ankle, _THIGH * height, _SHANK * height, 1)
    along, up = math.cos(pitch), math.sin(pitch)
    drop = _ANKLE * height * 0.62
    sole = np.array([up * drop, 0.0, -along * drop])
    heel = ankle + sole + np.array([-along, 0.0, -up]) * _HEEL_BACK * height
    toe = ankle + sole + np.array([along, 0.0, up]) * _TOE_AHEAD * height
    return Limb(hip, knee, ankle), Foot(heel, toe)


def _ankle(height: float, stride: float, swing: float, part: float) -> tuple[float, float, float]:
    """Return the ankle's place ahead of the hip, its height, and the foot's pitch (toes up is positive)."""
    ground = _ANKLE * height
    strike = stride * _STANCE / 2 * 0.98
    if part < _STANCE:
        foot_x = strike - stride * part
        roll = max(0.0, (part - _HEEL_OFF) / (_STANCE - _HEEL_OFF))
        pitch = swing * (0.32 * max(0.0, 1 - part / 0.09) - 0.85 * roll**1.6)
        return _rolled(height, foot_x, pitch) if roll > 0 else (foot_x, ground, pitch)
    off_x, off_z, off_pitch = _rolled(height, strike - stride * _STANCE, -0.85 * swing)
    moved = (part - _STANCE) / (1 - _STANCE)
    eased = moved * moved * (3 - 2 * moved)
    lift = 0.060 * height * swing * math.sin(math.pi * moved) * (1 - 0.45 * moved)
    return (
        off_x + (strike - off_x) * eased,
        off_z + (ground - off_z) * eased + lift,
        off_pitch + (0.32 * swing - off_pitch) * min(1.0, eased * 1.15),
    )


def _rolled(height: float, foot_x: float, pitch: float) -> tuple[float, float, float]:
    """Return the ankle of a foot that rests on its ball and has lifted its heel by ``-pitch``."""
    ball, ground = _TOE_AHEAD * 0.8 * height, _ANKLE * height
    reach, angle = math.hypot(ball, ground), math.atan2(ground, -ball) + pitch
    return foot_x + ball + reach * math.cos(angle), reach * math.sin(angle), pitch


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


def _bend(root: Point, end: Point, first: float, second: float, forward: int) -> Point:
    """Return the middle joint between ``root`` and ``end``, bent forward (two circles' intersection)."""
    reach = end - root
    distance = min(float(np.linalg.norm(reach)), (first + second) * 0.9995)
    along = (first**2 - second**2 + distance**2) / (2 * distance)
    out = math.sqrt(max(0.0, first**2 - along**2))
    unit = reach / max(float(np.linalg.norm(reach)), 1e-9)
    normal = np.array([-unit[2], 0.0, unit[0]]) * forward
    return np.asarray(root + unit * along + normal * out)
