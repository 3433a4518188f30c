"""What the pipeline writes of analysed frames."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection

from appliance.domain.detection import DetectorModel, TrackedDetections
from appliance.store import pipeline
from appliance.store.boxes import StoredFrame, unpack
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.sightings import detections, person

YOLOX, OTHER = DetectorModel("1f" * 32, "yolox_nano"), DetectorModel("2e" * 32, "yolox_tiny")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on an empty database."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as made:
        yield made


def frame(at_s: float, model: DetectorModel) -> TrackedDetections:
    """Return an analysed frame with somebody in it."""
    found = replace(detections(at_s, person(), searched=[(0.0, 0.0, 0.5, 1.0)]), model=model)
    return TrackedDetections(found, np.array([3]))


def test_a_frames_row_names_the_model_that_found_its_boxes(connection: Connection) -> None:
    """By its hash, which is written once; a row with the same hash keeps its name."""
    renamed = replace(YOLOX, name="another name")
    for frames in ([(0.0, YOLOX), (1.0, OTHER), (2.0, YOLOX)], [(3.0, renamed), (4.0, OTHER)]):
        pipeline.add_detections(connection, [pipeline.detection_row(frame(*one)) for one in frames])
    named = "SELECT sha256, name FROM detections JOIN models ON models.id = model_id ORDER BY at_us"
    assert connection.exec_driver_sql(named).fetchall() == [
        (model.sha256, model.name) for model in (YOLOX, OTHER, YOLOX, YOLOX, OTHER)
    ]
    assert connection.exec_driver_sql("SELECT count(*) FROM models").scalar_one() == 2


def test_a_row_holds_all_that_is_decided_on(connection: Connection) -> None:
    """Boxes, tracks and what was searched, for those who decide anew."""
    tracked = frame(1.0, YOLOX)
    pipeline.add_detections(connection, [pipeline.detection_row(tracked)])
    row = connection.exec_driver_sql(
        "SELECT camera_id, at_us, width, height, labels, boxes, model_id, searched FROM detections"
    ).one()
    again = unpack(StoredFrame(*row), YOLOX)
    found, seen = again.detections, tracked.detections
    assert (found.camera_id, found.wall_us, found.labels) == (seen.camera_id, seen.wall_us, seen.labels)
    assert found.xyxy == pytest.approx(seen.xyxy, abs=0.01)
    assert found.searched == pytest.approx(seen.searched, abs=0.01)
    assert again.track_ids.tolist() == [3]
