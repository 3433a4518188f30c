"""Forty cameras, sixteen of them in fault, for 10 minutes or ``MINUTES=``: ``make soak NAME=cameras``."""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import uvloop

from tests.support.many_cameras import watched


async def main() -> int:
    """Run, say what was seen, and return the exit status: 1 if something did not hold."""
    minutes = float(os.environ.get("MINUTES", "10"))
    with tempfile.TemporaryDirectory() as folder:
        outcome = await watched(Path(folder), 60.0 * minutes, say)
    say(f"states at the end: {dict(Counter(outcome.states.values()))}")
    say(str(outcome))
    failures = outcome.failures()
    say("; ".join(failures) or "everything held")
    return int(bool(failures))


def say(line: str) -> None:
    """Print how far it is."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
