"""The part of a camera's way that runs beside the event loop: frames → motion → the detection stage."""

from collections.abc import Callable

from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.frame import Frame
from appliance.domain.scene import MaskKind, Point, Scene
from appliance.domain.tampering import TamperingReport
from appliance.domain.time import WallUs
from appliance.motion.detector import MotionDetector
from appliance.motion.tampering import TamperingDetector


class Eye:
    """Looks at one camera's frames; made anew with each reader, used on that camera's lane.

    Args:
        motion: has seen nothing yet.
        stage: gets every frame that is looked at, with what moved in it.
        on_frame: gets it too.
        is_watched: somebody looks at the camera's pictures now; any thread.
        on_motion: is told when something moved; must return at once.
        tampering: has seen nothing yet; without it nobody looks for tampering.
        on_tampering: is told what is done to the camera, with the first frame and when that changes; must
            return at once.
    """

    def __init__(
        self,
        camera: Camera,
        motion: MotionDetector,
        stage: DetectionStage,
        on_frame: Callable[[Frame], None],
        is_watched: Callable[[], bool],
        on_motion: Callable[[WallUs], None] | None = None,
        tampering: TamperingDetector | None = None,
        on_tampering: Callable[[TamperingReport], None] | None = None,
    ) -> None:
        self._camera = camera
        self._motion = motion
        self._peeking: MotionDetector | None = None
        self._peeked_s = 0.0
        self._stage = stage
        self._on_frame = on_frame
        self._is_watched = is_watched
        self._on_motion = on_motion
        self._tampering = tampering
        self._on_tampering = on_tampering
        self._told: TamperingReport | None = None
        self._masked: tuple[tuple[Point, ...], ...] = ()
        self.draw(camera.scene)

    def draw(self, scene: Scene) -> None:
        """Leave out what moves under the masks of this scene from the next frame on; any thread."""
        self._masked = tuple(mask.points for mask in scene.masks if mask.kind is MaskKind.MOTION)

    def glance(self, frame: Frame) -> bool:
        """Look at a lone keyframe; one in which something moves is as if it had not been seen."""
        self._peeking = None
        before = self._motion.saved()
        motion = self._motion.step(frame, self._masked)
        if len(motion.boxes):
            self._motion = before
            return True
        self._look_for_tampering(frame)
        self._on_frame(frame)
        self._stage.offer(frame, motion)
        return False

    def view(self, frame: Frame) -> float:
        """Look at the next frame, offer it to the detection stage, and return the part of it that moves."""
        self._peeking = None
        self._look_for_tampering(frame)
        self._on_frame(frame)
        motion = self._motion.step(frame, self._masked)
        self._stage.offer(frame, motion)
        if not len(motion.boxes):
            return 0.0
        if self._on_motion is not None:
            self._on_motion(frame.wall_us)
        return motion.area_ratio

    def peek(self, frame: Frame) -> float:
        """Return the part of a frame that moves, learning nothing from it and telling nobody."""
        if self._peeking is None or frame.media.seconds <= self._peeked_s:
            self._peeking = self._motion.saved()
        self._peeked_s = frame.media.seconds
        motion = self._peeking.step(frame, self._masked)
        return motion.area_ratio if len(motion.boxes) else 0.0

    def _look_for_tampering(self, frame: Frame) -> None:
        if self._tampering is None or self._on_tampering is None:
            return
        seen = TamperingReport(self._camera.id, self._tampering.step(frame))
        if seen != self._told:
            self._told = seen
            self._on_tampering(seen)

    def is_ready(self, then: Callable[[], None]) -> bool:
        """Return whether the stage can take another frame without losing one."""
        return self._stage.is_free(self._camera.id, then)

    def is_attended(self) -> bool:
        """Return whether something is followed at the camera, or somebody watches it."""
        return self._stage.is_following(self._camera.id) or self._is_watched()
