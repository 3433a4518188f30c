"""Stands in for ``detectors.measure``: says what its plan tells it to, or dies, or hangs.

``Plan`` writes the plan; run as a script, this file obeys it.
"""

import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

SUFFIX = ".onnx"


@dataclass
class Plan:
    """What the program is to say.

    Attributes:
        folder: where the plan and the calls lie.
        back_ends: milliseconds for one picture by back end, in the order of preference; or ``dies``,
            ``hangs``, or why it cannot be used.
        accelerators: what each computes on; ``CPU`` where it is left out.
        gpu: the machine's.
        versions: the machine's.
        engines: the names of what runs engines.
        cannot_look: looking fails.
        removes: a file that is removed while it is measured.
    """

    folder: Path
    back_ends: dict[str, float | str] = field(default_factory=dict)
    accelerators: dict[str, str] = field(default_factory=dict)
    gpu: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    engines: tuple[str, ...] = ()
    cannot_look: bool = False
    removes: str = ""

    def write(self) -> None:
        """Put it where the program reads it, for its next start."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "plan.json").write_text(
            json.dumps(
                {
                    "back_ends": self.back_ends,
                    "accelerators": self.accelerators,
                    "gpu": self.gpu,
                    "versions": self.versions,
                    "engines": self.engines,
                    "cannot_look": self.cannot_look,
                    "removes": self.removes,
                }
            )
        )

    @property
    def program(self) -> tuple[str, ...]:
        """What Python is to run."""
        self.write()
        return (__file__, str(self.folder))

    @property
    def calls(self) -> list[str]:
        """What it was asked for so far: ``look``, or the name of a back end."""
        log = self.folder / "calls"
        return log.read_text().split() if log.exists() else []

    @property
    def arguments(self) -> list[list[str]]:
        """All that it was told, for each start."""
        log = self.folder / "arguments"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _say(**report: object) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


def _look(plan: dict[str, object]) -> None:
    if plan["cannot_look"]:
        sys.exit("no memory")
    gpu = plan["gpu"]
    _say(
        type="machine",
        cpu="a processor",
        gpu=gpu,
        compute_capability="9.0" if gpu else "",
        versions=plan["versions"],
    )
    back_ends = plan["back_ends"]
    assert isinstance(back_ends, dict)
    _say(type="candidates", suffix=SUFFIX, back_ends=list(back_ends))
    _say(type="candidates", suffix=".engine", back_ends=plan["engines"])


def _time(plan: dict[str, dict[str, float | str]], back_end: str, batches: list[int]) -> None:
    told = plan["back_ends"].get(back_end, 1.0)
    accelerator = plan["accelerators"].get(back_end, "CPU")
    if told == "hangs":
        signal.pause()
    if told == "dies":
        sys.stderr.write("Illegal instruction, it says\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGILL)
    if isinstance(told, str):
        _say(type="failed", reason=told)
        return
    for batch in batches:
        _say(
            type="timing",
            batch=batch,
            median_ms=told * batch,
            p99_ms=told * batch * 1.5,
            frames_per_s=1000 / told,
            accelerator=accelerator,
        )


def _main(folder: Path, arguments: list[str]) -> None:
    plan = json.loads((folder / "plan.json").read_text())
    what = "look" if arguments[0] == "look" else arguments[2]
    with (folder / "calls").open("a") as log:
        log.write(f"{what}\n")
    with (folder / "arguments").open("a") as log:
        log.write(f"{json.dumps(arguments)}\n")
    if what == "look":
        _look(plan)
        return
    if plan["removes"]:
        Path(plan["removes"]).unlink()
    options = arguments[arguments.index("--batch") + 1 : arguments.index("--seconds")]
    _time(plan, what, [int(option) for option in options])


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[3:])
