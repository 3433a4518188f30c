"""The bill of materials says what is installed: all of it, with versions, licences and hashes."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.source import ROOT

SCRIPT = ROOT / "deploy" / "sbom.py"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bill, as ``make sbom`` writes it."""
    file = tmp_path_factory.mktemp("sbom") / "dist" / "nightjar.cdx.json"
    subprocess.run([sys.executable, str(SCRIPT), str(file)], check=True, timeout=60)
    return file


@pytest.fixture(scope="module")
def bill(written: Path) -> dict[str, Any]:
    """The bill, read."""
    return cast("dict[str, Any]", json.loads(written.read_text()))


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("sbom", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sbom"] = module
    spec.loader.exec_module(module)
    return module


def by_name(bill: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the components by their names."""
    return {part["name"]: part for part in bill["components"]}


def test_it_is_cyclonedx_and_names_the_program(bill: dict[str, Any]) -> None:
    """In the form that scanners read."""
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    own = bill["metadata"]["component"]
    assert (own["type"], own["name"]) == ("application", "nightjar")
    assert own["licenses"] == [{"expression": "AGPL-3.0-or-later"}]


def test_each_dependency_of_the_project_is_in_it_at_the_pinned_version(bill: dict[str, Any]) -> None:
    """What ``make`` installs is written down, what an extra such as ``sqlalchemy[asyncio]`` wants too."""
    pinned = {
        name.lower(): version for name, version in PINNED.findall((ROOT / "constraints.txt").read_text())
    }
    parts = {name: part for name, part in by_name(bill).items() if part["purl"].startswith("pkg:pypi/")}
    assert {"aiohttp", "av", "cryptography", "argon2-cffi", "greenlet", "numpy", "uvloop"} <= set(parts)
    assert {name: part["version"] for name, part in parts.items()} == {name: pinned[name] for name in parts}
    assert not {"pytest", "mypy", "ruff"} & set(parts)


def test_each_part_says_its_licence(bill: dict[str, Any]) -> None:
    """None is without one; a new dependency whose licence nobody looked up is seen here."""
    assert [name for name, part in by_name(bill).items() if not part.get("licenses")] == []


def test_the_libraries_that_wheels_bring_along_are_named_with_their_hashes(bill: dict[str, Any]) -> None:
    """A flaw in FFmpeg is looked for by the file that is really there."""
    brought = by_name(bill)["av"]["components"]
    (codec,) = [part for part in brought if "libavcodec" in part["name"]]
    assert codec["type"] == "file"
    (hashed,) = codec["hashes"]
    assert hashed["alg"] == "SHA-256"
    assert re.fullmatch(r"[0-9a-f]{64}", hashed["content"])


def test_the_page_s_parts_are_those_that_it_ships(bill: dict[str, Any]) -> None:
    """With the hash of what npm gives out; the tools that build it are not in it."""
    parts = {name: part for name, part in by_name(bill).items() if part["purl"].startswith("pkg:npm/")}
    package = json.loads((ROOT / "appliance/web/ui/package.json").read_text())
    assert set(package["dependencies"]) <= set(parts)
    assert not set(package["devDependencies"]) & set(parts)
    assert all(re.fullmatch(r"[0-9a-f]{128}", part["hashes"][0]["content"]) for part in parts.values())


def test_every_reference_is_known_and_used_once(bill: dict[str, Any]) -> None:
    """A scanner can follow what depends on what."""
    whole = [bill["metadata"]["component"], *bill["components"]]
    inner = [each for part in whole for each in part.get("components", [])]
    refs = [part["bom-ref"] for part in (*whole, *inner)]
    assert len(refs) == len(set(refs))
    named = {ref for one in bill["dependencies"] for ref in (one["ref"], *one["dependsOn"])}
    assert named <= set(refs)
    assert {part["bom-ref"] for part in bill["components"]} <= named


def test_the_same_input_gives_the_same_text(written: Path, script: Any) -> None:
    """A difference between two bills is a difference of what is installed."""
    assert json.dumps(script.bill(), indent=2, sort_keys=True) + "\n" == written.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [("MIT License", {"id": "MIT"}), ("BSD License", {"name": "BSD License"})],
)
def test_a_classifier_is_a_licence_only_where_it_means_one(script: Any, text: str, said: object) -> None:
    """That of BSD means several, and none is guessed."""
    assert script._named(text) == said
