"""What can be tuned about detection."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Which model, and how often it looks.

    Attributes:
        model: ``auto``, ``builtin``, the name of a model in the data directory, or the path of a model file.
        back_end: what is to run it: ``auto`` for what a measurement on this machine has shown to be the
            fastest, or ``onnxruntime``, ``onnxruntime-cuda``, ``onnxruntime-tensorrt``, ``openvino`` or
            ``ultralytics``.
        fetch: whether ``auto`` may fetch YOLOX-Nano from its official release when no model is there, and
            whether one may be pulled from the page.
        min_score: 0 to 1; a model's boxes with less are left out. At 0.3 both models that were tried see
            somebody in 96 % of the analysed frames of a visit, and nobody where nobody is.
        gpus: numbers of the GPUs to use, from 0, with a worker process for each; left empty, all that there
            are.
        threads: threads of one run on the CPU; 0 for one on each physical core.
        max_batch: frames of different cameras looked at together, at most, with their regions.
        regions: parts of a large frame in which something small moves that are looked at closely besides, at
            most; 0 for none. There are fewer, or none, while the detector has no time for them.
        whole_every_s: the whole frame is looked at this often, moving or not.
        followed_every_s: what is followed is looked at this often, moving or not.
        deadline_s: a worker that has not answered for that long is hung, and is ended.
        load_deadline_s: likewise while it loads a model.
    """

    model: str = "auto"
    back_end: str = "auto"
    fetch: bool = True
    min_score: float = 0.3
    gpus: tuple[int, ...] = ()
    threads: int = 0
    max_batch: int = 8
    regions: int = 4
    whole_every_s: float = 3.0
    followed_every_s: float = 1.0
    deadline_s: float = 10.0
    load_deadline_s: float = 120.0
