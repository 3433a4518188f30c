"""What a box's database and configuration hold that a bundle must not show, or not by its name."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from appliance.errors import SealBroken
from appliance.store.seal import Seal

SECRET_KEYS = frozenset({"address", "topic", "secret", "token", "password", "key", "user"})
"""Of targets, credentials and the configuration: what may be as good as a password."""
LONG_PATH = 8
"""A part of a path or query that is so long may be as good as a password; shorter ones are words."""
USUAL_USERS = frozenset({"admin", "administrator", "guest", "operator", "root", "user", "viewer"})
"""Every camera has them: they tell nothing, and stand in many texts."""
CREDENTIALS = "SELECT camera_id, username, password, sealed FROM camera_credentials"
TARGETS = "SELECT id, settings, sealed FROM targets"
NAMED_CAMERAS = "SELECT id, name, url, live_url, scene FROM cameras ORDER BY created_us, id"
URL_KEYS = frozenset({"url", "live_url"})


def secrets_of(document: object, key: str = "") -> Iterator[str]:
    """Yield every secret of a configuration file, or of a target's settings."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from secrets_of(value, str(name))
    elif isinstance(document, list | tuple):
        for value in document:
            yield from secrets_of(value, key)
    elif isinstance(document, str) and key in SECRET_KEYS and document.lower() not in USUAL_USERS:
        yield document
        yield from _secrets_of_url(document)
    elif isinstance(document, str) and key in URL_KEYS:
        yield from _secrets_of_url(document)


def stored_secrets(connection: sqlite3.Connection, seal: Seal) -> Iterator[str]:
    """Yield every secret that a database holds, in clear text or sealed."""
    for camera_id, username, password, sealed in _rows(connection, CREDENTIALS):
        yield from secrets_of({"user": username, "password": password})
        yield from _opened(seal, sealed, f"camera_credentials/{camera_id}")
    for target_id, settings, sealed in _rows(connection, TARGETS):
        yield from secrets_of(_json(settings))
        yield from _opened(seal, sealed, f"targets/{target_id}")
    for row in _rows(connection, "SELECT url, live_url FROM cameras"):
        for url in row:
            yield from _secrets_of_url(url or "")


def named_things(connection: sqlite3.Connection) -> dict[str, list[list[str]]]:
    """Return what has a name in a database, by kind, the oldest first, each with all that it goes by."""
    cameras, machines, drawn = [], [], []
    for row in _rows(connection, NAMED_CAMERAS):
        cameras.append([row[0], row[1]])
        machines += [[host] for url in row[2:4] if (host := _host(url or ""))]
        scene = _json(row[4])
        if isinstance(scene, dict):
            shapes = [shape for shapes in scene.values() if isinstance(shapes, list) for shape in shapes]
            drawn += [[str(shape.get("id", "")), str(shape.get("name", ""))] for shape in shapes]
    unique = [[host] for host in dict.fromkeys(host for (host,) in machines)]
    return {
        "camera": cameras,
        "host": unique,
        "place": drawn,
        "rule": [[*row] for row in _rows(connection, "SELECT id, name FROM rules ORDER BY id")],
        "target": [[*row] for row in _rows(connection, "SELECT id, name FROM targets ORDER BY id")],
        "user": [[str(row[0])] for row in _rows(connection, "SELECT name FROM users ORDER BY id")],
    }


def _opened(seal: Seal, sealed: object, place: str) -> Iterator[str]:
    """Yield the secrets of a sealed row; none where its key is another one."""
    if not isinstance(sealed, bytes):
        return
    try:
        content = seal.open(sealed, place)
    except SealBroken:
        return
    yield from secrets_of(_json(content.decode("utf-8", "replace")))


def _rows(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return rows; none where the schema has no such table or column, or the file is damaged there."""
    try:
        return connection.execute(query).fetchall()
    except sqlite3.DatabaseError:
        return []


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _secrets_of_url(url: str) -> Iterator[str]:
    """Yield the password of an address, and what follows the machine: both as written and as meant."""
    try:
        parts = urlsplit(url)
        found = [parts.password, parts.query, *parts.query.split("&"), parts.path]
        values = [value for _, value in parse_qsl(parts.query)]
        found += [part for part in (*parts.path.split("/"), *values) if len(part) >= LONG_PATH]
        if parts.username and parts.username.lower() not in USUAL_USERS:
            found.append(parts.username)
    except ValueError:
        return
    for secret in found:
        if secret:
            yield secret
            yield unquote(secret)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
