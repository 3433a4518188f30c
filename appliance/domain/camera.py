"""A camera: what its owner set, and the state that its reader reports."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.footage import DEFAULT_POLICY, RecordingPolicy
from appliance.domain.ids import CameraId
from appliance.domain.scene import EMPTY_SCENE, Scene


class CameraState(StrEnum):
    """What a camera's reader is doing; each state is shown with its reason."""

    CONNECTING = "connecting"
    ONLINE = "online"
    OFFLINE = "offline"
    AUTH_FAILED = "auth_failed"
    NO_VIDEO = "no_video"
    ENDED = "ended"
    DISABLED = "disabled"


class DecodePolicy(StrEnum):
    """What a camera's owner wants decoded: what is worth it, every picture, or keyframes alone."""

    AUTO = "auto"
    ALWAYS = "always"
    KEYFRAMES = "keyframes"


class DecodeMode(StrEnum):
    """How much of a camera's stream is decoded: as much as happens in it, every picture, or keyframes."""

    ON_DEMAND = "on_demand"
    CONTINUOUS = "continuous"
    KEYFRAMES = "keyframes"


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
        url: the address without credentials: ``rtsp://…``, ``rtsps://…``, ``http://…``, ``https://…``,
            ``device:///dev/…``, ``file:///…`` or ``demo:``.
        loop: play a file again from its start when it ends.
        detect_fps: frames analysed each second while there is motion; above 0, at most 30.
        labels: the labels that count at this camera, or ``None`` for the default ones.
        decode: what is decoded of its stream.
        live_url: a second, smaller stream of the same camera, read only while somebody looks at a small
            picture of it; without credentials, which are those of ``url``.
        recording: when its footage is kept, and for how long.
        scene: what its owner drew on its picture.
        sealed_off: why its credentials cannot be read, a sentence; empty where they can, or it has none.
    """

    id: CameraId
    name: str
    url: str
    credentials: Credentials | None = None
    enabled: bool = True
    loop: bool = False
    detect_fps: float = 5.0
    labels: frozenset[str] | None = None
    decode: DecodePolicy = DecodePolicy.AUTO
    live_url: str | None = None
    recording: RecordingPolicy = DEFAULT_POLICY
    scene: Scene = EMPTY_SCENE
    sealed_off: str = ""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a camera's stream is decoded, and why not otherwise.

    Attributes:
        reason: why it is not decoded on demand; a sentence, empty where it is.
        advice: what the owner can change in the camera so that it can be; a sentence, or empty.
        decoder: ``software``, ``cuda``, ``qsv``, or ``none`` for pictures that were never coded.
        decoder_note: why the decoder is not the one that was wanted; a sentence, or empty.
    """

    mode: DecodeMode
    reason: str = ""
    advice: str = ""
    decoder: str = "software"
    decoder_note: str = ""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What is known of a camera's video stream; ``None`` is what was not said and not measured yet.

    Attributes:
        fps: as announced until it was measured.
        gop_s: seconds from one keyframe to the next.
    """

    codec: str
    width: int
    height: int
    fps: float | None
    gop_s: float | None = None
    decoding: Decoding | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What was seen of a camera that was tried.

    Attributes:
        not_recordable: why its footage could not be recorded, a sentence; empty where it can.
        jpeg: its first picture, small; ``None`` where it could not be decoded.
    """

    facts: StreamFacts
    not_recordable: str = ""
    jpeg: bytes | None = None


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


@dataclass(frozen=True, slots=True)
class StreamMeasured:
    """What was found out of an online camera's stream since its state was reported; changes no state."""

    camera_id: CameraId
    stream: StreamFacts


@dataclass(frozen=True, slots=True)
class CameraStats:
    """One camera's figures of the moment; ``None`` is what was not measured (yet).

    Attributes:
        fps: pictures received a second, over the last seconds.
        bitrate_bps: bits of video received a second, over the last seconds.
        decoded_megapixels_s: millions of pixels decoded a second, over the last seconds.
        corrupt_frames: pictures in which the decoder concealed errors, since the start of the service.
        reconnects: attempts to connect again, since the start of the service.
        is_quiet: nothing happens, and little is decoded; ``None`` where decoding is not on demand.
        recording: ``recording``, or the word of the cause for which no footage of it is kept just now.
    """

    camera_id: CameraId
    fps: float | None = None
    bitrate_bps: float | None = None
    decoded_megapixels_s: float | None = None
    corrupt_frames: int = 0
    reconnects: int = 0
    is_quiet: bool | None = None
    recording: str | None = None
