"""``python -m appliance`` is the command ``nightjar``: a process of its own, which ends with it."""

import gc
import sys

from appliance import cli


def main() -> int:
    """Run the command and return its exit status."""
    status = cli.main()
    # Else the interpreter's end looks for garbage in all that was ever loaded: 1.2 s of every stop.
    gc.freeze()
    return status


if __name__ == "__main__":
    sys.exit(main())
