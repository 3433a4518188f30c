"""The sound in an opened libav container: its stream, and its packets with their bytes copied."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import av.audio.codeccontext
import av.container

from appliance.packets.video_input import AvPacket, sender_us
from appliance.runtime.clock import Clock


@dataclass(frozen=True, slots=True, eq=False)
class SoundInput:
    """A sound stream as it comes, of any codec that libav knows; compare by identity.

    Attributes:
        index: of the stream in its container.
        codec: FFmpeg's name: ``aac``, ``pcm_alaw``, ``opus`` …
        extradata: as FFmpeg gives it: the AudioSpecificConfig of AAC; empty when there is none.
        decoder: configured for this stream; used on the thread that reads.
        is_timed_with_pictures: its time stamps count from the same moment as those of the pictures, as in a
            file. Those of RTP begin anywhere.
    """

    index: int
    codec: str
    extradata: bytes = field(repr=False)
    time_base: Fraction
    decoder: av.audio.codeccontext.AudioCodecContext
    is_timed_with_pictures: bool = False


@dataclass(frozen=True, slots=True)
class RawSound:
    """A coded piece of sound as libav gave it, its bytes copied.

    Attributes:
        pts_s: presentation time in the stream's own time, or ``None``.
        arrived_ns: monotonic time of the read.
        sender_us: when it was taken by the sender's own clock; ``None`` where it has not reported.
    """

    stream: SoundInput
    data: bytes = field(repr=False)
    pts_s: float | None
    arrived_ns: int
    sender_us: int | None = None


OnSound = Callable[[RawSound], None]
"""Gets a source's sound on the thread that reads, between the pictures; must raise nothing and not wait."""


class SoundTap:
    """Takes the sound out of a container's packets; used on the thread that reads.

    Args:
        container: opened; its first sound of a codec that libav knows is taken, if there is any.
        on_sound: ``None`` where nobody listens.
        is_timed_with_pictures: as in ``SoundInput``.
    """

    def __init__(
        self,
        container: av.container.InputContainer,
        on_sound: OnSound | None,
        clock: Clock,
        *,
        is_timed_with_pictures: bool = False,
    ) -> None:
        self._stream = _sound_input(container, is_timed_with_pictures) if on_sound is not None else None
        self._on_sound = on_sound
        self._clock = clock

    def take(self, packet: AvPacket, offset_s: float = 0.0) -> None:
        """Hand a packet on if it is sound; ``offset_s`` is added to its time stamp."""
        stream, on_sound = self._stream, self._on_sound
        if (
            stream is not None
            and on_sound is not None
            and packet.stream_index == stream.index
            and packet.size
        ):
            on_sound(_raw_sound(packet, stream, self._clock, offset_s))


def _sound_input(container: av.container.InputContainer, is_timed_with_pictures: bool) -> SoundInput | None:
    for audio in container.streams.audio:
        context: av.audio.codeccontext.AudioCodecContext | None = audio.codec_context
        if context is not None and audio.time_base is not None:
            return SoundInput(
                audio.index,
                context.codec.canonical_name,
                bytes(context.extradata or b""),
                audio.time_base,
                context,
                is_timed_with_pictures,
            )
    return None


def _raw_sound(packet: AvPacket, stream: SoundInput, clock: Clock, offset_s: float) -> RawSound:
    pts_s = None if packet.pts is None else float(packet.pts * stream.time_base) + offset_s
    return RawSound(stream, bytes(packet), pts_s, clock.monotonic_ns(), sender_us(packet))
