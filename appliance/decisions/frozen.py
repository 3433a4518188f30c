"""The state of decisions as bytes, and back: exact to the last bit, and nothing but data.

Whatever the stages keep in their own classes is written down attribute by attribute, so that a stage that
learns to remember something more has it kept without a word here. MessagePack keeps floats whole. Objects
are made again without running any of their code, and only those of the decisions' own packages: a damaged or
foreign snapshot can be refused but can do nothing.
"""

import importlib
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec
import numpy as np

from appliance.errors import InvalidInput

PACKAGES = ("domain", "tracks", "places", "events", "alerts", "decisions")
"""The packages whose objects state is made of."""

PLAIN = (type(None), bool, int, float, str, bytes)

Node = Any
"""What MessagePack knows: plain values, and lists of them that begin with a word for what they stand for."""


def freeze(state: object) -> bytes:
    """Return an object of the decisions' packages, and all that hangs on it, as bytes.

    An object that changes and hangs on it in two places hangs on it in two places again. Equal states make
    equal bytes.

    Raises:
        TypeError: something in it is no data.
    """
    freezer = _Freezer()
    root = freezer.node(state)
    return msgspec.msgpack.encode([freezer.values, root])


def thaw(frozen: bytes, instead: Mapping[type, object] | None = None) -> object:
    """Return the object that was frozen.

    Args:
        frozen: what ``freeze`` returned.
        instead: objects to put in the place of every one of their class that never changes.

    Raises:
        InvalidInput: these bytes are no state of this version of the program.
    """
    try:
        values, root = msgspec.msgpack.decode(frozen)
        return _Thawer(values, instead or {}).value(root)
    except (
        msgspec.DecodeError,
        *(AttributeError, ImportError, IndexError, KeyError, TypeError, ValueError),
    ) as err:
        raise InvalidInput("expected a state of this version's decisions, got something else") from err


class _Freezer:
    """Writes objects down.

    One that never changes is written once into a table, however many equal ones there are; one that changes
    is written where it is met first, and referred to by its number from then on.

    Attributes:
        values: the table; each refers to earlier ones only.
    """

    def __init__(self) -> None:
        self.values: list[Node] = []
        self._places: dict[bytes, int] = {}
        self._numbers: dict[int, int] = {}

    def node(self, value: object) -> Node:
        kind = type(value)
        if kind in PLAIN:
            return value
        if isinstance(value, frozenset | set):
            word = "f" if kind is frozenset else "s"
            return [word, *sorted(map(self.node, value), key=msgspec.msgpack.encode)]
        if isinstance(value, Enum):
            return ["e", _name_of(kind), value.value]
        if isinstance(value, dict):
            return ["d", *(self.node(part) for pair in value.items() for part in pair)]
        if isinstance(value, tuple | list) and kind in (tuple, list):
            return ["t" if kind is tuple else "l", *map(self.node, value)]
        return self._library(value) or self._own(value)

    def _library(self, value: object) -> Node | None:
        """Return what stands for a value of numpy's or of the standard library's."""
        if isinstance(value, np.generic):
            return ["n", value.dtype.str, value.tobytes()]
        if isinstance(value, np.ndarray):
            return ["a", value.dtype.str, list(value.shape), value.tobytes()]
        if isinstance(value, datetime):
            return ["T", value.replace(tzinfo=None).isoformat(), value.fold, self.node(value.tzinfo)]
        if isinstance(value, zoneinfo.ZoneInfo) and value.key is not None:
            return ["z", value.key]
        return None

    def _own(self, value: object) -> Node:
        """Return what stands for an object of ours."""
        name = _name_of(type(value))
        if _never_changes(type(value)):
            written = [name, *self._attributes(value)]
            place = self._places.setdefault(msgspec.msgpack.encode(written), len(self.values))
            if place == len(self.values):
                self.values.append(written)
            return ["v", place]
        if id(value) in self._numbers:
            return ["m", self._numbers[id(value)]]
        self._numbers[id(value)] = len(self._numbers)
        return ["o", name, *self._attributes(value)]

    def _attributes(self, value: object) -> Iterator[Node]:
        for name, part in _attributes(value):
            yield name
            yield self.node(part)


class _Thawer:
    """Makes objects of what was written down."""

    def __init__(self, values: list[Node], instead: Mapping[type, object]) -> None:
        self._values: list[object] = []
        self._met: list[object] = []
        for name, *parts in values:
            kind = _class_of(name)
            self._values.append(instead.get(kind, self._filled(object.__new__(kind), parts)))

    def value(self, node: Node) -> Any:
        if not isinstance(node, list):
            return node
        word, *parts = node
        made: Callable[[], Any] = {
            "v": lambda: self._values[parts[0]],
            "m": lambda: self._met[parts[0]],
            "o": lambda: self._object(parts),
            "t": lambda: tuple(map(self.value, parts)),
            "l": lambda: list(map(self.value, parts)),
            "s": lambda: set(map(self.value, parts)),
            "f": lambda: frozenset(map(self.value, parts)),
            "d": lambda: dict(self._pairs(parts)),
            "e": lambda: _class_of(parts[0])(parts[1]),
            "n": lambda: np.frombuffer(parts[1], np.dtype(parts[0]))[0],
            "a": lambda: np.frombuffer(parts[2], np.dtype(parts[0])).reshape(parts[1]).copy(),
            "T": lambda: datetime.fromisoformat(parts[0]).replace(fold=parts[1], tzinfo=self.value(parts[2])),
            "z": lambda: zoneinfo.ZoneInfo(parts[0]),
        }[word]
        return made()

    def _object(self, parts: list[Node]) -> object:
        made: object = object.__new__(_class_of(parts[0]))
        self._met.append(made)
        return self._filled(made, parts[1:])

    def _filled(self, made: object, parts: list[Node]) -> object:
        for name, part in self._pairs(parts):
            object.__setattr__(made, name, part)
        return made

    def _pairs(self, parts: list[Node]) -> Iterator[tuple[Any, Any]]:
        for key, part in zip(parts[::2], parts[1::2], strict=True):
            yield self.value(key), self.value(part)


def _never_changes(kind: type) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)


def _attributes(value: object) -> Iterator[tuple[str, object]]:
    for kind in type(value).__mro__:
        for name in kind.__dict__.get("__slots__", ()):
            if hasattr(value, name):
                yield name, getattr(value, name)
    yield from getattr(value, "__dict__", {}).items()


def _name_of(kind: type) -> str:
    _check(kind.__module__)
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_of(name: str) -> type:
    module, _, path = name.partition(":")
    _check(module)
    found = getattr(importlib.import_module(module), path)
    if not isinstance(found, type) or found.__module__ != module:
        raise TypeError(f"expected a class of {module}, got {path}")
    return found


def _check(module: str) -> None:
    if not any(module.startswith(f"appliance.{package}.") for package in PACKAGES):
        raise TypeError(f"expected data of the decisions' own packages, got something of {module}")
