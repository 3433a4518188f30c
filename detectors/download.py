"""Fetches a file as Ultralytics fetches its own, in a process of its own: the only one that may go online.

``python -m detectors.download PARENT URL FOLDER NAME MOST_BYTES``
"""

import argparse
import resource
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from detectors.beside import live_beside
from detectors.reports import Failed, Made, Progress, Teller

FEWEST_BYTES = 1000
"""Less is a page that says that there is no such file."""
RETRIES = 2
STEP = 0.01
"""How often progress is told, as a part of the whole."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch one file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parent", type=int)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("most_bytes", type=int)
    options = parser.parse_args(arguments)
    live_beside(options.parent)
    teller = Teller()
    # What comes packed is larger on the disk than on the way.
    resource.setrlimit(resource.RLIMIT_FSIZE, (options.most_bytes, options.most_bytes))
    try:
        _fetch(options.url, options.folder, options.name, options.most_bytes, teller)
    except ImportError as err:
        teller.tell(Failed(f"{options.url}: fetched by Ultralytics' download: install the extra gpu ({err})"))
    except (ConnectionError, OSError, MemoryError) as err:
        cause = err.__cause__ or err
        teller.tell(Failed(f"{options.url}: {' '.join(str(cause).split()) or type(cause).__name__}"))
    else:
        teller.tell(Made(str(options.folder / options.name)))


class TooMuch(MemoryError):
    """More comes than can be meant; of all errors this kind alone ends Ultralytics' tries at once."""


def _fetch(url: str, folder: Path, name: str, most_bytes: int, teller: Teller) -> None:
    from detectors import quiet  # noqa: PLC0415

    quiet.silence()  # no analytics, no look-ups: this one request and nothing else
    from ultralytics.utils import downloads  # noqa: PLC0415

    class Bar:
        """Is told as a progress bar what comes in, and passes it on."""

        def __init__(self, *_: Any, total: int = 0, initial: int = 0, **__: Any) -> None:
            self._total, self._there, self._told = total, initial, 0.0

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
        ) -> None:
            return None

        def update(self, count: int) -> None:
            """Count what came."""
            self._there += count
            if self._there > most_bytes:
                raise TooMuch(f"expected {most_bytes} bytes at most, got more")
            ratio = min(1.0, self._there / self._total) if self._total else 0.0
            if ratio >= self._told + STEP:
                self._told = ratio
                teller.tell(Progress(ratio))

    downloads.TQDM = Bar
    downloads.safe_download(
        url, file=name, dir=folder, unzip=False, retry=RETRIES, min_bytes=FEWEST_BYTES, progress=False
    )


if __name__ == "__main__":
    main()
