"""The models that Nightjar knows where to fetch, each with the exact bytes that it expects."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

ULTRALYTICS = "https://github.com/ultralytics/assets/releases/download/v8.4.0"


@dataclass(frozen=True, slots=True)
class Release:
    """A model file as its makers published it.

    Attributes:
        name: what the owner calls it.
        url: of the file.
        size_bytes: of the file; not one more is read. About so many where ``sha256`` is empty.
        sha256: of the file, in hexadecimal digits; empty where its makers publish none: what comes the first
            time is recorded then, and has to come every time after.
        licence: its SPDX identifier.
        by_ultralytics: it is fetched by Ultralytics' own download.
    """

    name: str
    url: str
    size_bytes: int
    sha256: str
    licence: str
    by_ultralytics: bool = False

    @property
    def file(self) -> str:
        """The file's name in the folder of the models."""
        return self.name + PurePosixPath(urlsplit(self.url).path).suffix

    def is_it(self, sha256: str, source: str) -> bool:
        """Return whether a file of that hash, from there, is this one."""
        return sha256 == self.sha256 if self.sha256 else source == self.url


YOLOX_NANO = Release(
    name="yolox_nano",
    url="https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx",
    size_bytes=3_659_407,
    sha256="c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
    licence="Apache-2.0",
)


def _yolo26(letter: str, size_bytes: int) -> Release:
    return Release(
        name=f"yolo26{letter}",
        url=f"{ULTRALYTICS}/yolo26{letter}.pt",
        size_bytes=size_bytes,
        sha256="",
        licence="AGPL-3.0",
        by_ultralytics=True,
    )


CATALOGUE = (YOLOX_NANO, _yolo26("n", 5_500_000), _yolo26("s", 20_400_000), _yolo26("m", 44_300_000))
"""The first one is what ``auto`` fetches."""
