"""What a camera's baseline is started from."""

from pathlib import Path

from sqlalchemy.orm import Session

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.store.beginnings import beginnings
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US, batch_row, event_row

FRONT = CameraId("front")


def test_the_newest_events_of_the_camera_that_are_over(tmp_path: Path) -> None:
    """Open ones are learnt when they end; other cameras' and older ones are not asked for."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store:
        with Session(store.writer) as session:
            session.add(batch_row())
            session.flush()
            times = {"old": -10, "first": 1, "second": 2, "open": 3}
            for name, second in times.items():
                at_us = NOON_US + second * 1_000_000
                state = "open" if name == "open" else "ended"
                session.add(event_row(name, started_us=at_us, last_seen_us=at_us, state=state, label=name))
            session.add(event_row("other", camera_id="yard", state="ended"))
            session.commit()
        with store.writer.begin() as connection:
            found = beginnings(connection, FRONT, WallUs(NOON_US))
            newest = beginnings(connection, FRONT, WallUs(NOON_US), most=1)
    assert [label for label, _ in found] == ["second", "first"]
    assert newest == [("second", WallUs(NOON_US + 2_000_000))]
