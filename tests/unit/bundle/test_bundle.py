"""A bundle for those who help holds no secret, and no name where its owner wants that."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from appliance.bundle.bundle import Asked, read_journal, write_bundle
from appliance.bundle.masks import MASK, Pseudonyms, letters, machine_of, masked, without_secrets
from appliance.cli import main
from appliance.config import parse
from appliance.domain.ids import TargetId
from appliance.domain.time import WallUs
from appliance.errors import BackupFailed
from appliance.store import pipeline, targets
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.canary import Canary, found
from tests.support.clock import SimulatedClock
from tests.support.data_folder import make_data, tamper
from tests.support.rows import NOON_US

PASSWORD, USER, PATH, QUERY = Canary("password"), Canary("user"), Canary("path"), Canary("query")
TOPIC, TOKEN, HOOK, SECRET = Canary("topic"), Canary("token"), Canary("webhook"), Canary("secret")
KEY, LOOK, LATER = Canary("second look's key"), Canary("second look's address"), Canary("key of tomorrow")
CANARIES = (PASSWORD, USER, PATH, QUERY, TOPIC, TOKEN, HOOK, SECRET, KEY, LOOK, LATER)
CONFIG = f"""
[second_look]
address = "https://{LOOK.text}.example/v1"
model = "vision"
key = "{KEY.text}"

[[cameras]]
id = "gate"
name = "Garden gate"
url = "rtsp://{USER.text}:{PASSWORD.text}@192.0.2.7:554/{PATH.text}?channel={QUERY.text}"
"""
OF_TOMORROW = f"""
[not_known_yet]
words = ["{LATER.text}"]
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A box with a secret everywhere that one can be, sealed and not."""
    (tmp_path / "box.toml").write_text(CONFIG + OF_TOMORROW)
    made = make_data(tmp_path / "data")
    with Store(made, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as connection:
        pipeline.provision(connection, parse(CONFIG).cameras, WallUs(NOON_US))
        hook = {"address": f"https://hooks.example/{HOOK.text}", "secret": SECRET.text}
        phone = {"address": "https://ntfy.example", "topic": TOPIC.text, "token": TOKEN.text}
        for name, kind, settings in (("Hall", "webhook", hook), ("Mobile", "ntfy", phone)):
            values = {"name": name, "kind": kind, "settings": settings, "shown": "…", "created_us": NOON_US}
            targets.add_target(connection, TargetId(kind), values)
    reason = (
        f"connection to rtsp://{USER.text}:{PASSWORD.text}@192.0.2.7/{PATH.text}?channel={QUERY.text} refused"
    )
    tamper(made, f"UPDATE cameras SET status_reason = '{reason}' WHERE id = 'gate'")
    return made


def journal(folder: Path) -> None:
    """Put a journal on the path that tells everything: what a log might say at its worst."""
    words = "\n".join(f"nightjar[1]: said {one.name}: {one.text}" for one in CANARIES[:-3])
    (folder / "journalctl").write_text(
        f"#!/bin/sh\ncat <<'END'\n{words}\nAuthorization: Bearer {KEY.text}\napi_key={LATER.text}\n"
        f"GET https://{LOOK.text}.example/v1?token={LATER.text}\n"
        "Garden gate (gate) at 192.0.2.7 is down\nEND\n"
    )
    (folder / "journalctl").chmod(0o755)


def bundle(data: Path, is_anonymous: bool = False) -> dict[str, str]:
    """Write a bundle and return what is in it."""
    file = data.parent / "bundle.tar.gz"
    asked = Asked(file, data, data.parent / "box.toml", "127.0.0.1", 1, "0.1.0", is_anonymous, read_journal())
    names = write_bundle(asked, SimulatedClock())
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as tar:
        read = {}
        for member in tar:
            stream = tar.extractfile(member)
            assert stream is not None
            read[member.name.removeprefix("nightjar-support/")] = stream.read().decode()
    assert list(read) == names
    return read


@pytest.mark.parametrize("is_anonymous", [False, True])
def test_no_secret_is_in_a_bundle(data: Path, is_anonymous: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of the configuration, not of the rows, and not where a log has told it against all rules."""
    journal(data.parent)
    monkeypatch.setenv("PATH", f"{data.parent}{os.pathsep}{os.environ['PATH']}")
    read = bundle(data, is_anonymous)
    assert found(CANARIES, ((name, text.encode()) for name, text in read.items())) == []
    assert "is down" in read["log.txt"]
    assert "kanarienvogel" not in "".join(read.values())
    assert "geheimthema" not in "".join(read.values())


def test_what_helps_is_in_it(data: Path) -> None:
    """Versions, schema, figures, cameras and the check's findings; and why there is no health."""
    read = bundle(data)
    assert json.loads(read["versions.json"])["nightjar"] == "0.1.0"
    assert json.loads(read["database.json"])["footage"][0]["segments"] == 2
    assert "CREATE TABLE cameras" in read["schema.sql"]
    cameras = {one["id"]: one for one in json.loads(read["cameras.json"])}
    assert cameras["gate"]["url"] == f"rtsp://192.0.2.7/{MASK}"
    assert "differences" in read["check.txt"] or "S" in read["check.txt"]
    assert "does not answer" in read["health.json"]
    settings = json.loads(read["configuration.json"])
    assert settings["second_look"] == {"address": MASK, "model": "vision", "key": MASK}
    assert settings["not_known_yet"] == {"words": [MASK]}


def test_letters_stand_for_names_where_that_is_wanted(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ones everywhere, so that what belongs together can still be seen."""
    journal(data.parent)
    monkeypatch.setenv("PATH", f"{data.parent}{os.pathsep}{os.environ['PATH']}")
    read = bundle(data, is_anonymous=True)
    whole = "".join(read.values())
    for name in ("Garden gate", "Front door", "192.0.2.7", "192.0.2.1", "Hall", "Mobile", str(data)):
        assert name not in whole, name
    (camera,) = [one for one in json.loads(read["cameras.json"]) if one["id"] != "camera-A"]
    assert f"{camera['id']} ({camera['id']}) at" in read["log.txt"]
    assert camera["name"] == camera["id"]


def test_a_full_disk_leaves_no_half_bundle(data: Path) -> None:
    """It is said, and nothing is left."""
    asked = Asked(data / "absent" / "b.tar.gz", data, None, "127.0.0.1", 1, "0.1.0", False)
    with pytest.raises(BackupFailed, match=r"could not be written"):
        write_bundle(asked, SimulatedClock())


def test_the_command_says_what_is_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a database, too: then that is what is wrong."""
    file = tmp_path / "b.tar.gz"
    assert main(["support-bundle", str(file), "--data", str(tmp_path / "none")]) == 0
    assert "look through it before you send it" in capsys.readouterr().out
    assert file.exists()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://u:p@cam:554/a?b=c", "rtsp://cam:554/***"),
        ("demo:", "demo:***"),
        ("rtsp://cam:port/x", "***"),
        ("", "***"),
    ],
)
def test_of_an_address_the_machine_is_shown(address: str, shown: str) -> None:
    """Cameras take passwords in paths and queries as well."""
    assert machine_of(address) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def", "Authorization: *** ***"),
        ("password=hunter2 next", "password=*** next"),
        ('{"api_key": "abcdef"}', '{"api_key": "***"}'),
        ("a key frame every second", "a key frame every second"),
        ("https://hooks.example/T0/B1", "https://***"),
        ("rtsp://cam/x?user=a&pwd=b went", "rtsp://cam/x?*** went"),
        ("secret words", "*** words"),
    ],
)
def test_what_looks_like_a_secret_is_blacked_out(text: str, shown: str) -> None:
    """And what only sounds like one is left, so that a log stays legible."""
    assert without_secrets(text, ["secret"]) == shown


def test_numbers_are_shown_and_texts_by_a_list() -> None:
    """A setting that is yet to come is masked until somebody says that it may be shown."""
    assert masked({"port": 1, "on": True, "host": "::1", "other": "x", "tables": [{"name": "a"}]}) == {
        "port": 1,
        "on": True,
        "host": "::1",
        "other": MASK,
        "tables": [{"name": "a"}],
    }


def test_there_are_letters_for_any_number_of_things() -> None:
    """As a spreadsheet has them."""
    assert [letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_name_within_a_word_is_left() -> None:
    """A camera that is called "cat" must not spoil every "catalogue"."""
    names = Pseudonyms({"camera": [["cat", "Tom's cat"], ["dog"]]})
    assert names.applied("cat, catalogue, Tom's cat and dog-house; dog") == (
        "camera-A, catalogue, camera-A and dog-house; camera-B"
    )
    assert names.applied("10.0.0.7 and 10.0.0.8 and 10.0.0.7; 127.0.0.1; 3.40.1") == (
        "address-A and address-B and address-A; 127.0.0.1; 3.40.1"
    )


def test_a_name_that_json_escapes_gets_its_letters_too(data: Path) -> None:
    """Umlauts, quotes and backslashes are common in names, and in passwords."""
    tamper(data, """UPDATE cameras SET name = 'Haustür "Süd" \\1' WHERE id = 'gate'""")
    whole = "".join(bundle(data, is_anonymous=True).values())
    assert "Haust" not in whole
    said = json.dumps({"reason": 'refused pä"ss\\wort'})
    for text in (said, json.dumps({"reason": 'refused pä"ss\\wort'}, ensure_ascii=False)):
        assert without_secrets(text, ['pä"ss\\wort']) == '{"reason": "refused ***"}'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at fe80::1ff:fe23:4567:890a.", "at address-A."),
        ("[2001:db8::7]:554", "[address-A]:554"),
        ("from 00:1B:44:11:3a:b7, from 00-1b-44-11-3a-b8", "from address-A, from address-B"),
        ("at 12:30:05 on ::1 and ::", "at 12:30:05 on ::1 and ::"),
        ("2026-11-27T12:30:05Z std::vector", "2026-11-27T12:30:05Z std::vector"),
    ],
)
def test_addresses_of_six_and_of_hardware_get_letters(text: str, shown: str) -> None:
    """A camera is known by them as well; a time of day stays one."""
    assert Pseudonyms({}).applied(text) == shown
