"""One client's connection: its requests in order, and the pictures of what it plays."""

import asyncio
import contextlib
import re
import secrets
import socket
import struct
from collections.abc import Mapping

from tests.support.camera_simulator.authentication import Digest
from tests.support.camera_simulator.camera import Session, SimulatedCamera
from tests.support.camera_simulator.faults import Hang
from tests.support.camera_simulator.message import Request, answer, read_request
from tests.support.camera_simulator.playing import Playing, Wires
from tests.support.camera_simulator.rtp import Send
from tests.support.camera_simulator.wires import Datagrams, interleaved

METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"

_HANGS = {
    "OPTIONS": {Hang.BEFORE_OPTIONS},
    "DESCRIBE": {Hang.BEFORE_DESCRIBE},
    "SETUP": {Hang.AFTER_DESCRIBE},
    "PLAY": {Hang.BEFORE_PLAY},
}
_CHANNELS = re.compile(r"interleaved=(\d+)-(\d+)")
_PORTS = re.compile(r"client_port=(\d+)-(\d+)")
_ENDED = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError)


class Conversation:
    """Talks with one client until either side ends it; used on the simulator's loop."""

    def __init__(
        self,
        cameras: Mapping[str, SimulatedCamera],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._cameras = cameras
        self._reader = reader
        self._writer = writer
        self._camera: SimulatedCamera | None = None
        self._digest: Digest | None = None
        self._session: Session | None = None
        self._senders: dict[str, tuple[Send, Send]] = {}
        self._datagrams: list[Datagrams] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._expiry: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Answer requests until the connection ends."""
        try:
            while (came := await read_request(self._reader)) is not None:
                if isinstance(came, bytes):
                    self._received()
                else:
                    await self._take(came)
                    await self._writer.drain()
        except _ENDED:
            pass
        finally:
            self._leave(said_goodbye=False)
            if self._camera is not None:
                self._camera.inside.conversations.discard(self)
                self._camera.seen.connections -= 1
                self._camera.told()
            self._writer.close()

    def reset(self) -> None:
        """Break the connection off with RST."""
        sock: socket.socket = self._writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def finish(self) -> None:
        """Close the connection with FIN."""
        self._writer.close()

    async def _take(self, request: Request) -> None:
        camera = self._meet(request)
        if camera is None:
            self._say(answer(request, 404))
            return
        camera.seen.requests[request.method] += 1
        if self._session is not None:
            self._session.active_s = asyncio.get_running_loop().time()
        if camera.faults.refuses:
            self.reset()
        elif camera.faults.hangs not in _HANGS.get(request.method, ()):
            await self._answer(camera, request)
        camera.told()

    def _say(self, said: bytes) -> None:
        mutate = None if self._camera is None else self._camera.faults.mutates_answers
        self._writer.write(said if mutate is None else mutate(said))

    def _meet(self, request: Request) -> SimulatedCamera | None:
        """Find the camera that this connection is about; its first request decides."""
        if self._camera is None and (camera := self._cameras.get(request.camera)) is not None:
            self._camera, self._digest = camera, camera.digest()
            camera.inside.conversations.add(self)
            camera.seen.connections += 1
            camera.seen.attempts.append(asyncio.get_running_loop().time())
        return self._camera

    async def _answer(self, camera: SimulatedCamera, request: Request) -> None:
        faults = camera.faults
        if faults.status is not None and faults.status_method in ("", request.method):
            self._refuse(camera, request, faults.status)
        elif self._digest is not None and not self._is_known(self._digest, request):
            self._refuse(camera, request, 401)
        elif request.method == "SETUP":
            await self._set_up(camera, request)
        else:
            self._answer_simply(camera, request)

    def _is_known(self, digest: Digest, request: Request) -> bool:
        if request.method == "OPTIONS":
            return True
        return digest.accepts(request.method, request.headers.get("authorization", ""))

    def _refuse(self, camera: SimulatedCamera, request: Request, status: int) -> None:
        camera.seen.refusals[status] += 1
        headers = {}
        if status == 401:
            self._digest = self._digest or Digest("nobody", secrets.token_hex())
            headers["WWW-Authenticate"] = self._digest.challenge
        self._say(answer(request, status, headers))

    def _answer_simply(self, camera: SimulatedCamera, request: Request) -> None:
        if request.method == "OPTIONS":
            self._say(answer(request, 200, {"Public": METHODS}))
        elif request.method == "DESCRIBE":
            sdp = camera.description().encode() if camera.faults.sdp is None else camera.faults.sdp
            headers = {"Content-Type": "application/sdp", "Content-Base": f"{camera.url}/"}
            self._say(answer(request, 200, headers, sdp))
        elif request.method == "PLAY" and self._session is not None:
            headers = {"Session": self._session.id, "Range": "npt=0.000-"}
            self._say(answer(request, 200, headers))
            self._play(camera)
        elif request.method == "TEARDOWN":
            self._say(answer(request, 200))
            self._leave(said_goodbye=True)
        elif request.method == "GET_PARAMETER":
            self._say(answer(request, 200))
        else:
            self._say(answer(request, 454 if request.method == "PLAY" else 501))

    async def _set_up(self, camera: SimulatedCamera, request: Request) -> None:
        if camera.is_taken(self._session):
            self._refuse(camera, request, 453)
            return
        refused = camera.habits.udp_only and "TCP" in request.headers.get("transport", "")
        transport = "" if refused else await self._transport(request)
        if not transport:
            self._refuse(camera, request, 461)
            return
        if self._session is None:
            self._session = Session(secrets.token_hex(4), asyncio.get_running_loop().time())
            camera.inside.sessions.append(self._session)
        said = f"{self._session.id};timeout={max(1, round(camera.habits.session_timeout_s))}"
        self._say(answer(request, 200, {"Session": said, "Transport": transport}))

    async def _transport(self, request: Request) -> str:
        """Make the wires that a client asks for; return how they are called, or nothing."""
        wanted, track = request.headers.get("transport", ""), request.track
        if found := _CHANNELS.search(wanted):
            first, second = int(found[1]), int(found[2])
            wire = self._writer.transport
            self._senders[track] = (interleaved(wire, first), interleaved(wire, second))
            return f"RTP/AVP/TCP;unicast;interleaved={first}-{second}"
        if found := _PORTS.search(wanted):
            host = self._writer.get_extra_info("sockname")[0]
            opened = await Datagrams.open(host, self._received)
            self._datagrams.append(opened)
            client = self._writer.get_extra_info("peername")[0]
            self._senders[track] = opened.senders(client, (int(found[1]), int(found[2])))
            ours = "-".join(map(str, opened.ports))
            return f"RTP/AVP;unicast;client_port={found[1]}-{found[2]};server_port={ours}"
        return ""

    def _play(self, camera: SimulatedCamera) -> None:
        if self._tasks or not self._senders:
            return
        video = self._senders.get("video") or next(iter(self._senders.values()))
        sound = self._senders.get("sound", (None, None))
        playing = Playing(
            lambda: camera.clip,
            camera.faults,
            camera.seen,
            camera.manner(),
            Wires(*video, *sound),
            camera.rng,
            camera.told,
            camera.sent.append if camera.habits.notes_pictures else None,
        )
        camera.seen.sessions += 1
        parts = [playing.run()]
        if camera.sound is not None and sound[0] is not None:
            parts.append(playing.run_sound(camera.sound))
        self._tasks = [asyncio.create_task(part) for part in parts]
        self._expire(camera)

    def _expire(self, camera: SimulatedCamera) -> None:
        """End the session if its client has not asked for anything for too long; else look again then."""
        loop = asyncio.get_running_loop()
        if self._session is None:
            return
        left_s = self._session.active_s + camera.habits.session_timeout_s - loop.time()
        if left_s > 0:
            self._expiry = loop.call_later(left_s, self._expire, camera)
            return
        camera.seen.expired += 1
        self.finish()

    def _received(self) -> None:
        if self._camera is not None:
            self._camera.seen.receiver_reports += 1

    def _leave(self, *, said_goodbye: bool) -> None:
        """End what is played, if anything is."""
        for task in self._tasks:
            task.cancel()
        for opened in self._datagrams:
            opened.close()
        if self._expiry is not None:
            self._expiry.cancel()
        camera, session = self._camera, self._session
        if camera is not None and session is not None:
            camera.seen.sessions -= bool(self._tasks)
            camera.seen.teardowns += said_goodbye
            camera.leave(session, said_goodbye=said_goodbye)
        self._session, self._tasks, self._datagrams = None, [], []
        self._senders.clear()
