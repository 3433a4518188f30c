"""Faults of the network itself, in network namespaces: silence, no route, flapping, another address."""

import functools
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from appliance.domain.camera import CameraState
from appliance.packets.pacer import Pacer
from appliance.packets.settings import Settings
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.camera_watch import CameraWatch
from tests.support.clips import walking_square, write_clip
from tests.support.network import CAMERAS, CAMERAS_IPV6, Network, network, why_no_network

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(why_no_network()), reason=why_no_network() or "there is"),
]

ONLINE, OFFLINE = CameraState.ONLINE, CameraState.OFFLINE
SILENCE_S = Settings().silence_timeout_s
COUNT = 32


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second without B-frames."""
    return write_clip(tmp_path_factory.mktemp("clips") / "yard.mp4", walking_square(10), fps=10, gop=10)


@pytest.fixture
def net() -> Iterator[Network]:
    """A box and cameras with a router between them."""
    with network() as built:
        yield built


@pytest.fixture
def sim(net: Network) -> Iterator[Simulator]:
    """An empty simulator where the cameras are."""
    with simulator(host=CAMERAS, enter=net.enter_cameras) as running:
        yield running


class Site:
    """Many cameras and their readers, which share a pacer as those of an appliance do."""

    def __init__(self, net: Network, sim: Simulator, clip: Path, count: int) -> None:
        self.cameras: list[SimulatedCamera] = [sim.camera(f"cam{i}", clip) for i in range(count)]
        pacer = Pacer(Settings().connect_interval_s)
        self.watches = [CameraWatch(c.url, enter=net.enter_box, pacer=pacer) for c in self.cameras]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for watch in self.watches:
            watch.reader.stop()
        for watch in self.watches:
            watch.close()

    def wait(self, state: CameraState, within_s: float) -> float:
        """Wait until all are in that state; return the seconds that it took."""
        begun = time.monotonic()
        for watch in self.watches:
            watch.wait(lambda w: w.state is state, max(0.1, begun + within_s - time.monotonic()))
        return time.monotonic() - begun

    def wait_pictures(self, within_s: float) -> float:
        """Wait until each has got a picture from now on."""
        begun = time.monotonic()
        for watch, before in [(w, len(w.packets)) for w in self.watches]:
            left_s = max(0.1, begun + within_s - time.monotonic())
            watch.wait(functools.partial(_has_more_than, before), left_s)
        return time.monotonic() - begun

    def attempts_since(self, then_s: float) -> list[float]:
        """Return when cameras were asked since that moment, in order."""
        return sorted(at for camera in self.cameras for at in camera.seen.attempts if at > then_s)


def _has_sent(pictures: int, camera: SimulatedCamera) -> bool:
    return camera.seen.pictures >= pictures


def _has_more_than(before: int, watch: CameraWatch) -> bool:
    return len(watch.packets) > before


def test_a_half_open_connection_is_found_by_its_silence(net: Network, sim: Simulator, clip: Path) -> None:
    """F2: every packet is dropped, no FIN: offline within the silence time-out and two seconds; then back."""
    threads = threading.active_count()
    with CameraWatch(sim.camera("front", clip).url, enter=net.enter_box) as watch:
        watch.wait_online()
        watch.wait_packets(20)
        net.pull_cable()
        assert watch.wait(lambda w: w.state is OFFLINE, SILENCE_S + 5.0) <= SILENCE_S + 2.0
        assert "nothing for 10 s" in watch.reports[-1].reason
        assert threading.active_count() == threads + 1
        net.plug_cable()
        assert watch.wait_online(15.0) <= 5.0
    assert watch.states()[1:] == [ONLINE, OFFLINE, ONLINE]


def test_a_stop_while_the_cable_is_out_is_quick(net: Network, sim: Simulator, clip: Path) -> None:
    """F2: the goodbye goes nowhere, and nobody waits for its answer."""
    watch = CameraWatch(sim.camera("front", clip).url, enter=net.enter_box)
    watch.wait_online()
    net.pull_cable()
    begun = time.monotonic()
    watch.close()
    assert time.monotonic() - begun <= 2.0


def test_a_host_that_is_unreachable_is_said_and_found_again(net: Network, sim: Simulator, clip: Path) -> None:
    """F1: ICMP says that there is no way; the reason says so; back within five seconds of its return."""
    with CameraWatch(sim.camera("front", clip).url, enter=net.enter_box) as watch:
        watch.wait_online()
        watch.wait_packets(20)
        net.hide_cameras()
        watch.wait(lambda w: "no way to" in w.reports[-1].reason, SILENCE_S + 8.0)
        assert watch.state is OFFLINE
        net.show_cameras()
        assert watch.wait_online(15.0) <= 5.0


def test_an_interface_that_flaps_loses_nobody(net: Network, sim: Simulator, clip: Path) -> None:
    """F34: down for a second in every five, three times: 32 cameras are all back within ten seconds."""
    with Site(net, sim, clip, COUNT) as site:
        site.wait(ONLINE, 20.0)
        for _ in range(3):
            net.take_interface_down()
            sent = site.cameras[0].seen.pictures
            site.cameras[0].wait(functools.partial(_has_sent, sent + 10))
            net.take_interface_up()
            assert site.wait_pictures(10.0) <= 10.0
            site.wait(ONLINE, 10.0)
        assert all(watch.state is ONLINE for watch in site.watches)


def test_another_address_of_the_box_brings_all_back_without_a_stampede(
    net: Network, sim: Simulator, clip: Path
) -> None:
    """F34: another lease: all connections are dead at once; the new ones are spread over two seconds."""
    with Site(net, sim, clip, COUNT) as site:
        site.wait(ONLINE, 20.0)
        changed = time.monotonic()
        net.change_address(77)
        site.wait(OFFLINE, SILENCE_S + 3.0)
        assert site.wait(ONLINE, 15.0) <= 10.0
        attempts = site.attempts_since(changed)
        assert attempts[-1] - attempts[0] >= 2.0
        assert len(attempts) == COUNT


def test_a_network_with_ipv6_alone_is_enough(net: Network, clip: Path) -> None:
    """F34: an address in brackets; lost and found again like any other."""
    with ExitStack() as stack:
        sim = stack.enter_context(simulator(host=CAMERAS_IPV6, enter=net.enter_cameras))
        camera = sim.camera("front", clip)
        assert camera.url.startswith("rtsp://[fd77:2::2]:")
        watch = stack.enter_context(CameraWatch(camera.url, enter=net.enter_box))
        watch.wait_online()
        camera.unplug()
        assert watch.wait(lambda w: w.state is OFFLINE) <= 5.0
        camera.plug()
        assert watch.wait_online() <= 5.0
