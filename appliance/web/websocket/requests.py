"""What a client may say, and what it is told when it says something else."""

from collections.abc import Mapping

import msgspec

from appliance.bus.filter import Filter
from appliance.bus.message import TYPES, Channel
from appliance.domain.ids import Cursor
from appliance.domain.severity import Severity
from appliance.errors import InvalidInput

MOST_NAMES = 256


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="subscribe"):
    """Replaces the connection's one subscription whole."""

    channels: list[str]
    cameras: list[str] | None = None
    types: list[str] | None = None
    labels: list[str] | None = None
    min_severity: str | None = None
    epoch: str | None = None
    after: int | None = None

    def filter(self) -> Filter:
        """Return the filter that this asks for.

        Raises:
            InvalidInput: it names a channel, type or severity that does not exist.
        """
        return Filter(
            channels=frozenset(
                Channel(c) for c in _known("channels", self.channels, [c.value for c in Channel])
            ),
            cameras=_names("cameras", self.cameras),
            types=None if self.types is None else frozenset(_known("types", self.types, list(TYPES))),
            labels=_names("labels", self.labels),
            min_severity=None if self.min_severity is None else _severity(self.min_severity),
        )

    def cursor(self) -> Cursor | None:
        """Return the cursor to go on from, or ``None`` to hear only what is new.

        Raises:
            InvalidInput: it is negative.
        """
        if self.after is not None and self.after < 0:
            raise InvalidInput(f"after: expected a cursor of 0 or more, got {self.after}")
        return None if self.after is None else Cursor(self.after)


class Unsubscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="unsubscribe"):
    """Ends the subscription; the connection stays."""


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ping"):
    """Asks for a ``pong`` with the connection's position."""


Request = Subscribe | Unsubscribe | Ping

_DECODER: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)


def parse(text: str | bytes) -> Request:
    """Return what a client's message asks for.

    Raises:
        InvalidInput: it is not JSON, or not one of the three requests.
    """
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as err:
        raise InvalidInput(
            'expected {"type":"subscribe","channels":[…]}, {"type":"unsubscribe"} or {"type":"ping"}; '
            f"{str(err)[:300]}"
        ) from err


def of_query(query: Mapping[str, str]) -> Subscribe | None:
    """Return the subscription that a URL's query asks for, such as ``?channels=events,alerts&after=0``.

    Raises:
        InvalidInput: it has a name that is none of the subscription's, or ``after`` is no number.
    """
    if not query:
        return None
    lists = {"channels", "cameras", "types", "labels"}
    unknown = sorted(set(query) - lists - {"min_severity", "epoch", "after"})
    if unknown:
        raise InvalidInput(
            f"expected channels, cameras, types, labels, min_severity, epoch or after, got {unknown}"
        )
    fields: dict[str, object] = {
        name: value.split(",") if name in lists else value for name, value in query.items()
    }
    fields.setdefault("channels", [c.value for c in Channel])
    try:
        return msgspec.convert({"type": "subscribe", **fields}, Subscribe, strict=False)
    except msgspec.ValidationError as err:
        raise InvalidInput(f"the address's query: {err}") from err


def _known(field: str, names: list[str], known: list[str]) -> list[str]:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidInput(f"{field}: expected some of {', '.join(known)}, got {unknown[0][:80]!r}")
    return names


def _names(field: str, names: list[str] | None) -> frozenset[str] | None:
    if names is not None and len(names) > MOST_NAMES:
        raise InvalidInput(f"{field}: expected at most {MOST_NAMES} names, got {len(names)}")
    return None if names is None else frozenset(names)


def _severity(word: str) -> Severity:
    try:
        return Severity.of_word(word)
    except ValueError as err:
        raise InvalidInput(f"min_severity: {err}") from err
