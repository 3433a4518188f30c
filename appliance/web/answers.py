"""Answers in JSON; those with something from the database say at which cursor it was read."""

import hashlib
from collections.abc import Sequence

import msgspec
from aiohttp import hdrs, web

from appliance.domain.ids import Cursor
from appliance.store.queries import Position, Row
from appliance.web import page_token

CURSOR = "Nightjar-Cursor"
"""The header with the cursor of the snapshot: messages after it are not in the answer, all before it are."""
PICTURE_CACHE = "private, no-cache"
"""What a browser has kept of a picture it shows only after asking: who has logged out sees none of it."""


def of_struct(value: msgspec.Struct, status: int = 200) -> web.Response:
    """Return an answer that is made of a struct."""
    return _json(msgspec.json.encode(value), status)


def of_text(text: str, cursor: Cursor, status: int = 200) -> web.Response:
    """Return an answer whose JSON the database made."""
    return with_cursor(_json(text.encode(), status), cursor)


def of_list(texts: Sequence[str], cursor: Cursor, following: Position | None = None) -> web.Response:
    """Return a list, or one page of it, whose items the database made.

    The next page begins after ``following``, which is ``None`` on the last one.
    """
    token = "null" if following is None else f'"{page_token.write(following)}"'
    return of_text(f'{{"items":[{",".join(texts)}],"next":{token}}}', cursor)


def of_page(rows: Sequence[Row], limit: int, cursor: Cursor) -> web.Response:
    """Return a page of at most ``limit`` rows; one row more than that shows that there is another page."""
    shown = rows[:limit]
    following = shown[-1].position if len(rows) > limit else None
    return of_list([row.json for row in shown], cursor, following)


def nothing(cursor: Cursor) -> web.Response:
    """Return the answer to a deletion."""
    return with_cursor(web.Response(status=204), cursor)


def with_cursor(response: web.Response, cursor: Cursor) -> web.Response:
    """Add the cursor's header."""
    response.headers[CURSOR] = str(cursor)
    return response


def of_picture(request: web.Request, jpeg: bytes) -> web.Response:
    """Return a JPEG, or that the one which the browser has kept is still right."""
    tag = hashlib.sha256(jpeg).hexdigest()[:32]
    is_kept = f'"{tag}"' in request.headers.get(hdrs.IF_NONE_MATCH, "")
    response = web.Response(status=304) if is_kept else web.Response(body=jpeg, content_type="image/jpeg")
    response.etag = tag
    response.headers[hdrs.CACHE_CONTROL] = PICTURE_CACHE
    return response


def _json(body: bytes, status: int) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")
