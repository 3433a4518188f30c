from pathlib import Path

import msgspec
import pytest

from appliance.detections.models import (
    ADD_PREFIX,
    EXPORT_PREFIX,
    FETCH_PREFIX,
    MANIFEST,
    Engine,
    Model,
    ModelFolder,
    Recipe,
    model_name,
    sha256_of,
)
from appliance.detections.working import WorkingFolder
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


def test_a_file_that_runs_code_counts_only_when_it_is_recorded(folder: ModelFolder, tmp_path: Path) -> None:
    """A .pt or an engine that somebody put there by hand is never loaded."""
    folder.folder.mkdir(parents=True)
    for name in ("evil.pt", "evil.engine"):
        (folder.folder / name).write_bytes(b"code")
    assert folder.models() == ()
    source = tmp_path / "mine.pt"
    source.write_bytes(b"code")
    folder.copy_in(source)
    (mine,) = folder.models()
    assert folder.verified(mine).read_bytes() == b"code"
    with pytest.raises(ModelError, match="it runs code"):
        folder.verified(msgspec.structs.replace(mine, sha256=""))


def test_a_removed_model_leaves_nothing(folder: ModelFolder, tmp_path: Path) -> None:
    """Neither its file, nor what was built of it, nor its entry."""
    source = tmp_path / "mine.onnx"
    source.write_bytes(b"weights")
    model = folder.copy_in(source)
    with folder.part() as part:
        part.write(b"engine")
        engine = Engine("mine.engine", "", 6, Recipe(), model.sha256, "a GPU", "9.0", "10")
        folder.put_engine("mine", Path(part.name), engine)
    folder.remove("mine")
    assert folder.models() == ()
    assert not list(folder.folder.glob("mine*"))


def test_only_a_known_model_can_be_removed(folder: ModelFolder, tmp_path: Path) -> None:
    """The message names those that are there."""
    source = tmp_path / "mine.onnx"
    source.write_bytes(b"weights")
    folder.copy_in(source)
    with pytest.raises(NotFound, match=r"no model named '\.\./mine'.*there is mine"):
        folder.remove("../mine")


def test_a_file_put_there_by_hand_is_removed_too(folder: ModelFolder) -> None:
    """It needs no entry for that."""
    folder.folder.mkdir(parents=True)
    (folder.folder / "loose.onnx").write_bytes(b"weights")
    folder.remove("loose")
    assert folder.models() == ()


def test_an_engine_of_a_model_that_was_removed_meanwhile_is_not_kept(folder: ModelFolder) -> None:
    """It would belong to nothing."""
    engine = Engine("mine.engine", "", 6, Recipe(), "", "a GPU", "9.0", "10")
    with folder.part() as part:
        file = Path(part.name)
        with pytest.raises(NotFound, match="was removed"):
            folder.put_engine("mine", file, engine)
    assert not list(folder.folder.glob("mine*"))


def test_what_killed_processes_left_behind_is_removed(folder: ModelFolder) -> None:
    """Half files and whole folders, each by whoever makes such; models stay."""
    folder.folder.mkdir(parents=True)
    for place in ("fetch-x", "export-y"):
        (folder.folder / place).mkdir()
        (folder.folder / place / "half").write_bytes(b"half")
    for file in ("z.part", "fetch-mine.onnx", "export-mine.onnx"):
        (folder.folder / file).write_bytes(b"weights")
    folder.remove_parts()
    assert (folder.folder / "export-y").exists()
    folder.remove_builds()
    left = {path.name for path in folder.folder.iterdir()} - {".lock"}
    assert left == {"export-mine.onnx", "fetch-mine.onnx"}


@pytest.mark.parametrize("prefix", [FETCH_PREFIX, EXPORT_PREFIX, ADD_PREFIX])
def test_what_another_process_works_on_is_left_alone(folder: ModelFolder, prefix: str) -> None:
    """The command line may fetch or build while the service starts, and the other way round."""
    place = WorkingFolder.make(folder.folder, prefix)
    (place.path / "half").write_bytes(b"half")
    with folder.part() as part:
        folder.remove_parts()
        folder.remove_builds()
        assert (place.path / "half").exists()
        assert Path(part.name).exists()
    place.remove()
    assert [path.name for path in folder.folder.iterdir()] == [".lock"]


def test_one_file_that_is_none_is_left_out(folder: ModelFolder, tmp_path: Path) -> None:
    """A link to nothing, or to itself, makes the other models no worse."""
    folder.copy_in(a_file(tmp_path))
    (folder.folder / "nothing.onnx").symlink_to("nowhere")
    (folder.folder / "loop.onnx").symlink_to("loop.onnx")
    (folder.folder / "folder.onnx").mkdir()
    assert [model.name for model in folder.models()] == ["mine"]


def test_what_two_record_at_once_is_recorded_once(folder: ModelFolder) -> None:
    """The second one finds the entry of the first."""
    folder.folder.mkdir(parents=True)
    a_file(folder.folder, "loose.onnx")
    other = Overtaken(folder.folder)
    assert other.record("loose") == folder.find("loose")
    assert len(msgspec.json.decode((folder.folder / MANIFEST).read_bytes())) == 1


class Overtaken(ModelFolder):
    """Another process records the model just after this one has looked."""

    def find(self, name: str) -> Model:
        """Look, and let the other one go first."""
        model = super().find(name)
        ModelFolder(self.folder).record(name)
        return model


def test_a_damaged_manifest_keeps_the_file_that_was_there(folder: ModelFolder, tmp_path: Path) -> None:
    """It is read before anything is exchanged."""
    model = folder.copy_in(a_file(tmp_path))
    (folder.folder / MANIFEST).write_bytes(b"{")
    with folder.part() as part:
        part.write(b"other")
        part.flush()
        with pytest.raises(ModelError, match="expected the list of models"):
            folder.put(Path(part.name), model)
    assert (folder.folder / "mine.onnx").read_bytes() == b"weights"
