"""The repository's own source, for the tests that hold it to its rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file; ``name`` is its path from the repository's root."""

    path: Path

    @property
    def name(self) -> str:
        """The path from the root, with slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.path.read_text(encoding="utf-8"), self.name)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the file."""
        return ast.walk(self.tree)

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as an editor understands it."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


def modules(*folders: str) -> list[Module]:
    """Return every Python file under these folders, sorted by path."""
    return [Module(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names that an import statement names; nothing for other nodes."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield f"{node.module}.{alias.name}"
