"""The camera's clock: where a picture's time stamp lies in wall time."""

from dataclasses import dataclass
from typing import Literal

from appliance.domain.packet import VideoStream
from appliance.domain.time import NS_PER_S, US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.packets.sender_clock import SenderClock

MAX_SLEW_PPM = 500
"""How fast the camera's clock is led towards the wall clock: as adjtime(3) does; quartz drifts less."""

JUMP_S = 5.0
"""Time stamps that differ from the arrival by more than this have jumped, or the source has paused."""

REORDER_S = 1.0
"""How far a time stamp may lie before the last one without having jumped: B-frames arrive out of order."""

FORWARD_STEP_S = 86_400.0
"""A wall clock that goes forward by more than this was not set before (a board without a battery, just
after boot): the anchor was worth nothing and is cast anew. Backwards it is never: time stays in order."""

_NEXT_US = 1


@dataclass(slots=True)
class _Run:
    """The anchor of a run: everything is counted from its first packet."""

    first_pts_s: float
    first_arrival_ns: int
    first_wall_us: int
    correction_us: float = 0.0
    lag_s: float = 0.0
    last_pts_s: float = 0.0
    last_arrival_ns: int = 0
    late_since_ns: int | None = None


class Anchor:
    """Maps the time stamps of one camera to wall time; pure: it is told both clocks and reads none.

    A run is anchored once, at its first packet, and then follows the time stamps, led towards the wall
    clock by at most 500 ppm, so that a step of the wall clock never shows in it. A new stream, a jump of the
    time stamps, or a pause of the source begins a new run, which never starts before the last one ended.

    The wall clock of a picture is the camera's own where its sender reports are believed (it knows nothing of
    the delays and the jitter on the way here), else ours at the arrival. Only a run that begins is cast on it
    at once; one that goes on is led there like everywhere.

    Args:
        after_us: what is known of the camera already reaches up to here: no run begins before.

    Attributes:
        runs: how many have begun.
        clock: what the last packet was led by.
    """

    def __init__(self, after_us: WallUs | None = None) -> None:
        self._sender = SenderClock()
        self._run: _Run | None = None
        self._stream: VideoStream | None = None
        self._latest_us: int | None = after_us
        self.runs = 0
        self.clock: Literal["arrival", "sender"] = "arrival"

    def stamp(
        self,
        stream: VideoStream,
        media: MediaTime,
        arrived_ns: MonotonicNs,
        wall_us: WallUs,
        sender_us: WallUs | None = None,
    ) -> WallUs:
        """Return the wall time of a picture; call it for every packet in the order of arrival.

        Args:
            stream: the packet's stream; another object begins a new run.
            media: the packet's presentation time.
            arrived_ns: when it was read, on the monotonic clock.
            wall_us: the wall clock at that moment.
            sender_us: when the picture was taken by the camera's clock, where it has reported.
        """
        run, pts_s = self._run, media.seconds
        if run is not None and (stream is not self._stream or _must_restart(run, pts_s, arrived_ns, wall_us)):
            self._sender.begin_run()
            run = None
        believed_us = self._sender.believed_us(pts_s, sender_us, arrived_ns, wall_us)
        self.clock = "arrival" if believed_us is None else "sender"
        target_us = wall_us if believed_us is None else believed_us
        if run is None:
            run = self._begin(stream, pts_s, arrived_ns, target_us)
        else:
            _follow(run, pts_s, arrived_ns, target_us)
        stamped = _predicted_us(run, pts_s)
        self._latest_us = stamped if self._latest_us is None else max(self._latest_us, stamped)
        return WallUs(stamped)

    def _begin(self, stream: VideoStream, pts_s: float, arrived_ns: int, target_us: int) -> _Run:
        start_us = target_us if self._latest_us is None else max(target_us, self._latest_us + _NEXT_US)
        run = _Run(pts_s, arrived_ns, start_us, last_pts_s=pts_s, last_arrival_ns=arrived_ns)
        self._run, self._stream = run, stream
        self.runs += 1
        return run


def _predicted_us(run: _Run, pts_s: float) -> int:
    return run.first_wall_us + round((pts_s - run.first_pts_s) * US_PER_S + run.correction_us)


def _must_restart(run: _Run, pts_s: float, arrived_ns: int, wall_us: int) -> bool:
    step_s = pts_s - run.last_pts_s
    waited_s = (arrived_ns - run.last_arrival_ns) / NS_PER_S
    if step_s < -REORDER_S or step_s > waited_s + JUMP_S:
        return True
    if run.late_since_ns is not None and arrived_ns - run.late_since_ns > JUMP_S * NS_PER_S:
        return True
    return wall_us - _predicted_us(run, pts_s) > FORWARD_STEP_S * US_PER_S


def _follow(run: _Run, pts_s: float, arrived_ns: int, target_us: int) -> None:
    """Lead the run towards where the picture should lie, and note whether the source is persistently late.

    The lag (arrival minus media time, both since the anchor) is compared with a reference that drifts with
    the camera's quartz, so that days of drift are no lateness; after a stall the burst ends the lateness.
    """
    passed_s = max(0.0, (arrived_ns - run.last_arrival_ns) / NS_PER_S)
    room_us = passed_s * MAX_SLEW_PPM
    error_us = target_us - _predicted_us(run, pts_s)
    lag_s = (arrived_ns - run.first_arrival_ns) / NS_PER_S - (pts_s - run.first_pts_s)
    late_s = lag_s - run.lag_s
    if abs(late_s) <= JUMP_S:
        run.late_since_ns = None
    elif late_s > 0 and run.late_since_ns is None:
        run.late_since_ns = arrived_ns
    run.correction_us += min(max(error_us, -room_us), room_us)
    run.lag_s += min(max(late_s, -room_us / US_PER_S), room_us / US_PER_S)
    run.last_pts_s, run.last_arrival_ns = pts_s, arrived_ns
