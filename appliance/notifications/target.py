"""Targets: where alerts are sent to and how; a row's ``settings`` hold it, secrets included."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.errors import InvalidInput
from appliance.notifications.address import origin_of

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every such secret begins
SECRET_BYTES = range(24, 65)
"""As the Standard Webhooks specification 1.0 has it."""
TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
"""What ntfy takes for a topic."""

CREDENTIALS = ("token", "user", "password")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Somebody's server that takes a POST of JSON.

    Attributes:
        url: the whole address; it may hold a token.
        key: what it is signed with; ``None`` for no signature.
        wants_picture: whether the picture goes with it.
    """

    url: str = field(repr=False)
    key: bytes | None = field(repr=False)
    wants_picture: bool


@dataclass(frozen=True, slots=True)
class Ntfy:
    """A topic of an ntfy server; who knows its name may read it on an open server.

    Attributes:
        token: an access token; ``None`` where user and password count, if there are any.
    """

    server: str
    topic: str = field(repr=False)
    token: str | None = field(repr=False)
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    wants_picture: bool


Target = Webhook | Ntfy


def target_of(kind: str, settings: Mapping[str, Any]) -> Target:
    """Return a target as its row has it; what is missing in one that another program wrote is empty."""
    address, picture = str(settings.get("address", "")), bool(settings.get("picture", True))
    if kind == "webhook":
        secret = settings.get("secret")
        return Webhook(address, None if secret is None else key_of(secret), picture)
    token, user, password = (settings.get(name) for name in CREDENTIALS)
    return Ntfy(address, str(settings.get("topic", "")), token, user, password, picture)


def key_of(secret: str) -> bytes:
    """Return the key that a webhook's secret stands for.

    Raises:
        InvalidInput: it is none; the message repeats nothing of it.
    """
    expected = f"expected {SECRET_PREFIX} and the base64 of 24 to 64 bytes"
    if not secret.startswith(SECRET_PREFIX):
        raise InvalidInput(f"{expected}, got another beginning")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(f"{expected}, got no base64") from None
    if len(key) not in SECRET_BYTES:
        raise InvalidInput(f"{expected}, got {len(key)} bytes")
    return key


def merged(kind: str, present: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a target's settings after a change: what is given counts, and ``None`` takes away.

    The credentials for an ntfy server are forgotten when it becomes another one, so that they never reach
    another machine than they were meant for.

    Raises:
        InvalidInput: something is missing, or does not belong to this kind.
    """
    foreign = {"webhook": ("topic", *CREDENTIALS), "ntfy": ("secret",)}[kind]
    for name in foreign:
        if given.get(name) is not None:
            raise InvalidInput(f"{name}: a target of the kind {kind} has none")
    kept = dict(present)
    moves = "address" in present and "address" in given
    if moves and origin_of(present["address"]) != origin_of(given["address"]):
        kept = {name: value for name, value in kept.items() if name not in CREDENTIALS}
    whole = {name: value for name, value in (kept | dict(given)).items() if value is not None}
    if "address" not in whole:
        raise InvalidInput("address: expected all of it anew, since the one that was kept cannot be read")
    if kind == "ntfy" and "topic" not in whole:
        raise InvalidInput("topic: expected the name of an ntfy topic, got nothing")
    if ("user" in whole) is not ("password" in whole):
        raise InvalidInput("password: expected user and password together, or none of them")
    if "token" in whole and "user" in whole:
        raise InvalidInput("token: expected a token, or user and password, got both")
    return whole


def shown_of(kind: str, settings: Mapping[str, Any]) -> str:
    """Return what may be shown of where a target is: paths and topics may be as good as passwords."""
    address = settings["address"]
    if kind == "ntfy":
        topic = settings["topic"]
        return f"{address.rstrip('/')}/{topic[: min(3, len(topic) // 2)]}…"
    origin = origin_of(address)
    return origin if address.rstrip("/") == origin else f"{origin}/…"
