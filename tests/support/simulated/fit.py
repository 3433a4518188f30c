"""How a real detector errs: ``python -m tests.support.simulated.fit`` prints the figures of ``noise.py``.

The two clips of the shared folder are shown to its two models, whole picture by whole picture, at a sixth of
a second. A box belongs to the visit whose box (interpolated between the truth's own) it overlaps by a third.
Visits' first and last 0.4 s are left out, where the truth itself is uncertain by that much.

* Misses: how often a visit without a box follows one with a box, and one without a box.
* Jitter: a box's foot, width and height against the mean of its neighbours in time, in lengths of the box; an
  even motion cancels out. Three looks carry noise, hence the factor. Its core is the median deviation, its
  tail the share beyond three of those and how far these lie. What moves (a tenth of its own side in a second,
  as the tracker has it) is told apart from what stands.
* Labels: how often the visit's best box is called something else.
"""

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from detectors.contract import Detector, Picture
from detectors.registry import Spec, make
from tests.support.rtsp import shared_folder

Box = npt.NDArray[np.float64]

MODELS = ("yolox_nano", "yolo11n_int8")
CLIPS = {"one-by-one-person": {"person"}, "car-detection": {"car", "bus", "truck"}}
STEP_S = 1 / 6
EDGE_S = 0.4
MOVING = 0.1
LEAST_IOU = 1 / 3
MAD = 1.4826
"""From a median deviation to a standard deviation."""
OF_THREE = math.sqrt(2 / 3)
"""A look less the mean of two others varies by one and a half times a single look."""


@dataclass(slots=True)
class Sample:
    """What was counted of one clip and model.

    Attributes:
        runs: for each visit, whether it had a box in each look.
        labels: what its best boxes were called.
        jitter: of foot x, foot y, width and height, in lengths of the box; and 1 if it moved, else 0.
    """

    runs: list[list[bool]] = field(default_factory=list)
    labels: Counter[str] = field(default_factory=Counter)
    jitter: list[Box] = field(default_factory=list)


def looks(clip: Path) -> Iterator[tuple[float, npt.NDArray[np.uint8]]]:
    """Yield a picture about every step, with its second."""
    with av.open(str(clip)) as container:
        due_s = 0.0
        for frame in container.decode(video=0):
            at_s = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else 0.0
            if at_s >= due_s:
                due_s = at_s + STEP_S - 0.01
                yield at_s, np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)


def sample(clip: str, model: str) -> Sample:
    """Return what one model makes of one clip."""
    media, counted = shared_folder() / "media", Sample()
    visits = json.loads((media / f"{clip}.truth.json").read_text(encoding="utf-8"))["visits"]
    spans = [(np.array(v["boxes"], np.float64), v["t_first"] + EDGE_S, v["t_last"] - EDGE_S) for v in visits]
    rows: list[list[tuple[float, Box | None]]] = [[] for _ in spans]
    detector = make(Spec(str(shared_folder() / "models" / f"{model}.onnx"), min_score=0.3))
    for at_s, i420 in looks(media / f"{clip}.mp4"):
        present = [n for n, (_, first_s, last_s) in enumerate(spans) if first_s <= at_s <= last_s]
        if present:
            boxes, labels = found(detector, i420)
            for n in present:
                truth = np.array([np.interp(at_s, spans[n][0][:, 0], side) for side in spans[n][0][:, 1:].T])
                best = nearest(truth, boxes)
                rows[n].append((at_s, None if best is None else boxes[best]))
                counted.labels.update([] if best is None else [labels[best]])
    counted.runs = [[box is not None for _, box in row] for row in rows]
    counted.jitter = [shift for row in rows for shift in shifts(row)]
    return counted


def found(detector: Detector, i420: npt.NDArray[np.uint8]) -> tuple[Box, list[str]]:
    """Return the boxes in unit coordinates and their labels."""
    picture = Picture(np.ascontiguousarray(i420), np.empty((0, 4), np.float32))
    (result,) = detector.detect([picture])
    size = np.array([picture.width, picture.height] * 2, np.float64)
    return result.xyxy.astype(np.float64) / size, [detector.labels[i] for i in result.class_ids]


def nearest(truth: Box, boxes: Box) -> int | None:
    """Return which box lies best on the truth's."""
    if not len(boxes):
        return None
    inner = np.minimum(boxes[:, 2:], truth[2:]) - np.maximum(boxes[:, :2], truth[:2])
    shared = np.prod(np.maximum(inner, 0.0), axis=1)
    union = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) + np.prod(truth[2:] - truth[:2]) - shared
    best = int(np.argmax(shared / union))
    return best if shared[best] / union[best] >= LEAST_IOU else None


def shifts(row: list[tuple[float, Box | None]]) -> Iterator[Box]:
    """Yield how far each look lies off the mean of its neighbours, where all three are in the picture."""
    for (_, one), (_, box), (_, other) in zip(row, row[1:], row[2:], strict=False):
        if one is not None and box is not None and other is not None:
            trio = np.array([as_foot(one), as_foot(box), as_foot(other)])
            if all(b.min() >= 0.02 and b.max() <= 0.98 for b in (one, box, other)):
                size = np.array([trio[1, 2], trio[1, 3], trio[1, 2], trio[1, 3]])
                speed = np.abs(trio[2] - trio[0])[:2] / size[:2] / (2 * STEP_S)
                off = (trio[1] - (trio[0] + trio[2]) / 2) / size * OF_THREE
                yield np.append(off, float(speed.max() >= MOVING))


def as_foot(box: Box) -> Box:
    """Return foot x, foot y, width and height of a box."""
    left, top, right, bottom = box
    return np.array([(left + right) / 2, bottom, right - left, bottom - top])


def told(name: str, counted: Sample, right: set[str]) -> str:
    """Return the figures as a few lines."""
    pairs = Counter(pair for run in counted.runs for pair in itertools.pairwise(run))
    after_hit = pairs[True, False] / max(1, pairs[True, False] + pairs[True, True])
    after_miss = pairs[False, False] / max(1, pairs[False, False] + pairs[False, True])
    total = sum(counted.labels.values())
    wrong = total - sum(counted.labels[label] for label in right)
    lines = [
        f"{name}: {sum(map(len, counted.runs))} looks, missed {after_hit:.3f} after a box, "
        f"{after_miss:.3f} after none; called something else {wrong}/{total}"
    ]
    jitter = np.array(counted.jitter).reshape(-1, 5)
    for moves, word in ((0.0, "standing"), (1.0, "moving")):
        lines += [f"  {word}: {line}" for line in spread(jitter[jitter[:, 4] == moves])]
    return "\n".join(lines)


def spread(jitter: Box) -> Iterator[str]:
    """Yield the figures of each side."""
    for axis, word in enumerate(("foot x", "foot y", "width", "height")):
        off = np.abs(jitter[:, axis])
        if len(off):
            core = float(np.median(off)) * MAD
            far = off[off > 3 * core]
            tail = f", median {float(np.median(far)):.3f}, most {float(far.max()):.3f}" if len(far) else ""
            yield f"{word} {core:.4f} of its side ({len(off)} looks); beyond three of it {len(far)}{tail}"


def main() -> None:
    """Print the figures of every clip and model."""
    for clip, right in CLIPS.items():
        for model in MODELS:
            print(told(f"{clip} / {model}", sample(clip, model), right), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
