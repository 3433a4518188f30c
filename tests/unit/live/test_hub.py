"""The hub finds the remux of a camera, admits so many viewers, and forgets what nobody watches."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from appliance.domain.camera import CameraReport, CameraState
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.errors import Overloaded
from appliance.live.hub import SMALL_FAILS, LiveHub
from appliance.live.settings import LiveSettings
from appliance.live.viewer import Viewer
from appliance.runtime.metrics import Metrics
from tests.support.clips import walking_square, write_clip
from tests.support.clock import SimulatedClock
from tests.support.coded import packets_of
from tests.support.watching import fanout_of, seen
from tests.support.web import FakeSecondAddresses

YARD, GATE = CameraId("yard"), CameraId("gate")
SETTINGS = LiveSettings(most_viewers=3, most_viewers_per_camera=2)


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> list[Packet]:
    """Return a GOP of H.264."""
    return packets_of(write_clip(tmp_path_factory.mktemp("live") / "clip.mp4", walking_square(10)))


class Bench:
    """A hub whose viewers stay until the end."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.stack = stack
        self.second = FakeSecondAddresses()
        self.metrics = Metrics()
        self.clock = SimulatedClock()
        self.hub = LiveHub(self.second, self.clock, SETTINGS, self.metrics)

    async def viewer(self, camera_id: CameraId = YARD, *, small: bool = False) -> Viewer:
        """Let one more watch."""
        return await self.stack.enter_async_context(self.hub.viewer(camera_id, small=small))

    def figure(self, name: str) -> str:
        """Return a number as ``/metrics`` shows it."""
        lines = self.metrics.exposition().splitlines()
        return next(line.rpartition(" ")[2] for line in lines if line.startswith(name))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """Return a hub without cameras."""
    async with AsyncExitStack() as stack:
        made = Bench(stack)
        yield made
    assert (made.figure("nightjar_live_viewers"), made.figure("nightjar_live_streams")) == ("0", "0")


async def test_the_viewers_of_a_camera_share_one_remux(bench: Bench, packets: list[Packet]) -> None:
    """It goes with the last of them."""
    fanout = fanout_of(packets)
    bench.hub.attach(YARD, fanout)
    async with bench.hub.viewer(YARD) as first, bench.hub.viewer(YARD, small=True) as second:
        assert len(fanout._consumers) == 1
        assert len(seen(first).pictures) == len(seen(second).pictures) == 10
        assert (bench.figure("nightjar_live_viewers"), bench.figure("nightjar_live_streams")) == ("2", "1")
    assert not fanout._consumers


async def test_who_wants_to_hear_has_a_remux_of_its_own(bench: Bench, packets: list[Packet]) -> None:
    """Those who only look share another one; both follow the camera."""
    fanout = fanout_of(packets)
    async with bench.hub.viewer(YARD) as deaf, bench.hub.viewer(YARD, sound=True) as hears:
        bench.hub.attach(YARD, fanout)
        assert (len(fanout._consumers), len(fanout._sound_consumers)) == (2, 1)
        bench.hub.on_report(CameraReport(YARD, CameraState.OFFLINE, "no answer"))
        assert [seen(one).said[-1]["state"] for one in (deaf, hears)] == ["offline", "offline"]


async def test_there_is_a_bound_for_each_camera_and_for_all(bench: Bench) -> None:
    """Whoever goes makes room."""
    await bench.viewer(YARD)
    async with bench.hub.viewer(YARD):
        with pytest.raises(Overloaded, match="2 watch this camera already"):
            await bench.viewer(YARD)
    await bench.viewer(YARD)
    await bench.viewer(GATE)
    with pytest.raises(Overloaded, match="3 watch live video already"):
        await bench.viewer(GATE)


async def test_who_comes_before_the_camera_s_reader_sees_it_when_it_comes(
    bench: Bench, packets: list[Packet]
) -> None:
    """At the start of the service a page may be quicker."""
    early = await bench.viewer()
    bench.hub.attach(YARD, fanout_of(packets))
    assert len(seen(early).pictures) == 10


async def test_viewers_are_told_of_their_camera_s_state(bench: Bench, packets: list[Packet]) -> None:
    """Those who are there, and those who come later; not those of another camera. Online says the stream."""
    bench.hub.attach(YARD, fanout_of(packets))
    here, elsewhere = await bench.viewer(YARD), await bench.viewer(GATE)
    for report in (
        CameraReport(YARD, CameraState.ONLINE),
        CameraReport(YARD, CameraState.OFFLINE, "no answer"),
    ):
        bench.hub.on_report(report)
    late = await bench.viewer(YARD)
    state = {"type": "state", "state": "offline", "reason": "no answer"}
    assert seen(here).said[1:] == seen(late).said == [state]
    assert seen(elsewhere).said == []


async def test_the_second_address_is_asked_for_while_somebody_watches(
    bench: Bench, packets: list[Packet]
) -> None:
    """And never otherwise; the main stream is left alone."""
    main, small = fanout_of(packets), fanout_of(packets[:3])
    bench.hub.attach(YARD, main)
    bench.second.fanouts[YARD] = small
    async with bench.hub.viewer(YARD, small=True) as one:
        assert len(seen(one).pictures) == 3
        assert not main._consumers
        before = len(bench.second.asked)
        bench.hub.look()
        assert len(bench.second.asked) == before + 1
    bench.hub.look()
    assert len(bench.second.asked) == before + 1


async def test_a_second_address_that_changes_is_followed(bench: Bench, packets: list[Packet]) -> None:
    """To another one, and to the main stream when there is none any more."""
    bench.second.fanouts[YARD] = fanout_of(packets[:3])
    one = await bench.viewer(YARD, small=True)
    bench.second.fanouts[YARD] = fanout_of(packets[:5])
    bench.hub.look()
    assert len(seen(one).pictures) == 3 + 5
    bench.hub.attach(YARD, fanout_of(packets))
    del bench.second.fanouts[YARD]
    bench.hub.look()
    assert len(seen(one).pictures) == 3 + 5 + 10


async def test_a_second_address_that_fails_is_said_without_its_details(bench: Bench) -> None:
    """Those are for whoever manages the camera."""
    bench.second.fanouts[YARD] = fanout_of()
    one = await bench.viewer(YARD, small=True)
    bench.second.notes[YARD] = "there is no such path"
    bench.hub.look()
    bench.hub.look()
    assert seen(one).said == [{"type": "state", "state": "offline", "reason": SMALL_FAILS}]


async def test_the_viewers_of_a_deleted_camera_are_let_go(bench: Bench) -> None:
    """Those of others stay."""
    gone, stays = await bench.viewer(YARD), await bench.viewer(GATE)
    bench.hub.forget(YARD)
    assert (gone.has_ended, stays.has_ended) == (True, False)
    assert gone.is_gone


async def test_when_the_server_stops_all_are_let_go_and_nobody_is_admitted(bench: Bench) -> None:
    """The handlers end by themselves."""
    one = await bench.viewer()
    await bench.hub.close()
    assert await one.get() is None
    with pytest.raises(Overloaded, match="the server stops"):
        await bench.viewer()


async def test_what_is_left_out_for_who_is_behind_is_counted(bench: Bench, packets: list[Packet]) -> None:
    """By camera."""
    fanout = fanout_of(packets[:5])
    bench.hub.attach(YARD, fanout)
    one = await bench.viewer()
    one._most_bytes = 1
    fanout.put(packets[5])
    assert bench.figure("nightjar_live_pictures_skipped_total") == "6"
