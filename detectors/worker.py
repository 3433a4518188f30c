"""The detection worker: a process that holds one detector and answers requests until its socket ends.

``python -m detectors.worker FD``, where FD is its end of the socket pair of ``detectors.messages``.

Whatever goes wrong with a detector that is at work ends the process, since a GPU's context may be dead for
good: whoever started it starts it again. Only a model that cannot be loaded is answered.
"""

import contextlib
import ctypes
import mmap
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import msgspec
import numpy as np

from detectors.contract import Detector, Picture
from detectors.errors import DetectorError
from detectors.messages import (
    PACKET_BYTES,
    Answer,
    Boxes,
    Detect,
    Found,
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
PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``: the signal that the kernel sends to a child when its parent dies."""


class Worker:
    """Answers the requests that come on a socket.

    A model is loaded on a thread of its own, so that looking at pictures goes on with the one before.

    Args:
        sock: connected, ``SOCK_SEQPACKET``, blocking.
        factory: makes a detector.
    """

    def __init__(self, sock: socket.socket, factory: Callable[[Spec], Detector] = make) -> None:
        self._sock = sock
        self._factory = factory
        self._decoder = msgspec.msgpack.Decoder(Request)
        self._current: tuple[int, Detector] | None = None
        self._loading = threading.Lock()
        self._changing = threading.Lock()

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
                    self._answer(self._detect(request, descriptors[0]))

    def _load(self, request: Load) -> None:
        with self._loading:
            try:
                detector = self._factory(
                    Spec(
                        *(request.model, request.min_score, request.threads),
                        back_end=request.back_end,
                        device=request.device,
                    )
                )
            except DetectorError as err:
                self._answer(Refused(request.id, str(err)))
                return
            # Said and done as one: nothing that the new one finds is answered before it was introduced, and
            # what is asked after its introduction is answered by it.
            with self._changing:
                self._current = request.id, detector
                self._answer(_introduce(request.id, detector))

    def _detect(self, request: Detect, descriptor: int) -> Found:
        with self._changing:
            current = self._current
        if current is None:
            raise RuntimeError("asked to look at pictures before a model was loaded")
        model, detector = current
        try:
            memory = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
        finally:
            os.close(descriptor)
        found = detector.detect([_picture(memory, place) for place in request.places])
        return Found(request.id, model, tuple(Boxes.of(one) for one in found))

    def _answer(self, answer: Answer) -> None:
        self._sock.send(msgspec.msgpack.encode(answer))


def _introduce(load_id: int, detector: Detector) -> Loaded:
    return Loaded(
        *(load_id, detector.name, detector.accelerator, detector.labels, detector.searches_whole_picture),
        *(detector.back_end, detector.input, detector.lanes),
    )


def _picture(memory: mmap.mmap, place: Place) -> Picture:
    rows = place.height * 3 // 2
    pixels = np.frombuffer(memory, np.uint8, rows * place.width, place.offset)
    return Picture(pixels.reshape(rows, place.width), boxes_from(place.motion), boxes_from(place.followed))


def _end_all(fault: threading.ExceptHookArgs) -> None:
    """Say what happened in a thread, and end the process: half a worker is worse than none."""
    threading.__excepthook__(fault)
    sys.stderr.flush()
    os._exit(1)


def _die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, even where the socket lives on in a copy."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # it died before the kernel was told


def _be_first_to_go() -> None:
    """Offer this process to the kernel when memory runs out; raising one's own score needs no privilege."""
    with contextlib.suppress(OSError):  # a kernel without it has no such choice
        Path("/proc/self/oom_score_adj").write_text(f"{OOM_SCORE}\n")


def main(descriptor: int, parent: int) -> None:
    """Work for the process ``parent`` on the socket ``descriptor`` until that ends."""
    _die_with(parent)
    # Ctrl-C and a service manager's stop reach every process of the service; this one ends with its socket,
    # so that the frames in flight are still answered.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(NICENESS)
    _be_first_to_go()
    threading.excepthook = _end_all
    cv2.setNumThreads(1)  # the runtime has threads of its own, and HOG's small crops gain nothing
    # These two errors: the parent died with an answer unread.
    with socket.socket(fileno=descriptor) as sock, contextlib.suppress(ConnectionResetError, BrokenPipeError):
        Worker(sock).run()
    os._exit(0)  # a model that is still being loaded on its thread would make an orderly end a crash


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
