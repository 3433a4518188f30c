"""YOLO models in ONNX files on ONNX Runtime: YOLOX, Ultralytics' v8 and 11, the NMS-free v10 and 26."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from detectors import decode
from detectors.contract import Detections, ModelInput, Picture
from detectors.cores import physical_cores
from detectors.errors import ModelFileError
from detectors.family import Family, Layout, input_size, recognise
from detectors.letterbox import Letterbox
from detectors.nms import suppress

MAX_IOU = 0.5
"""Two boxes of one class that overlap by more are one object."""
MAX_BOXES = 100
"""Boxes in one picture at most; COCO's own evaluation counts as many."""
ORT_ERRORS: tuple[type[Exception], ...] = (
    ort_state.EPFail,
    ort_state.EngineError,
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoModel,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)
"""ONNX Runtime's errors have no base of their own."""
DTYPES: Mapping[str, type[np.floating]] = MappingProxyType(
    {"tensor(float)": np.float32, "tensor(float16)": np.float16}
)


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from a model's file.

    Attributes:
        input: the input's name.
        width: of the input, pixels.
        height: of the input, pixels.
        batches: whether one run may take several pictures.
        dtype: of the input.
    """

    layout: Layout
    input: str
    width: int
    height: int
    batches: bool
    dtype: type[np.floating]


class OnnxYolo:
    """A YOLO model on the CPU.

    Args:
        file: the ``.onnx`` file.
        min_score: 0 to 1; boxes with less are left out.
        threads: threads of one run; ``None`` for one on each physical core.

    Raises:
        ModelFileError: the file is absent, damaged, or no YOLO model that is known.
    """

    def __init__(self, file: Path, min_score: float, threads: int | None = None) -> None:
        self._session = _open(file, threads or physical_cores())
        self._model = _learn(file, self._session)
        self._min_score = min_score
        self._name = f"{file.stem} (ONNX Runtime)"

    @property
    def name(self) -> str:
        """The file's stem and what runs it."""
        return self._name

    @property
    def accelerator(self) -> str:
        """The provider that runs it."""
        return "CPU"

    @property
    def labels(self) -> tuple[str, ...]:
        """Label names by class id, from the file or COCO's."""
        return self._model.layout.labels

    @property
    def family(self) -> Family:
        """Which layout was recognised."""
        return self._model.layout.family

    @property
    def searches_whole_picture(self) -> bool:
        """Always: the model sees everything."""
        return True

    @property
    def back_end(self) -> str:
        """ONNX Runtime on the CPU."""
        return "onnxruntime"

    @property
    def input(self) -> ModelInput:
        """The size in the file; YOLOX was trained with its pictures at the top left."""
        model = self._model
        return ModelInput(model.width, model.height, model.layout.family is not Family.YOLOX)

    @property
    def lanes(self) -> int:
        """One: a second run at once would share the same cores."""
        return 1

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Return the detections of each picture, best score first."""
        boxes = [self._letterbox(picture) for picture in pictures]
        if not pictures:
            return []
        tensor = np.stack([self._tensor(p, box) for p, box in zip(pictures, boxes, strict=True)])
        tensor = tensor.astype(self._model.dtype, copy=False)
        groups = [tensor] if self._model.batches else [tensor[i : i + 1] for i in range(len(tensor))]
        outputs = [row for group in groups for row in self._session.run(None, {self._model.input: group})[0]]
        return [self._detections(row, box) for row, box in zip(outputs, boxes, strict=True)]

    def _letterbox(self, picture: Picture) -> Letterbox:
        into = (self._model.width, self._model.height)
        return Letterbox.fit(
            (picture.width, picture.height), into, self._model.layout.family is not Family.YOLOX
        )

    def _tensor(self, picture: Picture, box: Letterbox) -> npt.NDArray[np.float32]:
        """Return (3, height, width) as the family was trained: BGR 0 to 255, or RGB 0 to 1."""
        is_yolox = self._model.layout.family is Family.YOLOX
        colours = cv2.COLOR_YUV2BGR_I420 if is_yolox else cv2.COLOR_YUV2RGB_I420
        canvas = box.apply(np.asarray(cv2.cvtColor(picture.i420, colours), np.uint8))
        scale = 1.0 if is_yolox else 1.0 / 255.0
        return np.asarray(cv2.dnn.blobFromImage(canvas, scale)[0], np.float32)

    def _detections(self, output: npt.NDArray[np.generic], box: Letterbox) -> Detections:
        raw = self._decode(output.astype(np.float32, copy=False))
        # A model shared by many classes can be sure of a class that its labels do not name: never shown.
        known = (raw.class_ids >= 0) & (raw.class_ids < len(self.labels)) & np.isfinite(raw.xyxy).all(axis=1)
        xyxy, scores = box.to_picture(raw.xyxy[known]), np.clip(raw.scores[known], 0.0, 1.0)
        class_ids = raw.class_ids[known]
        kept = suppress(xyxy, scores, class_ids, MAX_IOU, MAX_BOXES)
        kept = kept[((xyxy[kept, 2:] - xyxy[kept, :2]) > 0).all(axis=1)]
        return Detections(xyxy[kept], scores[kept], class_ids[kept])

    def _decode(self, output: npt.NDArray[np.float32]) -> decode.Raw:
        match self._model.layout.family:
            case Family.YOLOX:
                return decode.yolox(output, self._model.width, self._model.height, self._min_score)
            case Family.ULTRALYTICS:
                return decode.ultralytics(output, self._min_score)
            case Family.NMS_FREE:
                return decode.nms_free(output, self._min_score)


def _open(file: Path, threads: int) -> ort.InferenceSession:
    if not file.is_file():
        raise ModelFileError(f"{file}: expected an ONNX model file, found none")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would keep the cores of an idle box busy between two frames.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what matters is raised, and said once by whoever catches it
    try:
        return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except ORT_ERRORS as err:
        raise ModelFileError(
            f"{file}: expected an ONNX model, got {file.stat().st_size} bytes that ONNX Runtime refuses: "
            f"{_one_line(err)}"
        ) from err


def _learn(file: Path, session: ort.InferenceSession) -> Model:
    """Run the model once on nothing: the real output tells the family, and the first frame need not wait."""
    given = session.get_inputs()
    if len(given) != 1 or given[0].type not in DTYPES:
        found = ", ".join(f"{one.name}: {one.type}" for one in given)
        raise ModelFileError(f"{file}: expected one input of float or float16 numbers, got {found}")
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    dtype = DTYPES[given[0].type]
    try:
        width, height = input_size(given[0].shape, metadata)
        output = session.run(None, {given[0].name: np.zeros((1, 3, height, width), dtype)})[0]
        layout = recognise(output.shape, (width, height), metadata)
    except ModelFileError as err:
        raise ModelFileError(f"{file}: {err}") from err
    except ORT_ERRORS as err:
        raise ModelFileError(f"{file}: expected a model that runs, got {_one_line(err)}") from err
    return Model(layout, given[0].name, width, height, not isinstance(given[0].shape[0], int), dtype)


def _one_line(err: Exception) -> str:
    return " ".join(str(err).split())[:200]
