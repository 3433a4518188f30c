"""The models that Nightjar knows where to fetch, each with the exact bytes that it expects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """A model file as its makers published it.

    Attributes:
        name: what the owner calls it.
        url: of the file.
        size_bytes: of the file; not one more is read.
        sha256: of the file, in hexadecimal digits.
        licence: its SPDX identifier.
    """

    name: str
    url: str
    size_bytes: int
    sha256: str
    licence: str


YOLOX_NANO = Release(
    name="yolox_nano",
    url="https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx",
    size_bytes=3_659_407,
    sha256="c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
    licence="Apache-2.0",
)

CATALOGUE = (YOLOX_NANO,)
"""The first one is what ``auto`` fetches."""
