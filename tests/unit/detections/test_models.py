from pathlib import Path

import pytest

from appliance.detections.models import MANIFEST, Model, ModelFolder, model_name, sha256_of
from appliance.errors import Conflict, InvalidInput, ModelError, NotFound, TemporaryFailure


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    """Return the models of a data directory that has none yet."""
    return ModelFolder(tmp_path / "data" / "models")


def a_file(tmp_path: Path, name: str = "mine.onnx", content: bytes = b"weights") -> Path:
    """Return a file as an owner might have it."""
    file = tmp_path / name
    file.write_bytes(content)
    return file


def test_a_box_without_models_says_so(folder: ModelFolder) -> None:
    """The folder need not exist; whoever asks for a model reads which there are."""
    assert folder.models() == ()
    with pytest.raises(NotFound, match=r"'mine'.*there is none"):
        folder.find("mine")


def test_what_was_copied_in_is_recorded(folder: ModelFolder, tmp_path: Path) -> None:
    """Name, bytes, licence and origin; the file is the owner's, byte for byte."""
    file = a_file(tmp_path)
    folder.copy_in(file, "MIT")
    model = folder.find("mine")
    assert model == Model("mine", "mine.onnx", 7, sha256_of(file), "MIT", str(file))
    assert folder.verified(model).read_bytes() == b"weights"
    assert {path.name for path in folder.folder.iterdir()} == {"mine.onnx", MANIFEST, ".lock"}


def test_the_model_added_last_comes_first(folder: ModelFolder, tmp_path: Path) -> None:
    """It is what the owner wanted last; files put there by hand come after those that are recorded."""
    for name in ("a.onnx", "b.onnx"):
        folder.copy_in(a_file(tmp_path, name, name.encode()))
    a_file(folder.folder, "0.onnx")
    assert [model.name for model in folder.models()] == ["b", "a", "0"]
    folder.copy_in(a_file(tmp_path, "a.onnx", b"a.onnx"))
    assert [model.name for model in folder.models()] == ["a", "b", "0"]


def test_a_file_removed_by_hand_is_no_model_any_more(folder: ModelFolder, tmp_path: Path) -> None:
    """The manifest does not promise what is not there."""
    folder.copy_in(a_file(tmp_path))
    (folder.folder / "mine.onnx").unlink()
    assert folder.models() == ()


def test_a_file_put_there_by_hand_is_taken_as_it_is(folder: ModelFolder) -> None:
    """Nothing is known of it, hence nothing is checked."""
    folder.folder.mkdir(parents=True)
    file = a_file(folder.folder, "loose.onnx")
    assert folder.verified(folder.find("loose")) == file


def test_changed_bytes_are_noticed(folder: ModelFolder, tmp_path: Path) -> None:
    """A damaged or exchanged file is never handed to the detector."""
    model = folder.copy_in(a_file(tmp_path))
    (folder.folder / "mine.onnx").write_bytes(b"Weights")
    with pytest.raises(ModelError, match="expected the recorded bytes"):
        folder.verified(model)
    (folder.folder / "mine.onnx").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        folder.verified(model)


def test_another_file_of_the_same_name_is_refused(folder: ModelFolder, tmp_path: Path) -> None:
    """A model is not replaced by accident; the same bytes again are welcome."""
    folder.copy_in(a_file(tmp_path))
    folder.copy_in(a_file(tmp_path))
    with pytest.raises(Conflict, match="'mine'"):
        folder.copy_in(a_file(tmp_path, content=b"other"))
    assert folder.verified(folder.find("mine")).read_bytes() == b"weights"


@pytest.mark.parametrize("name", ["mine.pth", "mine", ".onnx", "a b.onnx", "-x.onnx", f"{'x' * 65}.onnx"])
def test_a_name_that_no_model_can_have_is_refused(name: str) -> None:
    """Files of other kinds are no models here, nor are names that a shell would trip over."""
    with pytest.raises(InvalidInput, match="expected a file named"):
        model_name(Path(name))


def test_a_damaged_manifest_is_named(folder: ModelFolder, tmp_path: Path) -> None:
    """The message has the file to look at; nothing is overwritten."""
    folder.copy_in(a_file(tmp_path))
    (folder.folder / MANIFEST).write_bytes(b'[{"name": 1}]')
    with pytest.raises(ModelError, match=r"manifest\.json: expected the list of models"):
        folder.models()


def test_a_file_that_cannot_be_copied_is_said_so(folder: ModelFolder, tmp_path: Path) -> None:
    """A disk's refusal is no crash."""
    folder.folder.parent.mkdir()
    folder.folder.write_bytes(b"a file where the folder should be")
    with pytest.raises((TemporaryFailure, ModelError)):
        folder.copy_in(a_file(tmp_path))


def test_what_a_killed_fetch_left_is_removed(folder: ModelFolder, tmp_path: Path) -> None:
    """Halves of files do not fill the disk."""
    folder.copy_in(a_file(tmp_path))
    a_file(folder.folder, "tmpabc.part")
    folder.remove_parts()
    assert not list(folder.folder.glob("*.part"))
    assert folder.find("mine").name == "mine"
