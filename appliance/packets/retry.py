"""After a failure: which state a camera is in, and how long to wait before the next attempt."""

import random

from appliance.domain.camera import CameraState
from appliance.packets.settings import Settings
from appliance.runtime.backoff import Backoff

_STATES = {
    "unauthorized": CameraState.AUTH_FAILED,
    "no_video": CameraState.NO_VIDEO,
    "codec": CameraState.NO_VIDEO,
}


def state_after(kind: str) -> CameraState:
    """Return the state that a failure of that kind (see ``SourceFailure``) puts a camera in."""
    return _STATES.get(kind, CameraState.OFFLINE)


class Retry:
    """How long one camera's reader waits; pure but for its random source.

    Refused credentials are tried three times within the first minute, later once in 60 s to 15 min, and
    neither another kind of failure nor a time-out in between makes that faster: cameras lock out guessers.

    Args:
        settings: the waits.
        source: of the jitter.
    """

    def __init__(self, settings: Settings, source: random.Random | None = None) -> None:
        self._settings = settings
        jitter = source or random.Random()  # noqa: S311 - spreads attempts, guards nothing
        self._usual = Backoff(settings.retry_first_s, settings.retry_longest_s, jitter)
        self._busy = Backoff(settings.retry_first_s, settings.busy_longest_s, jitter)
        self._slow = Backoff(settings.auth_slow_first_s, settings.auth_slow_longest_s, jitter)
        self._refusals = 0

    def worked(self, seconds: float) -> None:
        """Note that a connection gave video for so long; a stable one forgets earlier failures."""
        self._refusals = 0
        self._slow.reset()
        if seconds >= self._settings.stable_s:
            self._usual.reset()
            self._busy.reset()

    def wait_s(self, kind: str) -> float:
        """Count one failure of that kind and return the seconds to wait."""
        if kind == "unauthorized":
            return self._after_refusal()
        usual = self._busy.next_s() if kind == "busy" else self._usual.next_s()
        return max(usual, self._settings.auth_slow_first_s) if self._slowed else usual

    @property
    def _slowed(self) -> bool:
        return self._refusals > len(self._settings.auth_retry_s)

    def _after_refusal(self) -> float:
        self._refusals += 1
        if not self._slowed:
            return self._settings.auth_retry_s[self._refusals - 1]
        return max(self._settings.auth_slow_first_s, self._slow.next_s())
