import pytest

from detectors.errors import ModelFileError
from detectors.family import Family, class_names, input_size, recognise
from detectors.labels import COCO

NAMES = {"names": "{0: 'person', 1: 'fox'}"}
SIZE = (416, 416)
CELLS = 3549


@pytest.mark.parametrize(
    ("output", "metadata", "family", "labels"),
    [
        ((1, CELLS, 85), {}, Family.YOLOX, COCO),
        ((1, CELLS, 7), NAMES, Family.YOLOX, ("person", "fox")),
        ((1, 84, CELLS), {}, Family.ULTRALYTICS, COCO),
        ((1, 6, CELLS), NAMES, Family.ULTRALYTICS, ("person", "fox")),
        ((1, 6, 100), NAMES, Family.ULTRALYTICS, ("person", "fox")),
        ((1, 300, 6), {}, Family.NMS_FREE, COCO),
        ((1, 300, 6), NAMES, Family.NMS_FREE, ("person", "fox")),
    ],
)
def test_a_family_is_recognised_by_what_comes_out(
    output: tuple[int, ...], metadata: dict[str, str], family: Family, labels: tuple[str, ...]
) -> None:
    """Nobody has to tell which family a file belongs to, nor what its classes are called."""
    layout = recognise(output, SIZE, metadata)
    assert (layout.family, layout.labels) == (family, labels)


@pytest.mark.parametrize(
    ("output", "metadata"),
    [
        ((1, 1000), {}),
        ((1, CELLS, 80), {}),
        ((1, 116, CELLS), {"task": "segment"}),
        ((2, 84, CELLS), {}),
        ((1, 84, 77), {}),
    ],
    ids=["a classifier", "no objectness", "masks", "two pictures", "another grid"],
)
def test_what_is_no_yolo_detector_is_refused(output: tuple[int, ...], metadata: dict[str, str]) -> None:
    """The message has the shapes that were expected, the one that came, and the task if the file names it."""
    with pytest.raises(ModelFileError) as refused:
        recognise(output, SIZE, metadata)
    assert "(1, 3549, 85)" in str(refused.value)
    assert f"got ({', '.join(map(str, output))})" in str(refused.value)
    assert metadata.get("task", "") in str(refused.value)


@pytest.mark.parametrize(
    ("shape", "metadata", "size"),
    [
        ((1, 3, 320, 640), {}, (640, 320)),
        (("batch", 3, "height", "width"), {}, (640, 640)),
        (("batch", 3, None, None), {"imgsz": "[320, 416]"}, (416, 320)),
        ((1, 3, 256, 256), {"imgsz": "[320, 416]"}, (256, 256)),
        ((1, 3, "h", "w"), {"imgsz": "large"}, (640, 640)),
    ],
)
def test_the_input_has_the_size_that_the_file_says(
    shape: tuple[int | str | None, ...], metadata: dict[str, str], size: tuple[int, int]
) -> None:
    """Declared sides come first, then the metadata's, then what Ultralytics exports by default."""
    assert input_size(shape, metadata) == size


@pytest.mark.parametrize(
    "shape", [(1, 3, 416), (1, 1, 416, 416), (1, 3, 100, 100), (1, 3, 0, 0), (1, 3, 8192, 8192)]
)
def test_an_input_that_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    """A model of another kind is told apart before a frame is wasted on it."""
    with pytest.raises(ModelFileError, match="expected an input"):
        input_size(shape, {})


@pytest.mark.parametrize(
    ("names", "expected"),
    [("", ()), ("['a', 'b']", ("a", "b")), ("{1: 'b', 0: 'a'}", ("a", "b")), ("{0: 'a'}", ("a",))],
)
def test_class_names_are_read_from_metadata(names: str, expected: tuple[str, ...]) -> None:
    """A list or a mapping, as Ultralytics' versions have written them."""
    assert class_names({"names": names} if names else {}) == expected


@pytest.mark.parametrize(
    "names", ["{}", "{1: 'b'}", "{0: 'a', 2: 'c'}", "person", "__import__('os')", "{'a': 0}"]
)
def test_class_names_with_holes_are_refused(names: str) -> None:
    """A class without a name could not be shown; and metadata is never run."""
    with pytest.raises(ModelFileError, match="a name for each class"):
        class_names({"names": names})


def test_coco_has_its_eighty_classes() -> None:
    """The numbers that matter to an NVR are where every COCO model has them."""
    assert len(COCO) == len(set(COCO)) == 80
    known = {"person": 0, "bicycle": 1, "car": 2, "motorcycle": 3, "bus": 5, "truck": 7, "cat": 15, "dog": 16}
    assert {name: COCO.index(name) for name in known} == known
    assert COCO[-1] == "toothbrush"
