"""The small ``libnvidia-ml.so.1`` that the real ``pynvml`` loads in tests, and what it says that there is."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.source import ROOT

MISSING = "" if shutil.which("cc") else "the fake libnvidia-ml needs a C compiler (cc)"
"""Why there can be none here; empty where it can."""


def built(folder: Path, *options: str) -> Path:
    """Build the library and return the folder with it; ``-DOLD_DRIVER`` makes it an older driver's."""
    code, library = ROOT / "tests/support/fake_nvml.c", folder / "libnvidia-ml.so.1"
    command = ["cc", "-Wall", "-Werror", "-shared", "-fPIC", "-O1", *options, "-o", str(library), str(code)]
    subprocess.run(command, check=True, timeout=60)
    return folder


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is now, in the words of ``fake_nvml.c``; who uses the library sees each change."""

    file: Path

    def write(self, text: str) -> None:
        """Let that be so; nobody reads half of it."""
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.replace(self.file)

    def environment(self, library: Path) -> dict[str, str]:
        """Return what a process needs in its environment."""
        before = os.environ.get("LD_LIBRARY_PATH", "")
        paths = f"{library}:{before}" if before else str(library)
        return {"LD_LIBRARY_PATH": paths, "FAKE_NVML": str(self.file)}
