"""A camera: what its owner set, and the state that its reader reports."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import CameraId


class CameraState(StrEnum):
    """What a camera's reader is doing; each state is shown with its reason."""

    CONNECTING = "connecting"
    ONLINE = "online"
    OFFLINE = "offline"
    AUTH_FAILED = "auth_failed"
    NO_VIDEO = "no_video"
    ENDED = "ended"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Credentials:
    """User name and password of a camera; they never leave the process."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True, slots=True)
class Camera:
    """What a reader needs to know of one camera.

    Attributes:
        url: the address without credentials: ``rtsp://…``, ``file:///…`` or ``demo:``.
        loop: play a file again from its start when it ends.
        detect_fps: frames analysed each second while there is motion; above 0, at most 30.
        labels: the labels that count at this camera, or ``None`` for the default ones.
    """

    id: CameraId
    name: str
    url: str
    credentials: Credentials | None = None
    enabled: bool = True
    loop: bool = False
    detect_fps: float = 5.0
    labels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What was measured on a camera's video stream; ``None`` is what the stream does not say."""

    codec: str
    width: int
    height: int
    fps: float | None


@dataclass(frozen=True, slots=True)
class CameraReport:
    """One change of a camera's state, said by its reader.

    Attributes:
        reason: a sentence for a person, without credentials; empty only when online.
        stream: the video stream's facts while online.
    """

    camera_id: CameraId
    state: CameraState
    reason: str = ""
    stream: StreamFacts | None = None
