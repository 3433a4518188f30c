"""``nightjar support-bundle``: what those who help want to know of a box, in one file, and no secret."""

import importlib.metadata
import io
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.backup.record import read_record
from appliance.bundle import local_service
from appliance.bundle.known import named_things, secrets_of, stored_secrets
from appliance.bundle.masks import Pseudonyms, machine_of, masked, without_secrets
from appliance.domain.time import US_PER_S
from appliance.errors import BackupFailed
from appliance.monitor.database import copies_of
from appliance.runtime.clock import Clock
from appliance.store.check import check
from appliance.store.data_folder import DATABASE
from appliance.store.seal import read_seal
from appliance.store.times import iso_of_us

UNIT = "nightjar"
LOG_LINES = 2000
LOG_S = 10.0
MOST_FINDINGS = 200
MODULES = ("aiohttp", "aiosqlite", "alembic", "av", "msgspec", "numpy", "onnxruntime", "openvino", "uvloop")
LIBRARIES = (*MODULES, "opencv-python-headless", "SQLAlchemy", "torch", "ultralytics", "nvidia-ml-py")
CAMERAS = (
    "SELECT id, name, url, enabled, detect_fps, managed_by, status, status_reason, stream, decode, "
    "live_url IS NOT NULL FROM cameras ORDER BY created_us, id"
)
SCHEMA = "SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL"
DISK = ("id", "path", "segments", "bytes")
DISKS = (
    "SELECT v.id, v.path, count(s.id), coalesce(sum(s.size), 0) FROM volumes AS v "
    "LEFT JOIN segments AS s ON s.volume_id = v.id GROUP BY v.id"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be told, and where to.

    Attributes:
        config: the configuration file; ``None`` where there is none.
        host: where the service listens, and ``port``.
        is_anonymous: letters take the place of names and addresses.
        journal: what ``read_journal`` returned.
    """

    file: Path
    data: Path
    config: Path | None
    host: str
    port: int
    version: str
    is_anonymous: bool
    journal: str = ""


def write_bundle(asked: Asked, clock: Clock) -> list[str]:
    """Write the bundle under another name, give it its own, and return the names of what is in it.

    Raises:
        BackupFailed: it cannot be written; nothing is left of it.
    """
    veil = _Veil(asked)
    now_us = clock.wall_us()
    partial = asked.file.with_name(f".{asked.file.name}.partial")
    names = []
    try:
        partial.unlink(missing_ok=True)
        with _made(partial) as stream, tarfile.open(fileobj=stream, mode="w:gz") as tar:
            for name, text in _parts(asked, now_us):
                content = veil.over(text).encode()
                info = tarfile.TarInfo(f"nightjar-support/{name}")
                info.size, info.mode, info.mtime = len(content), 0o600, now_us // US_PER_S
                tar.addfile(info, io.BytesIO(content))
                names.append(name)
        partial.replace(asked.file)
    except OSError as err:
        raise BackupFailed(f"{asked.file} could not be written: {err.strerror or err}") from err
    finally:
        partial.unlink(missing_ok=True)
    return names


def _made(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


class _Veil:
    """Lies over every text of the bundle, whatever it is: a secret may turn up where nobody expects it."""

    def __init__(self, asked: Asked) -> None:
        self._secrets = set(secrets_of(_document(asked.config)))
        things: dict[str, list[list[str]]] = {}
        for connection in _opened(asked.data):
            self._secrets |= set(stored_secrets(connection, read_seal(asked.data)))
            things = named_things(connection)
        things["folder"] = [[str(asked.data.absolute()), str(asked.data)], [str(Path.home())]]
        things["box"] = [[platform.node()]]
        self._names = Pseudonyms(things) if asked.is_anonymous else None

    def over(self, text: str) -> str:
        """Return the text as others may see it."""
        text = without_secrets(text, self._secrets)
        return text if self._names is None else self._names.applied(text)


def _parts(asked: Asked, now_us: int) -> Iterator[tuple[str, str]]:
    yield "versions.json", _json(_versions(asked, now_us))
    yield "configuration.json", _json(masked(_document(asked.config)))
    yield "database.json", _json(_database(asked.data))
    yield "schema.sql", "\n".join(_ask(asked.data, SCHEMA))
    yield "cameras.json", _json(_cameras(asked.data))
    yield "check.txt", "\n".join(_findings(asked.data)) or "no differences found"
    for name, path in (
        ("health.json", "/api/v1/system/health"),
        ("metrics.txt", "/metrics"),
        ("queues.json", "/api/v1/system/queues"),
    ):
        answer, trouble = local_service.ask(asked.host, asked.port, path)
        yield name, answer or trouble
    yield "log.txt", asked.journal


def _versions(asked: Asked, now_us: int) -> dict[str, object]:
    libraries = {}
    for name in LIBRARIES:
        with suppress(importlib.metadata.PackageNotFoundError):
            libraries[name] = importlib.metadata.version(name)
    usage = shutil.disk_usage(asked.data) if asked.data.is_dir() else None
    return {
        "nightjar": asked.version,
        "made_at": iso_of_us(now_us),
        "python": sys.version,
        "sqlite": sqlite3.sqlite_version,
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "distribution": _distribution(),
        "libraries": libraries,
        "data_disk": None if usage is None else {"total_bytes": usage.total, "free_bytes": usage.free},
    }


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def _database(data: Path) -> dict[str, object]:
    """Return figures: how large it is and how many rows its tables have, nothing of what is in them."""
    tables = _ask(data, "SELECT name FROM sqlite_master WHERE type = 'table'")
    record = read_record(data)
    return {
        "revision": next(iter(_ask(data, "SELECT version_num FROM alembic_version")), None),
        "epoch": next(iter(_ask(data, "SELECT value FROM meta WHERE key = 'epoch'")), None),
        "bytes": {name: _size(data / name) for name in (DATABASE, f"{DATABASE}-wal")},
        "pages": next(iter(_ask(data, "PRAGMA page_count")), None),
        "free_pages": next(iter(_ask(data, "PRAGMA freelist_count")), None),
        "highest_row": {name: _highest(data, name) for name in tables},
        "footage": [dict(zip(DISK, row, strict=True)) for row in _rows(data, DISKS)],
        "copies": [{"name": one.name, "bytes": one.size} for one in copies_of(data / DATABASE)],
        "last_backup": None if record.made is None else record.made.at,
        "backup_trouble": None if record.rehearsed is None else record.rehearsed.trouble,
    }


def _highest(data: Path, table: str) -> object:
    """Return the highest row number, which tells about how many rows there are and costs nothing."""
    return next(iter(_ask(data, f'SELECT max(rowid) FROM "{table}"')), None)  # noqa: S608 - a name of the schema


def _cameras(data: Path) -> list[dict[str, object]]:
    keys = (
        "id",
        "name",
        "url",
        "enabled",
        "detect_fps",
        "managed_by",
        "status",
        "reason",
        "stream",
        "decode",
    )
    found = []
    for row in _rows(data, CAMERAS):
        camera = dict(zip((*keys, "has_live_url"), row, strict=True))
        found.append({**camera, "url": machine_of(str(camera["url"]))})
    return found


def _findings(data: Path) -> list[str]:
    found = check(data)
    more = [f"and {len(found) - MOST_FINDINGS} more"] if len(found) > MOST_FINDINGS else []
    return found[:MOST_FINDINGS] + more


def read_journal() -> str:
    """Return the end of the journal, where systemd keeps one and we may read it."""
    command = shutil.which("journalctl")
    if command is None:
        return "there is no journal on this machine"
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            [command, "--unit", UNIT, "--lines", str(LOG_LINES), "--no-pager", "--output", "short-iso"],
            capture_output=True,
            timeout=LOG_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as err:
        return f"the journal cannot be read: {err}"
    return (done.stdout or done.stderr).decode("utf-8", "replace")


def _document(config: Path | None) -> object:
    """Return the configuration file as it is written; why not, where it cannot be read."""
    if config is None:
        return {}
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        return {"unreadable": type(err).__name__}


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _opened(data: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that only reads; none where there is no database."""
    path = data / DATABASE
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def _rows(data: Path, query: str) -> list[tuple[object, ...]]:
    for connection in _opened(data):
        with suppress(sqlite3.DatabaseError):
            return connection.execute(query).fetchall()
    return []


def _ask(data: Path, query: str) -> list[str]:
    return [str(row[0]) for row in _rows(data, query)]


def _json(value: object) -> str:
    """Return it with its letters as they are, as the veil knows them."""
    return json.dumps(value, indent=2, default=str, ensure_ascii=False)
