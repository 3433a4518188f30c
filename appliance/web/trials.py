"""How a camera's trial went, in words: what was found, what it means, and what to do next."""

import base64
from collections.abc import Mapping

from appliance.domain.camera import Credentials, StreamFacts, Trial
from appliance.errors import SourceFailure
from appliance.packets.address import without_secrets
from appliance.packets.search import Found, Missed
from appliance.web.wire import CameraSearchResult, CameraTrialResult, Stream, TrialKind

NEXT_STEP: Mapping[TrialKind, str] = {
    "dns": "Check the host name, or write the camera's IP address.",
    "refused": "Check the port, and that the camera is switched on to serve it.",
    "timeout": "Check that the camera is on and in this network.",
    "unauthorized": "Check user name and password.",
    "not_found": "Check the path after the host; the camera's manual names it.",
    "busy": "The camera serves as many viewers as it can; close one, or wait a minute until it forgets one.",
    "no_video": "The camera answers, but sends no video that can be read; check its stream settings.",
    "codec": "Set the camera's video encoding to H.264.",
    "protocol": "Check that this is the address of the camera's stream; its manual names it.",
    "ended": "The stream ended at once; check the path.",
    "no_known_path": "Look in the camera's settings or manual for its RTSP address, and write that instead.",
}
"""What a person can do about each kind of failure."""

LONGEST_GOP_S = 4.0
"""Where keyframes come more rarely every picture is decoded (``frames.settings``)."""

LARGE_PX = 1280 * 720
"""Pictures above this size are better watched in small from a second address."""

NAMES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "Motion JPEG"}
"""How people call what FFmpeg calls so."""


def failed(failure: SourceFailure, credentials: Credentials | None) -> CameraTrialResult:
    """Return a failed trial in words, with the next step.

    A library's words may repeat the address that it was given, credentials included; these are taken out.
    """
    words = without_secrets(str(failure), credentials)
    kind = next((known for known in NEXT_STEP if known == failure.kind), None)
    next_step = "" if kind is None else NEXT_STEP[kind]
    return CameraTrialResult(False, f"{_sentence(words)} {next_step}".strip(), kind)


def sought(outcome: Found | Missed, credentials: Credentials | None) -> CameraSearchResult:
    """Return in words how the search for a camera's streams went."""
    if isinstance(outcome, Missed):
        return CameraSearchResult(failed(outcome.failure, credentials), None, None, outcome.tried)
    trial = succeeded(outcome.trial, has_second=outcome.live_url is not None)
    if outcome.live_url is not None:
        trial.message += " It has a smaller second stream, too."
    return CameraSearchResult(trial, outcome.url, outcome.live_url, outcome.tried)


def succeeded(trial: Trial, *, has_second: bool = False) -> CameraTrialResult:
    """Return what a trial has found in words, with what could be better.

    Its kind is ``codec`` where the camera can be read, but not recorded; it has failed where its pictures
    cannot be decoded either. A second address is not advised where it ``has_second``.
    """
    facts = trial.facts
    stream = Stream(facts.codec, facts.width, facts.height, facts.fps, facts.gop_s)
    found = f"The camera sends {_name(facts)} at {facts.width}×{facts.height}."
    if trial.not_recordable and trial.jpeg is None:
        message = f"{found} Nightjar can neither show nor record that. {NEXT_STEP['codec']}"
        return CameraTrialResult(False, message, "codec", stream)
    jpeg = None if trial.jpeg is None else base64.b64encode(trial.jpeg).decode()
    kind: TrialKind | None = "codec" if trial.not_recordable else None
    return CameraTrialResult(True, found, kind, stream, advice_on(trial, has_second=has_second), jpeg)


def advice_on(trial: Trial, *, has_second: bool = False) -> list[str]:
    """Return what the owner could change in the camera, a sentence or two for each; the weightiest first."""
    facts = trial.facts
    found = [_on_codec(trial), _on_keyframes(facts)]
    if facts.width * facts.height > LARGE_PX and not has_second:
        found.append(
            "Most cameras have a smaller second stream: given as the second address, it makes the overview "
            "of all cameras start faster and saves network."
        )
    return [text for text in found if text]


def _on_codec(trial: Trial) -> str:
    codec = trial.facts.codec
    if trial.not_recordable and codec not in {"h264", "hevc", "mjpeg"}:
        return (
            f"{_name(trial.facts)} cannot be recorded, and is shown as single pictures only: set the "
            "camera's video encoding to H.264."
        )
    if trial.not_recordable:
        return f"It cannot be recorded as it comes: {trial.not_recordable}."
    if codec == "hevc":
        return (
            "H.265 takes less room than H.264, but only some browsers play it; where yours does not, it is "
            "shown as single pictures. Set the camera to H.264 if everybody should see video."
        )
    if codec == "mjpeg":
        return (
            "Motion JPEG takes much more room than H.264, and browsers show it as single pictures only. If "
            "the camera has an rtsp:// address with H.264, use that."
        )
    return ""


def _on_keyframes(facts: StreamFacts) -> str:
    if facts.codec not in {"h264", "hevc"} or (facts.gop_s is not None and facts.gop_s <= LONGEST_GOP_S):
        return ""
    found = (
        "No second keyframe came while the camera was tried."
        if facts.gop_s is None
        else f"A keyframe comes every {facts.gop_s:.1f} s."
    )
    return (
        f"{found} Set the camera's keyframe interval (I-frame interval, GOP length) to 1–2 s: then little "
        "has to be decoded, and live video and jumps in footage begin at once."
    )


def _name(facts: StreamFacts) -> str:
    return NAMES.get(facts.codec, facts.codec)


def _sentence(text: str) -> str:
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith(("?", ".")) else f"{whole}."
