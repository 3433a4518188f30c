"""Every setting as ``docs/configuration.md`` has to show it."""

import dataclasses
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from appliance.config import CameraEntry, Config, key_of, limits_of
from appliance.recordings.settings import StoragePath

TABLES = {"cameras": CameraEntry, "storage_paths": StoragePath}
"""What a table is that the file may have several of."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of one section.

    Attributes:
        default: as it would be written in the file; ``–`` where leaving the key out has a meaning of its own.
        allowed: its range, or its type where it has none.
    """

    section: str
    key: str
    default: str
    allowed: str
    is_number: bool


def settings() -> Iterator[Setting]:
    """Yield every setting, in the order of the classes."""
    for section, kind in typing.get_type_hints(Config).items():
        owner = TABLES.get(section, kind)
        yield from _of(section, owner)


def _of(section: str, owner: Any) -> Iterator[Setting]:
    """Yield the settings of a section, and those of the tables in it."""
    hints = typing.get_type_hints(owner)
    for field in dataclasses.fields(owner):
        kind = hints[field.name]
        inner = next(
            (part for part in (kind, *typing.get_args(kind)) if dataclasses.is_dataclass(part)), None
        )
        if inner is None:
            yield _setting(section, field, kind)
        else:
            yield from _of(f"{section}.{field.name}", inner)


def _setting(section: str, field: "dataclasses.Field[Any]", kind: Any) -> Setting:
    key = key_of(field.name)
    limits = limits_of(f"{section}.{key}")
    parts = {kind, *typing.get_args(kind)}
    is_number = bool(parts & {int, float})
    allowed = str(limits) if limits is not None else _type(kind)
    return Setting(section, key, _default(field), allowed, is_number)


def _default(field: "dataclasses.Field[Any]") -> str:
    value = field.default if field.default_factory is MISSING else field.default_factory()
    if value is MISSING:
        return "required"
    if value is None or value == "":
        return "–"
    if isinstance(value, tuple | frozenset):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return _toml(value)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value}"
    return json.dumps(value.as_posix() if isinstance(value, Path) else str(value))


def _type(kind: Any) -> str:
    kind = getattr(kind, "__supertype__", kind)
    if isinstance(kind, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(f"`{member.value}`" for member in kind)
    return {bool: "true or false", str: "text", Path: "path"}.get(kind, "list of texts")
