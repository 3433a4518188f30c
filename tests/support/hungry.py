"""A process that takes memory until the kernel ends one: ``python -m tests.support.hungry FILE MOST_BYTES``.

FILE is the control group's, with a line ``oom_kill`` that counts what the kernel has ended there. It takes a
mebibyte at a time, stops as soon as that number grows, and gives all of it back by ending.
"""

import sys
from pathlib import Path

STEP_BYTES = 1 << 20


def ended(file: Path) -> int:
    """Return how many processes the kernel has ended."""
    return int(file.read_text().partition("oom_kill ")[2].split()[0])


def main(file: Path, most_bytes: int) -> int:
    """Take memory; return 1 if there was always more."""
    before = ended(file)
    taken: list[bytes] = []
    while ended(file) == before:
        if len(taken) * STEP_BYTES >= most_bytes:
            return 1
        taken.append(b"x" * STEP_BYTES)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
