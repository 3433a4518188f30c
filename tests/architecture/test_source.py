"""Habits of the house that no linter knows."""

import ast

import pytest

from tests.support.source import ROOT, Module, imported, modules

CLOCK = "appliance/runtime/clock.py"
LOG = "appliance/runtime/log.py"
SUPERVISOR = "appliance/runtime/supervisor.py"

READERS_OF_TIME = {"asyncio.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
LONGEST_FUNCTION_LINES = 60
HOMES = {
    "system": ("tests/system/", "tests/integration/", "tests/contract/", "tests/crash/"),
    "e2e": ("tests/e2e/",),
}
STAGES = ("packets", "frames", "motion", "detections", "tracks", "events", "alerts")


def called_by(node: ast.AST) -> str:
    """Return the last two names of a call: ``datetime.now`` for ``datetime.datetime.now()``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ""
    owner = node.func.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return f"{name}.{node.func.attr}"


def test_only_the_clock_reads_the_time_or_sleeps() -> None:
    """Everyone else is given a clock, which a test can move by hand."""
    guilty = [
        module.at(node)
        for module in modules("appliance")
        if module.name not in {CLOCK, LOG}
        for node in module.nodes()
        if called_by(node) in READERS_OF_TIME or "time" in {name.split(".")[0] for name in imported(node)}
    ]
    assert guilty == []


def test_only_the_supervisor_catches_everything() -> None:
    """An error that nobody expected is decided on in one place; who cleans up raises it again."""
    guilty = [
        module.at(node)
        for module in modules("appliance", "detectors")
        if module.name != SUPERVISOR
        for node in module.nodes()
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type) and not raises_again(node)
    ]
    assert guilty == []


def is_broad(caught: ast.expr | None) -> bool:
    """Return whether an ``except`` catches any exception."""
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        n is None or (isinstance(n, ast.Name) and n.id in {"Exception", "BaseException"}) for n in names
    )


def raises_again(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler ends by raising what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_no_function_is_longer_than_a_page() -> None:
    """What does not fit on one page has more than one thing to say."""
    guilty = [
        f"{module.at(node)} {node.name}: {length} lines"
        for module in modules("appliance", "detectors")
        if "/migrations/" not in module.name
        for node in module.nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION_LINES
    ]
    assert guilty == []


def test_every_package_says_what_it_is() -> None:
    """The folder's first sentence is where a reader starts; a folder without one cannot be imported."""
    folders = {module.path.parent for module in modules("appliance", "detectors")}
    silent = [
        folder.relative_to(ROOT).as_posix()
        for folder in sorted(folders)
        if not (folder / "__init__.py").exists() or not ast.get_docstring(Module(folder / "__init__.py").tree)
    ]
    assert silent == []


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_says_what_comes_in_and_what_goes_out(stage: str) -> None:
    """The packages read as the data's way."""
    docstring = ast.get_docstring(Module(ROOT / "appliance" / stage / "__init__.py").tree) or ""
    assert "→" in docstring.splitlines()[0]


def test_no_module_is_named_for_nothing() -> None:
    """A drawer for everything has no reason to end."""
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [m.name for m in modules("appliance", "detectors", "tests", "bench") if m.path.stem in vague] == []


def test_every_test_says_its_promise() -> None:
    """The name is a sentence, the docstring what a user may rely on."""
    silent = [
        f"{module.at(node)} {node.name}"
        for module in modules("tests")
        for node in module.nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_what_takes_long_lies_where_its_tier_looks() -> None:
    """``make test-system`` passes over the unit tests; ``make test-e2e`` sees only those in a browser."""
    lost = [
        module.at(node)
        for module in modules("tests")
        for node in module.nodes()
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"pytest.mark.system", "pytest.mark.e2e"}
        and not module.name.startswith(HOMES[node.attr])
    ]
    assert lost == []
