"""``python -m tests.support.silent BACK_END MODEL``: use a back end, and print what it tried to say.

Every attempt is noted when Python makes it, before anything is sent or looked up, and refused.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

SPEAKING = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "subprocess.Popen",
        "os.posix_spawn",
        "os.system",
        "os.exec",
        "urllib.Request",
    }
)


def main(back_end: str, model: str) -> None:
    """Load the model, look at two pictures, and print the attempts as JSON."""
    attempts: list[str] = []

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event in SPEAKING:
            attempts.append(f"{event} {arguments}"[:200])
            raise PermissionError(f"{event} is not allowed here")

    sys.addaudithook(heard)
    from detectors.contract import Picture  # noqa: PLC0415 - heard from the first import on
    from detectors.registry import Spec, make  # noqa: PLC0415

    sha256 = hashlib.sha256(Path(model).read_bytes()).hexdigest()
    detector = make(Spec(model, back_end=back_end, sha256=sha256))
    picture = Picture(np.full((96, 64), 128, np.uint8), np.empty((0, 4), np.float32))
    found = detector.detect([picture, picture])
    sys.stdout.write(json.dumps({"attempts": attempts, "found": len(found), "file": Path(model).name}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
