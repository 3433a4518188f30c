import msgspec
import numpy as np
import pytest

from detectors.contract import Detections
from detectors.messages import PACKET_BYTES, Answer, Boxes, Found
from tests.support.pictures import boxes


def some(n: int) -> Detections:
    """Return n boxes."""
    return Detections(
        np.arange(4 * n, dtype=np.float32).reshape(n, 4),
        np.linspace(0, 1, n, dtype=np.float32),
        np.arange(n, dtype=np.int64),
    )


@pytest.mark.parametrize("n", [0, 1, 100])
def test_detections_come_out_of_a_message_as_they_went_in(n: int) -> None:
    """Values, shapes and types, also of none."""
    sent = msgspec.msgpack.encode(Found(1, 2, (Boxes.of(some(n)),)))
    answer = msgspec.msgpack.decode(sent, type=Answer)
    assert isinstance(answer, Found)
    back = answer.boxes[0].unpack()
    for name in ("xyxy", "scores", "class_ids"):
        np.testing.assert_array_equal(getattr(back, name), getattr(some(n), name))


def test_the_largest_answer_fits_into_a_packet() -> None:
    """Sixteen pictures, each full of boxes."""
    assert len(msgspec.msgpack.encode(Found(1, 2, (Boxes.of(some(100)),) * 16))) < PACKET_BYTES


def test_half_a_box_is_refused() -> None:
    """Bytes that are no arrays of the contract are noticed at the door."""
    with pytest.raises(ValueError, match="reshape"):
        Boxes(boxes((1, 2, 3, 4)).tobytes()[:-4], b"", b"").unpack()
