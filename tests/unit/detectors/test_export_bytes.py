"""Which bytes an engine is built of."""

from pathlib import Path

import pytest

from appliance.detections.models import sha256_of
from detectors.errors import ModelFileError
from detectors.export import copied


@pytest.mark.parametrize(
    ("name", "sha256", "reason"),
    [("a.pt", "", "runs code"), ("a.pt", "0" * 64, "recorded bytes"), ("a.onnx", "0" * 64, "recorded bytes")],
)
def test_only_the_bytes_that_are_meant_are_read(name: str, sha256: str, reason: str, tmp_path: Path) -> None:
    """They are compared in the copy that is read then, so that nobody exchanges it in between."""
    file = tmp_path / name
    file.write_bytes(b"weights")
    folder = tmp_path / "made"
    folder.mkdir()
    with pytest.raises(ModelFileError, match=reason):
        copied(file, folder, sha256)
    assert copied(file, folder, sha256_of(file)).read_bytes() == b"weights"
