"""Page tokens: where the last page of a list ended, opaque to clients."""

import base64
import binascii
import re

import msgspec

from appliance.store.queries import Position
from appliance.web.problems import Kind, Rejected

ROW_NUMBER = re.compile(r"[0-9]{1,18}")


class _Token(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    at_us: int
    id: str


def write(position: Position) -> str:
    """Return the token of the page that begins after that position."""
    raw = msgspec.json.encode(_Token(position.at_us, position.id))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(token: str | None) -> Position | None:
    """Return the position that a token stands for; ``None`` for the first page.

    Raises:
        Rejected: 422, this server never gave out such a token.
    """
    if token is None:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        decoded = msgspec.json.decode(raw, type=_Token)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as err:
        raise Rejected(
            Kind.INVALID,
            "page: this is no page token",
            field="page",
            expected="the token in next of the page before",
            got=token[:60],
        ) from err
    if not -(2**63) <= decoded.at_us < 2**63:
        raise Rejected(Kind.INVALID, "page: this is no page token", field="page")
    return Position(decoded.at_us, decoded.id)


def row_of(position: Position) -> int:
    """Return the number of the row at which the page before ended, in a list whose ids are numbers.

    Raises:
        Rejected: 422, it is a token of another list.
    """
    if not ROW_NUMBER.fullmatch(position.id):
        raise Rejected(Kind.INVALID, "page: this token is of another list", field="page")
    return int(position.id)
