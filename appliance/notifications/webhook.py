"""The webhook: JSON, signed as Standard Webhooks has it (specification 1.0, standardwebhooks.com).

Its libraries, in a dozen languages, verify what we send.
"""

import base64
import hashlib
import hmac

import msgspec

from appliance.notifications.notification import Notification, Request, SeverityWord
from appliance.notifications.target import Webhook


class Picture(msgspec.Struct):
    """A picture in base64, so that one signature covers all of it."""

    media_type: str
    data: str


class CameraPart(msgspec.Struct):
    """Which camera saw it."""

    id: str
    name: str


class Data(msgspec.Struct):
    """What is told: alert and event as on the WebSocket, and the rest in words for people."""

    alert: msgspec.Raw
    event: msgspec.Raw
    camera: CameraPart
    severity: SeverityWord
    title: str
    summary: str
    link: str | None
    picture: Picture | None


class Body(msgspec.Struct):
    """The whole body; ``type`` is ``alert.created``, or ``test`` for one that somebody has asked for."""

    type: str
    timestamp: str
    data: Data


def request_of(target: Webhook, told: Notification, at_s: int) -> Request:
    """Return the POST that tells a webhook's server.

    Args:
        target: where to.
        told: what.
        at_s: the time of this attempt, seconds since 1970: receivers refuse what is old.
    """
    body = msgspec.json.encode(_body(told))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": told.id,
        "webhook-timestamp": str(at_s),
    }
    if target.key is not None:
        headers["webhook-signature"] = signature(target.key, told.id, at_s, body)
    return Request("POST", target.url, headers, body)


def signature(key: bytes, message_id: str, at_s: int, body: bytes) -> str:
    """Return the signature: HMAC-SHA256 over id, time and body, joined by dots, in base64 after ``v1,``."""
    signed = f"{message_id}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _body(told: Notification) -> Body:
    picture = None
    if told.picture is not None:
        picture = Picture("image/jpeg", base64.b64encode(told.picture).decode())
    data = Data(
        told.alert,
        told.event,
        CameraPart(told.camera_id, told.camera_name),
        told.severity,
        told.title,
        told.text,
        told.link or None,
        picture,
    )
    return Body("test" if told.is_test else "alert.created", told.at, data)
