"""ntfy: the picture as an attachment, everything else in headers (docs.ntfy.sh/publish)."""

import base64
import re
from collections.abc import Mapping
from email.header import Header
from types import MappingProxyType

import msgspec

from appliance.notifications.notification import Notification, Request, SeverityWord
from appliance.notifications.target import Ntfy

PRIORITIES: Mapping[SeverityWord, int] = MappingProxyType({"low": 2, "medium": 3, "high": 4, "critical": 5})
"""ntfy's own, 1 to 5: 4 and 5 ring and shake longer."""
SIGNS: Mapping[SeverityWord, str] = MappingProxyType(
    {"low": "eyes", "medium": "bell", "high": "warning", "critical": "rotating_light"}
)
"""Tags that ntfy shows as small pictures before the title."""

_PLAIN = re.compile(r"[\x20-\x7e]*")
_NO_TAG = re.compile(r"[^\w-]+", re.ASCII)


class Message(msgspec.Struct, omit_defaults=True):
    """A message without a picture, as JSON, which needs no encoding of headers."""

    topic: str
    title: str
    message: str
    priority: int
    tags: list[str]
    click: str = ""


def request_of(target: Ntfy, told: Notification) -> Request:
    """Return the request that publishes a message, with its picture where there is one."""
    headers = _authorization(target)
    if told.picture is None:
        message = Message(
            *(target.topic, told.title, told.text, PRIORITIES[told.severity], _tags(told)), click=told.link
        )
        headers["Content-Type"] = "application/json"
        return Request("POST", target.server.rstrip("/") + "/", headers, msgspec.json.encode(message))
    headers |= {
        "Content-Type": "image/jpeg",
        "Title": header(told.title),
        "Message": header(told.text),
        "Priority": str(PRIORITIES[told.severity]),
        "Tags": ",".join(_tags(told)),
        "Filename": "picture.jpg",
    }
    if told.link:
        headers["Click"] = told.link
    return Request("PUT", f"{target.server.rstrip('/')}/{target.topic}", headers, told.picture)


def header(text: str) -> str:
    """Return a text as the value of a header: what is not ASCII as encoded words (RFC 2047); ntfy reads them.

    Servers and proxies in between disagree on anything but ASCII in headers.
    """
    line = " ".join(text.split())
    if _PLAIN.fullmatch(line) and "=?" not in line:
        return line
    return Header(line, "utf-8", maxlinelen=75).encode(linesep="")


def _tags(told: Notification) -> list[str]:
    tags = [SIGNS[told.severity], _NO_TAG.sub("-", told.label).strip("-")]
    return [tag for tag in tags if tag]


def _authorization(target: Ntfy) -> dict[str, str]:
    if target.token is not None:
        return {"Authorization": f"Bearer {target.token}"}
    if target.user is None:
        return {}
    pair = f"{target.user}:{target.password or ''}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
