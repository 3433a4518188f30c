"""The command ``nightjar``: one line for what is wrong, and the right exit status."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from appliance import __version__
from appliance.cli import main
from detectors.decode import cells
from tests.support.tiny_onnx import write_model

ROOT = Path(__file__).parents[3]


def test_version_prints_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for scripts and bug reports."""
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"nightjar {__version__}\n"


def test_config_check_says_that_a_file_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And counts the cameras in it."""
    file = tmp_path / "nightjar.toml"
    file.write_text('[[cameras]]\nid = "a"\nurl = "demo:"')
    assert main(["config", "check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: right; 1 camera\n"


@pytest.mark.parametrize(
    "arguments",
    [["run", "--config", "{file}"], ["config", "check", "{file}"], ["check", "--config", "{file}"]],
)
def test_a_wrong_file_is_one_line_and_status_two(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever command reads it."""
    file = tmp_path / "nightjar.toml"
    file.write_text("[server]\nport = 0.5")
    assert main([argument.format(file=file) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert error == f"nightjar: {file}: server.port: expected a whole number from 0 to 65535, got 0.5\n"


def test_check_says_what_differs_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a database is one difference."""
    assert main(["check", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"{tmp_path}: 1 difference found"


def test_a_name_to_listen_on_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even the data folder is made."""
    data = tmp_path / "data"
    assert main(["run", "--host", "box.local", "--data", str(data)]) == 2
    assert "server.host: expected an address of this machine" in capsys.readouterr().err
    assert not data.exists()


def test_model_list_says_what_is_here_and_what_can_be_pulled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that was put into the folder by hand counts as well."""
    assert main(["model", "list", "--data", str(tmp_path)]) == 0
    assert "can be pulled" in capsys.readouterr().out
    (tmp_path / "models").mkdir()
    (tmp_path / "models/own.onnx").write_bytes(b"x" * 300_000)
    assert main(["model", "list", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["own", "here", "0.3", "MB"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["pull", "nothing_of_that_name"],
        ["add", "missing.onnx"],
        ["export", "mine", "--batch", "0"],
        ["export", "mine", "--precision", "int4"],
    ],
)
def test_a_model_that_is_not_known_is_bad_input(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names what was expected."""
    assert main(["model", *arguments, "--data", str(tmp_path)]) == 2
    assert "expected" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["remove", "bench", "export"])
def test_a_model_that_is_not_here_is_named(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With those that are."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/own.onnx").write_bytes(b"x")
    assert main(["model", command, "nix", "--data", str(tmp_path)]) == 2
    assert "no model named 'nix'" in capsys.readouterr().err


def test_a_model_is_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its file is gone, and nothing else."""
    (tmp_path / "models").mkdir()
    for name in ("own", "other"):
        (tmp_path / f"models/{name}.onnx").write_bytes(b"x")
    assert main(["model", "remove", "own", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "own: removed\n"
    assert [file.name for file in (tmp_path / "models").glob("*.onnx")] == ["other.onnx"]


def test_models_are_measured_and_the_result_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table with a mark at what auto uses; the list tells it afterwards, by the file's bytes."""
    folder = tmp_path / "models"
    folder.mkdir()
    write_model(tmp_path / "tiny.onnx", np.zeros((1, cells(64, 64), 85), np.float32), any_batch=True)
    assert main(["model", "add", str(tmp_path / "tiny.onnx"), "--data", str(tmp_path)]) == 0
    assert main(["model", "bench", "tiny", "--seconds", "0.01", "--data", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    marked = [line.split()[1] for line in lines if line.startswith("* ") and "auto" not in line]
    assert len(marked) == 4
    assert len(set(marked)) == 1
    assert "tiny: onnxruntime: batch 8:" in captured.err
    assert main(["model", "list", "--data", str(tmp_path)]) == 0
    assert f"{marked[0]} " in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run", "--port", "many"], ["config"], ["model", "pull"]])
def test_a_wrong_command_line_is_one_line_and_status_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It points to the help instead of printing it."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("nightjar")
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [["version"], ["--help"]])
def test_nothing_heavy_is_imported_to_print_a_line(arguments: list[str]) -> None:
    """No array, video, database or web library: the answer comes at once."""
    heavy = ("numpy", "cv2", "av", "sqlalchemy", "aiohttp", "onnxruntime", "uvloop", "msgspec")
    code = (
        "import sys\nfrom appliance.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
