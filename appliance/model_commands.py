"""``nightjar model``: see the models, fetch, add, measure and remove them, and build engines of them."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.command_line import (
    Commands,
    add_command,
    add_config,
    add_data,
    announce,
    chosen_config,
    show_progress,
    work_on,
)

if TYPE_CHECKING:
    from appliance.detections.calibrator import Calibrator
    from appliance.detections.measurements import Measurement
    from appliance.detections.models import Model, ModelFolder
    from appliance.detections.settings import Settings


def add(commands: Commands) -> None:
    """Add the command and its subcommands."""
    model = commands.add_parser("model", help="see and fetch the models that find objects")
    of_models = model.add_subparsers(required=True, metavar="COMMAND")
    list_ = add_command(of_models, "list", _list, "list the known models, which are here, and how fast")
    pull = add_command(of_models, "pull", _pull, "fetch a known model and verify it")
    add_ = add_command(of_models, "add", _add, "add a model file of your own; loading a .pt runs code in it")
    export = add_command(of_models, "export", _export, "build a TensorRT engine of a model for this GPU")
    bench = add_command(of_models, "bench", _bench, "measure models on each back end and keep the result")
    remove = add_command(of_models, "remove", _remove, "remove a model and what was built of it")
    for parser in (pull, export, remove):
        parser.add_argument("name", metavar="NAME")
    bench.add_argument("name", metavar="NAME", nargs="?", help="only this one")
    bench.add_argument(
        "--seconds", type=float, default=1.5, metavar="S", help="about so long for each size of batch"
    )
    add_.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("--batch", type=int, default=8, metavar="N", help="pictures at once, at most")
    export.add_argument("--size", type=int, default=0, metavar="PX", help="side of its input")
    export.add_argument("--precision", default="fp16", help="fp16 (default) or fp32")
    for parser in (list_, pull, add_, export, bench, remove):
        add_config(parser)
        add_data(parser)


def _list(options: argparse.Namespace) -> int:
    from appliance.detections.catalogue import CATALOGUE
    from appliance.detections.measurements import Measurements

    folder, _ = _opened(options)
    measured = {one.sha256: one for one in Measurements(folder.folder).all()}
    there = {model.name: model for model in folder.models()}
    for model in there.values():
        speed = _speed(measured.get(model.sha256)) if model.sha256 else ""
        announce(_line(model.name, "here", model.size_bytes, model.licence, speed, model.source))
    for release in CATALOGUE:
        if release.name not in there:
            announce(
                _line(release.name, "can be pulled", release.size_bytes, release.licence, "", release.url)
            )
    return 0


def _line(name: str, state: str, size_bytes: int, licence: str, speed: str, source: str) -> str:
    size = f"{size_bytes / 1e6:7.1f} MB"
    return f"{name:<24} {state:<14} {size}  {licence:<12} {speed:<24} {source}".rstrip()


def _speed(measurement: "Measurement | None") -> str:
    if measurement is None or not measurement.ranked:
        return ""
    best = measurement.ranked[0]
    return f"{best.back_end} {best.picture_ms:.1f} ms"


def _pull(options: argparse.Namespace) -> int:
    from appliance.detections import shelf

    folder, _ = _opened(options)
    path = asyncio.run(shelf.pull(folder, options.name, show_progress))
    announce(f"{path}: fetched and verified")
    return 0


def _add(options: argparse.Namespace) -> int:
    from appliance.detections import shelf
    from appliance.runtime.clock import SystemClock

    folder, settings = _opened(options, options.file)
    if options.file.suffix.lower() == ".pt":
        print("a .pt file runs code when it is loaded: add only one whose makers you trust", file=sys.stderr)
    model = asyncio.run(shelf.add(folder, options.file, SystemClock(), settings))
    announce(f"{model.name}: tried and added to {folder.folder}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    folder, _ = _opened(options)
    folder.remove(options.name)
    announce(f"{options.name}: removed")
    return 0


def _export(options: argparse.Namespace) -> int:
    from appliance.detections.exporter import Exporter
    from appliance.detections.models import Recipe
    from appliance.runtime.clock import SystemClock

    (folder, settings), clock = _opened(options), SystemClock()
    recipe = Recipe(options.batch, options.size, options.precision)
    told = ""

    def tell(ratio: float, doing: str) -> None:
        nonlocal told
        if doing != told:
            told = doing
            print(f"{ratio:4.0%} {doing}", file=sys.stderr, flush=True)

    async def export() -> Path:
        calibrator = _calibrator(settings, folder)
        return await Exporter(folder, clock, calibrator.surroundings).export(options.name, recipe, tell)

    announce(f"{asyncio.run(export())}: built; a running service takes it within seconds")
    return 0


def _bench(options: argparse.Namespace) -> int:
    folder, settings = _opened(options)
    models = folder.models() if options.name is None else (folder.find(options.name),)
    if not models:
        announce(f"no model in {folder.folder}: `nightjar model pull yolox_nano` fetches one")
    for model in models:
        path = str(folder.verified(model))
        measurement = asyncio.run(_measured(settings, folder, model, path, options.seconds))
        announce(f"{model.name} on {measurement.machine.gpu or measurement.machine.cpu}")
        for line in _table(measurement):
            announce(line)
    return 0


async def _measured(
    settings: "Settings", folder: "ModelFolder", model: "Model", path: str, seconds: float
) -> "Measurement":
    from appliance.detections.models import sha256_of

    def tell(step: str) -> None:
        print(f"{model.name}: {step}", file=sys.stderr, flush=True)

    sha256 = model.sha256 or await asyncio.to_thread(sha256_of, Path(path))
    return await _calibrator(settings, folder).measure(path, sha256, tell, seconds)


def _table(measurement: "Measurement") -> list[str]:
    """Return the lines of a measurement, with a mark at the back end that ``auto`` uses."""
    best = measurement.ranked[0].back_end if measurement.ranked else ""
    lines = [f"  {'back end':<22} {'batch':>5} {'ms':>9} {'p99 ms':>9} {'frames/s':>9}"]
    for one in measurement.back_ends:
        mark = "*" if one.back_end == best else " "
        lines += [
            f"{mark} {one.back_end:<22} {timing.batch:>5} {timing.median_ms:>9.2f} "
            f"{timing.p99_ms:>9.2f} {timing.frames_per_s:>9.1f}"
            for timing in one.timings
        ]
        if one.problem:
            lines.append(f"  {one.back_end:<22} {one.problem}")
    return [*lines, "* is what auto uses"] if best else lines


def _calibrator(settings: "Settings", folder: "ModelFolder") -> "Calibrator":
    from appliance.detections.calibrator import Calibrator
    from appliance.detections.measurements import Measurements
    from appliance.runtime.clock import SystemClock

    return Calibrator(Measurements(folder.folder), SystemClock(), settings)


def _opened(options: argparse.Namespace, reads: Path | None = None) -> "tuple[ModelFolder, Settings]":
    """Return the folder of the models and what is set about them; from here on we work as its owner."""
    from appliance.detections.models import ModelFolder

    chosen = chosen_config(options)
    work_on(chosen, reads=[reads])
    return ModelFolder(chosen.storage.models), chosen.detector
