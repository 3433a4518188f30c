"""Who may import whom."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.support.source import ROOT, imported, modules

KNOW_THE_CONFIGURATION = {
    "appliance/cli.py",
    "appliance/command_line.py",
    "appliance/compose.py",
    "appliance/config.py",
}


def contracts() -> list[dict[str, Any]]:
    """Return the import contracts of ``pyproject.toml``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return found


def test_the_import_contracts_hold() -> None:
    """Outer packages import inner ones, stages never each other, and the library nothing of the appliance."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_of_the_appliance_has_its_place_in_the_contract() -> None:
    """A new package cannot stand outside the order by being forgotten."""
    layers = " | ".join(contracts()[0]["layers"]).split(" | ")
    named = {layer.strip("() ").split(".")[1] for layer in layers}
    folder = ROOT / "appliance"
    there = {path.stem for path in folder.iterdir() if path.suffix == ".py" and path.stem != "__init__"}
    there |= {path.parent.name for path in folder.glob("*/__init__.py")}
    assert there == named


def test_only_the_composition_and_the_command_know_the_configuration() -> None:
    """Everything else is given its own settings."""
    guilty = [
        module.at(node)
        for module in modules("appliance")
        if module.name not in KNOW_THE_CONFIGURATION
        for node in module.nodes()
        for name in imported(node)
        if name.startswith("appliance.config")
    ]
    assert guilty == []


def test_tests_use_fakes_and_no_mocks() -> None:
    """A mock agrees with whatever is asked of it."""
    guilty = [
        module.at(node)
        for module in modules("tests", "bench")
        for node in module.nodes()
        for name in imported(node)
        if name.startswith("unittest")
    ]
    assert guilty == []
