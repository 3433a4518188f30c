"""The bill of materials: what the wheel installs and what the page is built of, as CycloneDX 1.6 in JSON.

Run by ``make sbom``, in the virtual environment that it describes. The same input gives the same text.
"""

import base64
import binascii
import json
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "appliance" / "web" / "ui" / "package-lock.json"
SPEC = "1.6"
NAMESPACE = uuid.UUID("6a3c3e0e-0f4e-4a55-9f0b-1d5b8a2f7c11")
OWN = "nightjar"
BY_CLASSIFIER = {
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
}
"""Classifiers that mean one licence; that of BSD means several."""
ALGORITHMS = {"sha256": "SHA-256", "sha512": "SHA-512"}
LIBRARY = re.compile(r"\.libs/[^/]+\.so[^/]*$")
"""Where the tools that make wheels put libraries of others."""

Json = dict[str, Any]


@dataclass
class Part:
    """A distribution that is needed, for which of its extras, and what it needs itself."""

    distribution: Distribution
    extras: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)


def bill(own: str = OWN, lock: Path = LOCK) -> Json:
    """Return the bill of materials of a distribution that is installed here."""
    found = closure(own)
    root = found[canonicalize_name(own)].distribution
    page = page_parts(lock)
    others = [python_part(one.distribution) for one in found.values() if one.distribution is not root]
    others.sort(key=lambda part: str(part["name"]))
    depends = {
        ref_of(one.distribution): sorted(ref_of(found[name].distribution) for name in one.needs)
        for one in found.values()
    }
    depends[ref_of(root)] += sorted(part["bom-ref"] for part in page)
    components = [*others, *page]
    text = json.dumps([root.version, components, depends], sort_keys=True)
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, text)}",
        "version": 1,
        "metadata": {"component": {**python_part(root), "type": "application"}},
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": on} for ref, on in sorted(depends.items())],
    }


def closure(own: str) -> dict[str, Part]:
    """Return a distribution and all that it needs on this machine, by their canonical names."""
    found: dict[str, Part] = {}
    waiting = [Requirement(own)]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        part = found.setdefault(name, Part(distribution(name)))
        for extra in {"", *wanted.extras} - part.extras:
            part.extras.add(extra)
            more = [each for each in requirements(part.distribution) if is_for(each, extra)]
            part.needs.update(canonicalize_name(each.name) for each in more)
            waiting += more
    return found


def requirements(one: Distribution) -> list[Requirement]:
    """Return what a distribution says that it needs."""
    return [Requirement(text) for text in one.requires or []]


def is_for(wanted: Requirement, extra: str) -> bool:
    """Return whether something is needed here for an extra, or at all where that is empty."""
    return wanted.marker is None or wanted.marker.evaluate({"extra": extra})


def ref_of(one: Distribution) -> str:
    """Return the package URL, by which the parts name each other."""
    return f"pkg:pypi/{canonicalize_name(one.metadata['Name'])}@{one.version}"


def python_part(one: Distribution) -> Json:
    """Return a distribution; the libraries that its wheel brings along are parts of it, with their hashes."""
    part = {
        "type": "library",
        "bom-ref": ref_of(one),
        "name": canonicalize_name(one.metadata["Name"]),
        "version": one.version,
        "purl": ref_of(one),
        "licenses": licences(one),
        "components": list(brought_along(one)),
    }
    return {name: value for name, value in part.items() if value}


def licences(one: Distribution) -> list[Json]:
    """Return the licences as far as the distribution says them; empty where it says none."""
    expression = _field(one, "License-Expression")
    if expression:
        return [{"expression": expression}]
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in one.metadata.get_all("Classifier") or []
        if text.startswith("License :: OSI Approved :: ")
    ]
    if classifiers:
        return [{"license": _named(text)} for text in sorted(set(classifiers))]
    free = _field(one, "License").strip().partition("\n")[0]
    return [{"license": {"name": free}}] if free else []


def _field(one: Distribution, name: str) -> str:
    """Return a field of a distribution's metadata; empty where it has none."""
    return next(iter(one.metadata.get_all(name) or []), "")


def _named(text: str) -> Json:
    return {"id": BY_CLASSIFIER[text]} if text in BY_CLASSIFIER else {"name": text}


def brought_along(one: Distribution) -> Iterator[Json]:
    """Yield the shared libraries of others that a wheel has in it, such as FFmpeg's and OpenSSL's."""
    for file in sorted(one.files or [], key=str):
        if file.hash is not None and LIBRARY.search(f"/{file}"):
            content = base64.urlsafe_b64decode(file.hash.value + "=" * (-len(file.hash.value) % 4)).hex()
            hashes = [{"alg": ALGORITHMS[file.hash.mode], "content": content}]
            yield {"type": "file", "bom-ref": f"{ref_of(one)}#{file}", "name": str(file), "hashes": hashes}


def page_parts(lock: Path) -> list[Json]:
    """Return what the page has in it of others, by the lock file, without what it is only built with."""
    packages: dict[str, Json] = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return [
        page_part(path.rpartition("node_modules/")[2], package)
        for path, package in sorted(packages.items())
        if path and not package.get("dev") and not package.get("devOptional")
    ]


def page_part(name: str, package: Json) -> Json:
    """Return one package of the page, with the hash of what npm gives out."""
    ref = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
    part = {
        "type": "library",
        "bom-ref": ref,
        "name": name,
        "version": package["version"],
        "purl": ref,
        "licenses": [{"expression": package["license"]}] if "license" in package else [],
        "hashes": [npm_hash(package["integrity"])] if "integrity" in package else [],
    }
    return {key: value for key, value in part.items() if value}


def npm_hash(integrity: str) -> Json:
    """Return the hash that a lock file has as ``sha512-BASE64``."""
    algorithm, _, content = integrity.partition("-")
    return {"alg": ALGORITHMS[algorithm], "content": binascii.a2b_base64(content).hex()}


def main(arguments: list[str]) -> int:
    """Write the bill to the file that is named, or to standard output."""
    text = json.dumps(bill(), indent=2, sort_keys=True) + "\n"
    if arguments:
        path = Path(arguments[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
