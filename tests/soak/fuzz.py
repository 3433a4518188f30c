"""Fuzz descriptions, packets and decoder for ten minutes, or ``FUZZ_S=`` seconds: ``make soak NAME=fuzz``."""

import os
import random
import sys

from tests.support.fuzzing import Report, fuzz


def main() -> None:
    """Fuzz, say how far it is, and end with status 1 when something was found."""
    seed = int(os.environ.get("NIGHTJAR_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    seconds = float(os.environ.get("FUZZ_S", "600"))
    sys.stdout.write(f"NIGHTJAR_SEED={seed}, {seconds:g} s\n")
    report = fuzz(seed, seconds, say)
    sys.stdout.write("\n".join(report.findings) + "\n")
    sys.exit(1 if report.findings else 0)


def say(report: Report) -> None:
    """Print how far it is."""
    sys.stdout.write(f"{report.cases} cases, {len(report.findings)} findings; {dict(report.outcomes)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
