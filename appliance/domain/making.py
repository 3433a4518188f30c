"""A quicker way to make what each analysed frame makes anew of each object: its track and its event."""

from collections.abc import Callable
from dataclasses import field, fields, make_dataclass
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def maker(kind: Callable[P, T]) -> Callable[P, T]:
    """Return what takes the arguments of a frozen dataclass with slots and makes the same object of them.

    A frozen class refuses assignments to its own ``__init__`` too, which goes round by a call for each field:
    with twenty fields that takes three times as long as assigning them. Here a class with the same slots that
    is not frozen takes them in, and its object then becomes one of ``kind``, frozen like any other.

    Args:
        kind: such a dataclass, without a ``__post_init__`` of its own.
    """
    frozen = cast("type[Any]", kind)

    def become_frozen(draft: Any) -> None:
        draft.__class__ = frozen

    parts = [
        (part.name, Any, field(default=part.default, default_factory=part.default_factory))
        for part in fields(frozen)
    ]
    draft = make_dataclass(frozen.__name__, parts, slots=True, namespace={"__post_init__": become_frozen})
    return cast("Callable[P, T]", draft)
