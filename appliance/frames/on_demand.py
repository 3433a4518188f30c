"""Decodes as much of one camera's packets as is worth it, in slices, from the ring of its last GOPs."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from appliance.domain.camera import DecodePolicy, Decoding
from appliance.domain.frame import Frame
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.frames.decoder import INTRA_ONLY_CODECS, FrameDecoder
from appliance.frames.demand import Demand, Want
from appliance.frames.settings import Settings
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.lanes import Lanes

_PORTION = 16


class Held(Protocol):
    """A packet and its number in the ring."""

    @property
    def number(self) -> int:
        """Rises by one from packet to packet."""
        ...

    @property
    def packet(self) -> Packet:
        """The packet."""
        ...


class Ring(Protocol):
    """Where the packets are: whole GOPs, the oldest of which may be gone at any time."""

    def since(self, number: int, at_most: int | None = None) -> Sequence[Held]:
        """Return the packets held from that number on, oldest first."""
        ...

    def get(self, number: int) -> Packet | None:
        """Return the packet of that number, if it is held."""
        ...

    def keyframe(self, at_or_before: int | None = None) -> int | None:
        """Return the number of the newest keyframe held, at or before a number."""
        ...


class Viewer(Protocol):
    """Who looks at the frames; called on one thread at a time."""

    def glance(self, frame: Frame) -> bool:
        """Look at a keyframe that stands alone; return whether something moves in it.

        Where it does, everything since the last look is shown again in order, this frame included: it must
        be as if it had not been seen.
        """
        ...

    def view(self, frame: Frame) -> float:
        """Look at the next sampled frame; return the part of it that moves, 0 to 1."""
        ...

    def peek(self, frame: Frame) -> float:
        """Look at a sampled frame as ``view`` does, but as if it had not been seen.

        Every peek comes after what was viewed. Peeks that follow each other are in order; one that lies
        before the last one begins anew after what was viewed.
        """
        ...

    def is_ready(self, then: Callable[[], None]) -> bool:
        """Return whether the next frame can be taken without losing one; if not, ``then`` is called later."""
        ...

    def is_attended(self) -> bool:
        """Return whether something is followed or somebody watches; any thread."""
        ...


@dataclass(slots=True)
class _Place:
    """How far one stream was decoded; used on the lane.

    Attributes:
        seen: number of the newest packet whose picture was shown, or -1.
        seen_s: media time of the newest frame shown; frames up to it are not shown again.
        next: number of the next packet to decode while everything is.
        catch_up: packets up to that number lie before the wake: none of their frames may be lost.
    """

    seen: int = -1
    seen_s: float = float("-inf")
    next: int = 0
    catch_up: int = -1


class Figures(NamedTuple):
    """What was decoded so far.

    Attributes:
        pixels: of all pictures decoded.
        skipped: packets that were left out because the machine was too slow.
        false_wakes: how often packets stood out and nothing moved.
    """

    pixels: int
    corrupt: int
    skipped: int
    false_wakes: int


class OnDemandDecoder:
    """Joins the demand, the ring and the decoder of one camera.

    ``on_packet`` runs on the reader's thread and decides; ``step`` runs on a lane and decodes. They share the
    demand under a lock.

    Args:
        ring: filled by others before ``on_packet`` is told.
        lanes: whose threads decode.
        name: of this camera's lane, for the log.
    """

    def __init__(
        self,
        policy: DecodePolicy,
        decoder: FrameDecoder,
        ring: Ring,
        viewer: Viewer,
        clock: Clock,
        settings: Settings,
        lanes: Lanes,
        name: str,
    ) -> None:
        self._policy = policy
        self._decoder = decoder
        self._ring = ring
        self._viewer = viewer
        self._clock = clock
        self._settings = settings
        self._lane = lanes.lane(name, self.step)
        self._lock = threading.Lock()
        self._stream: VideoStream | None = None
        self._demand: Demand | None = None
        self._look: int | None = None
        self._newest = -1
        self._place = _Place()
        self._skipped = 0
        self._former_false_wakes = 0

    @property
    def decoding(self) -> Decoding | None:
        """How the present stream is decoded; ``None`` while that is not known."""
        demand = self._demand
        if demand is None or demand.decoding is None:
            return None
        decoder = self._decoder
        return replace(demand.decoding, decoder=decoder.decoder, decoder_note=decoder.decoder_note)

    @property
    def gop_s(self) -> float | None:
        """Seconds from keyframe to keyframe of the present stream, once measured."""
        demand = self._demand
        return None if demand is None else demand.gop_s

    @property
    def is_awake(self) -> bool:
        """Whether every packet is decoded at the moment."""
        demand = self._demand
        return demand is None or demand.is_awake

    @property
    def figures(self) -> Figures:
        """What was decoded so far."""
        demand = self._demand
        false_wakes = self._former_false_wakes + (0 if demand is None else demand.false_wakes)
        return Figures(self._decoder.pixels, self._decoder.corrupt_frames, self._skipped, false_wakes)

    @property
    def is_busy(self) -> bool:
        """Whether packets that have come are still to be decoded."""
        return not self._lane.is_idle

    def close(self) -> None:
        """Decode no more; nobody waits for what is being decoded now."""
        self._lane.close()

    def on_packet(self, packet: Packet, number: int) -> None:
        """Decide about the newest packet, which is in the ring; on the reader's thread, some microseconds."""
        with self._lock:
            if packet.stream is not self._stream or self._demand is None:
                self._begin(packet.stream, number)
            assert self._demand is not None
            self._newest = number
            was_awake = self._demand.is_awake
            attended = packet.is_keyframe and self._viewer.is_attended()
            want = self._demand.packet(packet.media.seconds, len(packet.data), packet.is_keyframe, attended)
            if want is Want.LOOK:
                self._look = number
            elif want is Want.DECODE and not was_awake:
                self._begin_to_decode(number)
        if want is not Want.NOTHING:
            self._lane.wake()

    def step(self) -> bool:
        """Decode for a slice of time; on a lane. Return whether there is more to do at once."""
        began = self._clock.monotonic_ns()
        while seconds_since(self._clock, began) < self._settings.slice_s:
            if not (self._catch_up(began) if self.is_awake else self._glance()):
                return False
        return True

    def _begin(self, stream: VideoStream, number: int) -> None:
        if self._demand is not None:
            self._former_false_wakes += self._demand.false_wakes
        self._stream = stream
        self._demand = Demand(self._policy, self._settings, stream.codec in INTRA_ONLY_CODECS)
        self._look = None
        self._place = _Place(next=number)

    def _begin_to_decode(self, number: int) -> None:
        """Have the GOP of that packet decoded in doubt, or everything since the last frame that was shown."""
        assert self._demand is not None
        self._return_to_last_look(number)
        if self._demand.is_doubtful:
            keyframe = self._ring.keyframe(number)
            self._place.next = self._place.next if keyframe is None else keyframe

    def _return_to_last_look(self, number: int) -> None:
        """Have everything decoded since the last frame that was shown, and up to ``number`` without loss."""
        place = self._place
        start = self._ring.keyframe(place.seen) if place.seen >= 0 else None
        place.next = place.seen if start is None else start
        place.catch_up = max(place.catch_up, number)
        self._look = None

    def _glance(self) -> bool:
        """Look at the keyframe that is due, if one is; return whether something is left to do."""
        with self._lock:
            number, self._look, place, demand = self._look, None, self._place, self._demand
        packet = None if number is None else self._ring.get(number)
        if number is None or packet is None or demand is None:
            return False
        frame = self._decoder.look(packet)
        if frame is None:
            return False
        if self._policy is DecodePolicy.KEYFRAMES:
            moves = self._viewer.view(frame) > 0
        else:
            moves = self._viewer.glance(frame)
        with self._lock:
            if place is not self._place:
                return True
            demand.looked(frame.media.seconds, moves)
            if not (moves and demand.is_awake):
                place.seen, place.seen_s = number, frame.media.seconds
            if demand.is_awake:
                self._return_to_last_look(number)
            return demand.is_awake

    def _catch_up(self, began_ns: MonotonicNs) -> bool:
        """Decode what comes next; return whether something is left to do."""
        place = self._place
        self._leave_out_what_is_old(place)
        portion = self._ring.since(place.next, _PORTION)
        for held in portion:
            if place is not self._place or not self.is_awake:
                return True
            if self._must_wait(held.number, place):
                return False
            self._decode(held, place)
            if place.next != held.number + 1:  # what a peek found is to be shown from the last look on
                return True
            if seconds_since(self._clock, began_ns) >= self._settings.slice_s:
                return True
        return bool(portion)

    def _must_wait(self, number: int, place: _Place) -> bool:
        """Return whether a frame might be lost that lies before the wake; a peek takes nobody's place."""
        if number > place.catch_up or (self._demand is not None and self._demand.is_doubtful):
            return False
        return not self._viewer.is_ready(self._lane.wake)

    def _decode(self, held: Held, place: _Place) -> None:
        if held.number != place.next:
            self._skipped += max(0, held.number - place.next)
            self._decoder.restart()
        place.next = held.number + 1
        for frame in self._decoder.decode(held.packet):
            if frame.media.seconds <= place.seen_s and held.number <= place.catch_up:
                continue
            if not self._show(frame, held.number, place):
                self._decoder.restart()
                return

    def _show(self, frame: Frame, number: int, place: _Place) -> bool:
        """Show the next frame; return whether the next packet is the one to decode then."""
        demand, at_s = self._demand, frame.media.seconds
        if demand is None:
            return False
        if demand.is_doubtful:
            moving_ratio = self._viewer.peek(frame)
            with self._lock:
                goes_on = demand.seen(at_s, moving_ratio)
                if moving_ratio and place is self._place:
                    self._return_to_last_look(number)
            return goes_on and not moving_ratio
        moving_ratio = self._viewer.view(frame)
        place.seen, place.seen_s = number, at_s
        with self._lock:
            return demand.seen(at_s, moving_ratio)

    def _leave_out_what_is_old(self, place: _Place) -> None:
        """Go on at the newest keyframe where decoding lies too far behind what comes in."""
        if place.next <= place.catch_up:
            return
        waiting, newest = self._ring.since(place.next, 1), self._ring.get(self._newest)
        if not waiting or newest is None:
            return
        behind_s = (newest.arrived_ns - waiting[0].packet.arrived_ns) / NS_PER_S
        keyframe = self._ring.keyframe()
        if behind_s > self._settings.behind_s and keyframe is not None and keyframe > place.next:
            self._skipped += keyframe - place.next
            self._decoder.restart()
            place.next = keyframe
