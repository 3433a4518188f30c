"""One simulated camera: what a test tells it, and what its conversations ask of it."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.support.camera_simulator.authentication import Digest
from tests.support.camera_simulator.clip import CLOCK_HZ, Clip
from tests.support.camera_simulator.faults import Faults, Hang, Mutate, Seen, SentPicture
from tests.support.camera_simulator.playing import VIDEO_TYPE, Manner
from tests.support.camera_simulator.sound import SoundClip, sound_clip

NEAR_THE_WRAP = 2**32 - 5 * CLOCK_HZ
"""A first time stamp that leaves five seconds until RTP's 32 bits begin anew."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a camera is, beside its faults: fixed when it is made.

    Attributes:
        user: asks for digest authentication where not empty.
        password: of that user.
        first_timestamp: RTP time stamp of the first picture of every session.
        first_picture: index of the picture at which a session begins; 0 is a keyframe.
        sound: of its microphone: ``aac``, ``pcma`` or ``pcmu``; empty for a camera that has none.
        sound_behind_s: how long after it was heard a piece of sound is sent; its reports say the truth.
        udp_only: answers 461 to a client that asks for TCP.
        describes_sets: the parameter sets stand in the session description, not only in front of keyframes.
        one_session: answers 453 while another session lives; one whose client vanished lives on as a ghost
            until its time-out.
        session_timeout_s: said with SETUP; a session without any request for so long is ended.
        sound_after_s: how long after the first picture its microphone is switched on.
        report_after_s: how long after the first picture the first report about pictures is sent.
        report_interval_s: from one RTCP sender report to the next, the first with the first picture;
            ``None`` for none.
        wall_offset_s: how far the camera's wall clock is ahead of ours.
        notes_pictures: remembers every picture that it sent, in ``SimulatedCamera.sent``.
    """

    user: str = ""
    password: str = ""
    first_timestamp: int = 100 * CLOCK_HZ
    first_picture: int = 0
    sound: str = ""
    sound_behind_s: float = 0.0
    sound_after_s: float = 0.0
    report_after_s: float = 0.0
    udp_only: bool = False
    describes_sets: bool = True
    one_session: bool = False
    session_timeout_s: float = 60.0
    report_interval_s: float | None = 5.0
    wall_offset_s: float = 0.0
    notes_pictures: bool = False


class Connected(Protocol):
    """A conversation, as its camera sees it; used on the simulator's thread."""

    def reset(self) -> None:
        """Break it off with RST."""
        ...

    def finish(self) -> None:
        """Close it with FIN."""
        ...


@dataclass(slots=True, eq=False)
class Session:
    """A session of a client that has set a stream up.

    Attributes:
        active_s: loop time of the client's last request.
        is_ghost: its client vanished without TEARDOWN.
    """

    id: str
    active_s: float
    is_ghost: bool = False


@dataclass(slots=True)
class Inside:
    """What belongs to the simulator's thread alone."""

    conversations: set[Connected] = field(default_factory=set)
    sessions: list[Session] = field(default_factory=list)


class SimulatedCamera:
    """A camera of a running simulator; its methods may be called from any thread, and hold when they return.

    Attributes:
        url: its address, without credentials.
        seen: what its clients did; read it through ``wait`` where a change is expected.
        habits: how it was made.
        sent: every picture that was sent to anybody, in order, where its habits say so; it only grows.
    """

    def __init__(
        self, name: str, url: str, habits: Habits, clip: Clip, read: Callable[[Path], Clip], run: "Run"
    ) -> None:
        self.name = name
        self.url = url
        self.habits = habits
        self.seen = Seen()
        self.sent: list[SentPicture] = []
        self.faults = Faults()
        self.inside = Inside()
        self.rng = random.Random(name)
        self._clip = clip
        self._read = read
        self._run = run
        self._changed = threading.Condition()

    @property
    def clip(self) -> Clip:
        """What it plays now."""
        return self._clip

    def wait(self, until: Callable[["SimulatedCamera"], bool], timeout_s: float = 10.0) -> float:
        """Wait until that holds of the camera; return the seconds that it took.

        Raises:
            AssertionError: it did not in that time.
        """
        begun = time.monotonic()
        with self._changed:
            assert self._changed.wait_for(lambda: until(self), timeout_s), (
                f"not seen by {self.name}: {self.seen}"
            )
        return time.monotonic() - begun

    def told(self) -> None:
        """Wake who waits: something was counted."""
        with self._changed:
            self._changed.notify_all()

    def stall(self) -> None:
        """Send nothing more, keep the connections; the clip goes on unseen."""
        self.faults.stalled = True

    def resume(self) -> None:
        """Send again."""
        self.faults.stalled = False

    def refuse(self) -> None:
        """Reset connections at their first request for this camera."""
        self.faults.refuses = True

    def accept(self) -> None:
        """Talk again."""
        self.faults.refuses = False

    def unplug(self) -> None:
        """Refuse, and reset what is connected."""
        self.refuse()
        self.cut()

    def plug(self) -> None:
        """Be reachable again."""
        self.accept()

    def cut(self) -> None:
        """Reset what is connected (RST)."""
        self._run(lambda: self._each(lambda conversation: conversation.reset()))

    def end_stream(self) -> None:
        """Close what is connected (FIN)."""
        self._run(lambda: self._each(lambda conversation: conversation.finish()))

    def _each(self, do: Callable[[Connected], None]) -> None:
        for conversation in [*self.inside.conversations]:
            do(conversation)

    def hang(self, where: Hang | str | None) -> None:
        """Let conversations end there without an answer; ``None`` ends it for new connections."""
        self.faults.hangs = None if where is None else Hang(where)

    def answer(self, status: int | None, method: str | None = None) -> None:
        """Answer with an error instead.

        Args:
            status: ``None`` for the usual answers.
            method: to which request; when not given SETUP for 453, every one for 503, else DESCRIBE.
        """
        usual = {453: "SETUP", 503: ""}.get(status or 0, "DESCRIBE")
        self.faults.status_method = usual if method is None else method
        self.faults.status = status

    def drop_keyframes(self, on: bool = True) -> None:
        """Leave keyframes out."""
        self.faults.keyframes_dropped = on

    def drop_pictures(self, on: bool = True) -> None:
        """Leave all pictures out; sound goes on."""
        self.faults.pictures_dropped = on

    def mute(self, on: bool = True) -> None:
        """Send no sound; pictures go on."""
        self.faults.muted = on

    def flip_bits(self, ratio: float) -> None:
        """Flip a bit in that share of the RTP packets; 0 ends it."""
        self.faults.flipped_ratio = ratio

    def lose_packets(self, ratio: float) -> None:
        """Leave that share of the RTP packets out; 0 ends it."""
        self.faults.lost_ratio = ratio

    def jump_timestamps(self, seconds: float) -> None:
        """Add this to all time stamps from now on, to earlier jumps as well."""
        self.faults.jump_ticks += round(seconds * CLOCK_HZ)

    def repeat_timestamps(self, on: bool = True) -> None:
        """Give every picture the time stamp of the last one."""
        self.faults.stamps_repeated = on

    def change_clip(self, path: Path) -> None:
        """Play another clip from its next picture on: in the sessions that there are, and in new ones."""
        self._clip = self._read(path)

    def send_broken_nal_units(self, per_second: int) -> None:
        """Send so many broken NAL units beside the pictures."""
        self.faults.broken_units_s = per_second

    def mutate(self, packets: Mutate | None = None, answers: Mutate | None = None) -> None:
        """Change every packet of the video, every answer, or both, from now on."""
        self.faults.mutates_packets = packets
        self.faults.mutates_answers = answers

    def mutate_sound(self, payloads: Mutate | None) -> None:
        """Change the payload of every packet of sound from now on."""
        self.faults.mutates_sound = payloads

    def describe_as(self, sdp: bytes | str | None) -> None:
        """Answer DESCRIBE with this; ``None`` for the true description."""
        self.faults.sdp = sdp.encode() if isinstance(sdp, str) else sdp

    def description(self) -> str:
        """Return the true session description."""
        clip, habits = self._clip, self.habits
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", f"s={self.name}", "t=0 0", "a=control:*"]
        lines += [*clip.media_lines(VIDEO_TYPE, habits.describes_sets), "a=control:video"]
        if habits.sound:
            lines += [*sound_clip(habits.sound).media_lines(), "a=control:sound"]
        return "\r\n".join((*lines, ""))

    def manner(self) -> Manner:
        """Return how a session that begins now is played."""
        habits = self.habits
        return Manner(
            habits.first_timestamp,
            habits.report_interval_s,
            habits.wall_offset_s,
            habits.first_picture,
            self._clip.codec,
            habits.sound_behind_s,
            habits.sound_after_s,
            habits.report_after_s,
        )

    @property
    def sound(self) -> SoundClip | None:
        """What its microphone hears, if it has one."""
        return sound_clip(self.habits.sound) if self.habits.sound else None

    def digest(self) -> Digest | None:
        """Return what asks a new client for the password, if there is one."""
        return Digest(self.habits.user, self.habits.password) if self.habits.user else None

    def is_taken(self, own: Session | None) -> bool:
        """Return whether another session keeps this client out; simulator's thread."""
        now_s = asyncio.get_running_loop().time()
        alive = [
            s
            for s in self.inside.sessions
            if not s.is_ghost or now_s - s.active_s < self.habits.session_timeout_s
        ]
        self.inside.sessions = alive
        return self.habits.one_session and any(s is not own for s in alive)

    def leave(self, session: Session, *, said_goodbye: bool) -> None:
        """End a session; one without a goodbye stays as a ghost where there can be only one."""
        if not said_goodbye and self.habits.one_session:
            session.is_ghost = True
        elif session in self.inside.sessions:
            self.inside.sessions.remove(session)


class Run(Protocol):
    """Runs something on the simulator's thread and waits for it."""

    def __call__(self, what: Callable[[], object], /) -> None:
        """Run it."""
        ...
