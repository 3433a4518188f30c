"""The detection worker: a process that holds one detector and answers requests until its socket ends.

``python -m detectors.worker FD``, where FD is its end of the socket pair of ``detectors.messages``.

Whatever goes wrong with a detector that is at work ends the process, since a GPU's context may be dead for
good: whoever started it starts it again. Only a model that cannot be loaded and memory that does not suffice
are answered.
"""

import contextlib
import mmap
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import cv2
import msgspec
import numpy as np

from detectors.beside import live_beside
from detectors.contract import Detector, Picture
from detectors.errors import DetectorError, DeviceFull, DeviceLost
from detectors.messages import (
    PACKET_BYTES,
    Answer,
    Boxes,
    Detect,
    Found,
    Full,
    Load,
    Loaded,
    Place,
    Refused,
    Request,
    boxes_from,
)
from detectors.registry import Spec, make

NICENESS = 5
"""Detection gives way to recording."""
OOM_SCORE = 500
"""Of 1000, in ``proc(5)``: when memory runs out the kernel ends this process long before the service."""
PARTED = (ConnectionResetError, BrokenPipeError)
"""What the socket says when the parent died with an answer unread."""


@dataclass(frozen=True, slots=True)
class _AtWork:
    """A detector, under the id of the request that brought it, and as many turns as it has lanes."""

    load_id: int
    detector: Detector
    turns: threading.Semaphore = field(repr=False)


class Worker:
    """Answers the requests that come on a socket.

    A model is loaded on a thread of its own, so that looking at pictures goes on with the one before; and as
    many batches are looked at at once as the detector at work has lanes.

    Args:
        sock: connected, ``SOCK_SEQPACKET``, blocking.
        factory: makes a detector.
    """

    def __init__(self, sock: socket.socket, factory: Callable[[Spec], Detector] = make) -> None:
        self._sock = sock
        self._factory = factory
        self._decoder = msgspec.msgpack.Decoder(Request)
        self._at_work: _AtWork | None = None
        self._loading = threading.Lock()
        self._changing = threading.Lock()
        self._asked: queue.SimpleQueue[tuple[Detect, int]] = queue.SimpleQueue()
        self._lanes = 0

    def run(self) -> None:
        """Answer until the other end is closed."""
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._sock, PACKET_BYTES, 1)
            if not data:
                return
            match self._decoder.decode(data):
                case Load() as request:
                    threading.Thread(target=self._load, args=(request,), name="load", daemon=True).start()
                case Detect() as request:
                    self._asked.put((request, descriptors[0]))

    def _load(self, request: Load) -> None:
        with self._loading:
            try:
                detector = self._factory(
                    Spec(
                        *(request.model, request.min_score, request.threads),
                        back_end=request.back_end,
                        device=request.device,
                        sha256=request.sha256,
                    )
                )
            except DeviceLost:
                raise
            except DeviceFull as err:
                self._answer(Full(request.id, str(err)))
                return
            except DetectorError as err:
                self._answer(Refused(request.id, str(err)))
                return
            lanes = max(1, detector.lanes)
            # Said and done as one: nothing that the new one finds is answered before it was introduced, and
            # what is asked after its introduction is answered by it.
            with self._changing:
                self._at_work = _AtWork(request.id, detector, threading.Semaphore(lanes))
                self._answer(_introduce(request.id, detector))
            self._open_lanes(lanes)

    def _open_lanes(self, lanes: int) -> None:
        """Have as many threads as the detector wants; what more there are wait for nothing."""
        for lane in range(self._lanes, lanes):
            threading.Thread(target=self._lane, name=f"lane {lane}", daemon=True).start()
        self._lanes = max(self._lanes, lanes)

    def _lane(self) -> None:
        while True:
            self._answer(self._detect(*self._asked.get()))

    def _detect(self, request: Detect, descriptor: int) -> Found | Full:
        with self._changing:
            at_work = self._at_work
        assert at_work is not None, "lanes are opened with the first detector"
        end = max((place.end for place in request.places), default=0)
        try:
            memory = mmap.mmap(descriptor, max(1, end), prot=mmap.PROT_READ)
        finally:
            os.close(descriptor)
        pictures = [_picture(memory, place) for place in request.places]
        try:
            with at_work.turns:
                found = at_work.detector.detect(pictures)
        except DeviceFull as err:
            return Full(request.id, str(err))
        return Found(request.id, at_work.load_id, tuple(Boxes.of(one) for one in found))

    def _answer(self, answer: Answer) -> None:
        self._sock.send(msgspec.msgpack.encode(answer))


def _introduce(load_id: int, detector: Detector) -> Loaded:
    return Loaded(
        *(load_id, detector.name, detector.accelerator, detector.labels, detector.searches_whole_picture),
        *(detector.back_end, detector.input, detector.lanes),
    )


def _picture(memory: mmap.mmap, place: Place) -> Picture:
    pixels = np.frombuffer(memory, np.uint8, place.end - place.offset, place.offset)
    return Picture(pixels.reshape(-1, place.width), boxes_from(place.motion), boxes_from(place.followed))


def _end_all(fault: threading.ExceptHookArgs) -> None:
    """Say what happened in a thread, and end the process: half a worker is worse than none."""
    if fault.exc_type in PARTED:
        os._exit(0)
    threading.__excepthook__(fault)
    _last_words(fault.exc_type, fault.exc_value)


def _end(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """Do the same where it happened in the main thread: the others may be deep in a library."""
    sys.__excepthook__(kind, fault, trace)
    _last_words(kind, fault)


def _last_words(kind: type[BaseException], fault: BaseException | None) -> None:
    """Repeat the reason on the last line, where it is looked for: CUDA's messages end with advice."""
    reason = str(fault).strip().partition("\n")[0]
    sys.stderr.write(f"{kind.__name__}: {reason}\n" if reason else f"{kind.__name__}\n")
    sys.stderr.flush()
    os._exit(1)


def main(descriptor: int, parent: int, factory: Callable[[Spec], Detector] = make) -> None:
    """Work for the process ``parent`` on the socket ``descriptor`` until that ends."""
    live_beside(parent, NICENESS, OOM_SCORE)
    # A service manager's stop reaches every process of the service; this one ends with its socket, so that
    # the frames in flight are still answered.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.excepthook, sys.excepthook = _end_all, _end
    cv2.setNumThreads(1)  # the runtime has threads of its own, and HOG's small crops gain nothing
    with socket.socket(fileno=descriptor) as sock, contextlib.suppress(*PARTED):
        Worker(sock, factory).run()
    os._exit(0)  # a thread that is deep in a library would make an orderly end a crash


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
