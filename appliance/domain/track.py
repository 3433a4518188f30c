"""A track: one object followed from frame to frame."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import CameraId, TrackId
from appliance.domain.time import WallUs

Box = tuple[float, float, float, float]
"""xyxy: left, top, right, bottom."""


class TrackState(StrEnum):
    """Tentative until it was hit often enough; lost while it is looked for in vain; then ended for good."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    LOST = "lost"
    ENDED = "ended"


class Origin(StrEnum):
    """How a resting thing came to its place."""

    ARRIVED = "arrived"
    LEFT_BEHIND = "left_behind"


class Remover(StrEnum):
    """What made an object leave the place where it rested."""

    ITSELF = "itself"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a track was confirmed by; of a tentative one, how far it has come.

    Attributes:
        hits: analysed frames in which it was found by then.
        score: how far it was believed, 0 to 1: the running mean of its sights' confidences. 0 where only its
            motion was known.
        limit: what that had to reach; 0 likewise.
    """

    hits: int
    score: float
    limit: float


@dataclass(frozen=True, slots=True)
class Rest:
    """An object that came to rest.

    Attributes:
        since_us: when it came to its place.
        unit_box: its place, 0 to 1 of width and height.
        look: how its place looks with it: the 64 bits of ``domain.look``.
    """

    since_us: WallUs
    unit_box: Box
    look: int


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of one followed object after an analysed frame.

    Attributes:
        id: unique for its camera within one run of the service.
        label: voted over all hits.
        votes: the weight of each label's hits, heaviest first.
        score: the best confidence with which the label was given, 0 to 1.
        hit_label: the label of the last sight alone.
        hit_score: the confidence of the last sight alone, 0 to 1.
        box: the detector's box at the last sight, pixels of the frame.
        unit_box: the same in unit coordinates, 0 to 1 of width and height.
        first_us: the first hit, not the confirmation.
        last_seen_us: the last hit; never before ``first_us``.
        hits: analysed frames in which it was found.
        missed: analysed frames since the last sight in which it was looked for in vain; 0 when the frame
            at hand shows it.
        is_stationary: it moves less than a tenth of its own size in a second.
        rest: where it rests, once it was stationary for long enough; then it is followed however long it
            stays. A track that ends while it rests still tells where.
        origin: left behind when a person was beside it as it appeared, and is not any more.
        removed_by: once it has left its place, or ended there: a person when one was at the place then and
            it is a thing that can be carried off; ``None`` before.
        confirmation: by what it was confirmed; ``None`` of one that a start took over.
    """

    id: TrackId
    camera_id: CameraId
    state: TrackState
    label: str
    votes: tuple[tuple[str, float], ...]
    score: float
    hit_label: str
    hit_score: float
    box: Box
    unit_box: Box
    first_us: WallUs
    last_seen_us: WallUs
    hits: int
    missed: int
    is_stationary: bool
    rest: Rest | None = None
    origin: Origin = Origin.ARRIVED
    removed_by: Remover | None = None
    confirmation: Confirmation | None = None
