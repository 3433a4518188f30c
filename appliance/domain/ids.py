"""Ids: one type for each kind of thing, so that an event's id is never taken for a batch's."""

import hashlib
import secrets
from collections.abc import Callable
from typing import NewType

from appliance.domain.time import WallUs

CameraId = NewType("CameraId", str)
"""A camera's slug, chosen by its owner; see ``CAMERA_ID``."""
RESERVED_CAMERA_IDS = (CameraId("stats"), CameraId("new"))
"""No camera's ids: ``/cameras/stats`` is a path of the API, ``/cameras/new`` one of the page."""
CAMERA_ID = rf"^(?!(?:{'|'.join(RESERVED_CAMERA_IDS)})$)[a-z0-9_-]{{1,64}}$"
"""What a camera's id may look like, as a regular expression."""
CAMERA_ID_WORDS = f"1 to 64 of a-z, 0-9, - and _, other than {' and '.join(RESERVED_CAMERA_IDS)}"
"""The same in words."""
EventId = NewType("EventId", str)
BatchId = NewType("BatchId", str)
AlertId = NewType("AlertId", str)
RuleId = NewType("RuleId", str)
VisitId = NewType("VisitId", str)
"""One object's visit to one camera; an event that continues an interrupted one shares its visit id."""
SegmentId = NewType("SegmentId", str)
"""One file of footage."""
VolumeId = NewType("VolumeId", str)
"""One storage path, known by the identity file in it."""
CandidateId = NewType("CandidateId", str)
"""A track that became no event, or an event that a rule made no alert of."""
TargetId = NewType("TargetId", str)
"""Where alerts are sent to."""
ExportId = NewType("ExportId", str)
UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
"""A login's public name; never the secret that the browser shows."""
TokenId = NewType("TokenId", str)
"""An API token's public name, the part between ``nj_`` and its secret."""
TrackId = NewType("TrackId", int)
"""A track's number, unique for one camera within one run of the service."""
DetectionId = NewType("DetectionId", int)
Cursor = NewType("Cursor", int)
"""A position in the outbox: the commit order. 0 is before everything."""

IdSource = Callable[[WallUs], str]
"""Makes a new id for something that came to be at the given wall time."""
Naming = Callable[[str, WallUs, int], str]
"""Names a thing that a camera's frames made: its kind, the wall time at which it began, and the number of the
track that it is of. The same three always get the same name from one of these, others another one."""


def new_id(wall_us: WallUs) -> str:
    """Return a new id of 24 hexadecimal digits that sorts by time of creation.

    The first 12 digits are milliseconds since 1970, the others 48 random bits: the layout of RFC 9562's
    version 7 without its version bits. The process makes ids itself, so that an event can be referred to
    while its row still waits for a full disk.
    """
    return f"{max(wall_us, 0) // 1000:012x}{secrets.token_hex(6)}"


def derived_id(wall_us: WallUs, *parts: object) -> str:
    """Return an id of the same form whose last 12 digits are a hash of the parts instead of random.

    The same time and parts make the same id again: what is decided anew from what is stored gets its old
    names. The parts must not contain a zero byte when written as text.
    """
    text = "\0".join(str(part) for part in parts)
    return f"{max(wall_us, 0) // 1000:012x}{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"
