"""What can be tuned in the live view."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """Bounds and deadlines of those who watch.

    Attributes:
        most_viewers: of all cameras together; one more is answered with 503.
        most_viewers_per_camera: of one camera, of both its streams together.
        queue_bytes: of video that wait for a viewer; one that is further behind goes on at the newest
            keyframe. As much is kept of each watched camera, for whoever comes next.
        behind_s: a viewer whose oldest waiting picture waits for longer is behind as well.
        send_buffer_bytes: of the kernel, for a connection; a large one hides a stalled viewer for long.
        ping_every_s: how often the server asks whether the viewer lives.
        silence_s: a viewer of which nothing was heard for so long, not even a pong, is cut.
    """

    most_viewers: int = 64
    most_viewers_per_camera: int = 16
    queue_bytes: int = 8 << 20
    behind_s: float = 2.0
    send_buffer_bytes: int = 64 * 1024
    ping_every_s: float = 5.0
    silence_s: float = 15.0
