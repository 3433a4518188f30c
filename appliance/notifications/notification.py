"""What is told of one alert, before it has the form that a target wants."""

from dataclasses import dataclass, field
from typing import Literal

import msgspec

SeverityWord = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True)
class Notification:
    """One alert as it is told.

    Attributes:
        id: the same at each attempt, so that a receiver knows again what it has.
        at: when the alert was made, ISO 8601 in UTC.
        alert: JSON of the alert, as on the WebSocket.
        event: JSON of its event as it is now, likewise.
        camera_name: as its owner calls it.
        title: a few words.
        text: a sentence.
        label: what was seen.
        link: to the page; empty where the owner has not said where that is.
        picture: JPEG; ``None`` where there is none, or none yet.
        is_test: somebody wants to see whether it arrives.
    """

    id: str
    at: str
    alert: msgspec.Raw
    event: msgspec.Raw
    camera_id: str
    camera_name: str
    title: str
    text: str
    severity: SeverityWord
    label: str
    link: str
    picture: bytes | None = field(default=None, repr=False)
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent over HTTP; its address and headers hold secrets."""

    method: Literal["POST", "PUT"]
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
