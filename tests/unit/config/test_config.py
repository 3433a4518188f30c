"""The configuration file: everything has a default, and whatever is wrong is said in one line."""

from pathlib import Path

import pytest

from appliance import config
from appliance.config import Config, ServerSettings, load, parse, with_overrides
from appliance.domain.camera import Camera, Credentials, DecodePolicy
from appliance.domain.footage import RecordingMode, RecordingPolicy, ScheduleEntry
from appliance.domain.ids import CameraId
from appliance.errors import ConfigError
from appliance.recordings.settings import Role, StoragePath


def test_an_empty_file_gives_the_defaults() -> None:
    """Nobody has to write anything."""
    assert parse("") == Config()


def test_the_default_data_folder_is_in_the_home_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tilde is resolved where the settings are made."""
    monkeypatch.setenv("HOME", "/home/somebody")
    assert Config().storage.data == Path("/home/somebody/.local/share/nightjar")


def test_settings_of_any_section_are_read() -> None:
    """A whole number will do where a number with a fraction is expected."""
    chosen = parse('[server]\nport = 9000\n[packets]\nsilence_timeout_s = 20\n[log]\nlevel = "DEBUG"')
    assert chosen.server.port == 9000
    assert chosen.packets.silence_timeout_s == 20.0
    assert isinstance(chosen.packets.silence_timeout_s, float)
    assert chosen.log.level == "DEBUG"


def test_relative_paths_start_at_the_files_folder(tmp_path: Path) -> None:
    """Where the service was started from does not matter."""
    file = tmp_path / "nightjar.toml"
    file.write_text('[storage]\ndata = "state"')
    assert load(file).storage.data == tmp_path / "state"


def test_a_model_is_a_name_or_a_path() -> None:
    """A path starts at the file's folder as well, a name is left alone."""
    assert (
        parse('[detector]\nmodel = "models/a.onnx"', Path("/etc/x")).detector.model == "/etc/x/models/a.onnx"
    )
    assert parse('[detector]\nmodel = "yolox_nano"', Path("/etc/x")).detector.model == "yolox_nano"


def test_a_camera_is_provisioned_with_its_credentials_apart() -> None:
    """The address that goes on has no password in it."""
    text = """
        [[cameras]]
        id = "front"
        name = "Front door"
        url = "rtsp://admin:s%40cret@192.168.1.20/stream1"
        detect_fps = 2
        labels = ["person", "dog"]
        decode = "keyframes"
        live_url = "rtsp://192.168.1.20/stream2"
        [[cameras]]
        id = "yard"
        url = "file:///clips/yard.mp4"
        loop = true
        enabled = false
    """
    assert parse(text).cameras == (
        Camera(
            CameraId("front"),
            "Front door",
            "rtsp://192.168.1.20/stream1",
            Credentials("admin", "s@cret"),
            detect_fps=2.0,
            labels=frozenset({"person", "dog"}),
            decode=DecodePolicy.KEYFRAMES,
            live_url="rtsp://192.168.1.20/stream2",
        ),
        Camera(CameraId("yard"), "yard", "file:///clips/yard.mp4", enabled=False, loop=True),
    )


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("/dev/video0", "device:///dev/video0"),
        ("rtsps://admin:s@cam/a", "rtsps://cam/a"),
        ("https://admin:s@cam/video.mjpg?fps=5", "https://cam/video.mjpg?fps=5"),
    ],
)
def test_every_kind_of_address_can_be_provisioned(written: str, url: str) -> None:
    """A device of this machine too: the file is its owner's own word."""
    assert parse(f'[[cameras]]\nid = "a"\nurl = "{written}"\n').cameras[0].url == url


CAMERA = '[[cameras]]\nid = "a"\nurl = "demo:"\n'
RECORDING = CAMERA + "[cameras.recording]\n"
SCHEDULE = RECORDING + "[[cameras.recording.schedule]]\n"
RTSP_CAMERA = '[[cameras]]\nid = "a"\nurl = "rtsp://eve:word@CAM/big"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[servr]", "servr: unknown key: expected 'server', got 'servr'"),
        ("[server]\nprot = 1", "server.prot: unknown key: expected 'port', got 'prot'"),
        (
            "[server]\nzzz = 1",
            "server.zzz: unknown key: expected one of host, port, tls, certificate, key, names, "
            "trusted_proxies, got 'zzz'",
        ),
        ("server = 3", "server: expected a table, got 3"),
        ("[server]\nport = '80'", 'server.port: expected a whole number from 0 to 65535, got "80"'),
        ("[server]\nport = true", "server.port: expected a whole number from 0 to 65535, got true"),
        ("[server]\nport = 8.5", "server.port: expected a whole number from 0 to 65535, got 8.5"),
        ("[server]\nport = 65536", "server.port: expected a whole number from 0 to 65535, got 65536"),
        ("[server]\nhost = 1", "server.host: expected a text, got 1"),
        (
            "[log]\nlevel = 'loud'",
            'log.level: expected one of "DEBUG", "INFO", "WARNING", "ERROR", got "loud"',
        ),
        ("[storage]\ndata = ''", 'storage.data: expected a path, got ""'),
        ("[packets]\npoll_s = nan", "packets.poll_s: expected a number from 0.1 to 5, got nan"),
        (
            "[packets]\nauth_retry_s = [5]",
            "packets.auth_retry_s: expected a list of 2, each a number from 1 to 3600, got a list of 1",
        ),
        (
            "[packets]\nauth_retry_s = [5, 0]",
            "packets.auth_retry_s[1]: expected a number from 1 to 3600, got 0",
        ),
        ("cameras = 1", "cameras: expected [[cameras]] tables, got 1"),
        ("[[cameras]]\nid = 'a'", "cameras[0].url: expected a text, got nothing"),
        (CAMERA + "[[cameras]]\nurl = 'demo:'", "cameras[1].id: expected a text, got nothing"),
        (CAMERA + CAMERA, "cameras[1].id: expected an id of its own, got 'a' a second time"),
        (
            "[[cameras]]\nid = 'Front door'\nurl = 'demo:'",
            "cameras[0].id: expected 1 to 64 of a-z, 0-9, - and _, other than stats and new, "
            'got "Front door"',
        ),
        (
            "[[cameras]]\nid = 'stats'\nurl = 'demo:'",
            'cameras[0].id: expected 1 to 64 of a-z, 0-9, - and _, other than stats and new, got "stats"',
        ),
        (CAMERA + "detect_fps = 0", "cameras[0].detect_fps: expected a number above 0 to 30, got 0"),
        (CAMERA + "labels = 'person'", 'cameras[0].labels: expected a list, each a text, got "person"'),
        (CAMERA + "labels = [1]", "cameras[0].labels[0]: expected a text, got 1"),
        (
            CAMERA + "recording = 1",
            "cameras[0].recording: expected a table, got 1",
        ),
        (
            RECORDING + "mode = 'sometimes'",
            'cameras[0].recording.mode: expected one of "continuous", "motion", "events", "off", '
            'got "sometimes"',
        ),
        (
            RECORDING + "pre_roll_s = 61",
            "cameras[0].recording.pre_roll_s: expected a number from 0 to 60, got 61",
        ),
        (
            SCHEDULE + "days = ['monday']\nfrom = '22:00'\nto = '06:00'\nmode = 'off'",
            "cameras[0].recording.schedule[0].days: expected each one of mon, tue, wed, thu, fri, sat, sun, "
            'got "monday"',
        ),
        (
            SCHEDULE + "days = ['mon']\nfrom = '24:00'\nto = '06:00'\nmode = 'off'",
            'cameras[0].recording.schedule[0].from: expected a time of day from 00:00 to 23:59, got "24:00"',
        ),
        (
            SCHEDULE + "days = ['mon']\nto = '06:00'\nmode = 'off'",
            "cameras[0].recording.schedule[0].from: expected a text, got nothing",
        ),
        (
            RECORDING + "schedule = [5]",
            "cameras[0].recording.schedule[0]: expected a table, got 5",
        ),
        (CAMERA + "enabled = 1", "cameras[0].enabled: expected true or false, got 1"),
        (CAMERA + "name = 2026-11-23", "cameras[0].name: expected a text, got a date or time"),
        (
            CAMERA + "decode = 'never'",
            'cameras[0].decode: expected one of "auto", "always", "keyframes", got "never"',
        ),
        (
            RTSP_CAMERA + "live_url = 'rtsp://eve:canary77@cam/small'",
            "cameras[0].live_url: write user and password in the first address; the second one uses the same",
        ),
        (
            RTSP_CAMERA + "live_url = 'rtsp://other/small'",
            "cameras[0].live_url: expected a second address rtsp://… on the host of the first one, or "
            "rtsps://… where that is encrypted, since it is given the same user and password",
        ),
        (
            RTSP_CAMERA + "live_url = 'demo:'",
            "cameras[0].live_url: expected a second address rtsp://… on the host of the first one, or "
            "rtsps://… where that is encrypted, since it is given the same user and password",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_key_expectation_and_finding(text: str, message: str) -> None:
    """One line that says all that is needed to put it right."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_text_that_is_no_toml_is_named_with_its_line() -> None:
    """The place is enough to find it."""
    with pytest.raises(ConfigError, match=r"expected TOML.*line 2"):
        parse("[server]\nport = = 1")


def test_what_a_camera_s_owner_wants_recorded_is_read() -> None:
    """Weekdays and times of day become numbers; a time over midnight ends on the next day."""
    text = RECORDING + "mode = 'motion'\npre_roll_s = 2\nkeep_days = 14\nsound = false\n"
    text += (
        "[[cameras.recording.schedule]]\ndays = ['mon', 'sun']\nfrom = '22:30'\nto = '24:00'\nmode = 'off'\n"
    )
    text += "[[cameras.recording.schedule]]\ndays = ['sat']\nfrom = '00:00'\nto = '00:00'\nmode = 'events'\n"
    assert parse(text).cameras[0].recording == RecordingPolicy(
        mode=RecordingMode.MOTION,
        pre_roll_s=2.0,
        schedule=(
            ScheduleEntry(frozenset({0, 6}), 22 * 60 + 30, 24 * 60, RecordingMode.OFF),
            ScheduleEntry(frozenset({5}), 0, 24 * 60, RecordingMode.EVENTS),
        ),
        keep_days=14.0,
        sound=False,
    )


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """Not there, or not text."""
    file = tmp_path / "nightjar.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"nightjar\.toml: "):
        load(file)


def test_a_wrong_camera_address_is_refused_without_its_password(tmp_path: Path) -> None:
    """The line goes to a terminal or a journal."""
    file = tmp_path / "nightjar.toml"
    file.write_text('[[cameras]]\nid = "a"\nurl = "gopher://admin:canary77@host/"')
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert "cameras[0].url" in str(caught.value)
    assert "canary77" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_is_accepted(host: str) -> None:
    """In each of its spellings."""
    assert ServerSettings(host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "fd00::5"])
def test_another_address_is_taken_and_known_to_be_none_of_loopback(host: str) -> None:
    """Whoever reaches it over the network has to log in."""
    chosen = with_overrides(Config(), host=host, port=9000).server
    assert (chosen.host, chosen.is_local) == (host, False)
    assert ServerSettings("127.0.0.1").is_local


@pytest.mark.parametrize("host", ["box.local", "", "localhost.evil.example", "0.0.0.0:8080"])
def test_a_name_is_no_address_to_listen_on(host: str) -> None:
    """Whose address a name is may change; which ones are listened on decides who has to log in."""
    with pytest.raises(ConfigError, match=r"server\.host: expected an address of this machine"):
        with_overrides(Config(), host=host)


def test_the_command_line_goes_before_the_file() -> None:
    """What is not given on it stays as the file says."""
    chosen = with_overrides(parse("[server]\nport = 9000"), data=Path("/d"), host="::1")
    assert (chosen.server, chosen.storage.data) == (ServerSettings("::1", 9000), Path("/d"))


def test_a_port_out_of_range_on_the_command_line_is_refused() -> None:
    """The message names the option."""
    with pytest.raises(ConfigError, match=r"--port: expected a whole number from 0 to 65535, got 70000"):
        with_overrides(Config(), port=70_000)


def test_the_demo_adds_its_camera_unless_the_file_has_one_of_that_id() -> None:
    """The owner's own goes first."""
    assert with_overrides(Config(), demo=True).cameras == (config.DEMO_CAMERA,)
    own = parse('[[cameras]]\nid = "demo"\nurl = "file:///a.mp4"')
    assert with_overrides(own, demo=True).cameras == own.cameras


def test_without_a_file_the_default_one_is_read_if_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service needs no options."""
    file = tmp_path / "nightjar.toml"
    monkeypatch.setattr(config, "DEFAULT_FILE", file)
    assert load(None) == Config()
    file.write_text("[server]\nport = 8181")
    assert load(None).server.port == 8181


def test_footage_lies_in_the_datas_folder_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    """Nobody has to name a storage path."""
    config = parse('[storage]\ndata = "state"', tmp_path)
    assert config.footage_paths == (StoragePath(tmp_path / "state/footage"),)


def test_storage_paths_are_read_with_their_roles(tmp_path: Path) -> None:
    """Relative ones start at the file's folder, as every path does."""
    text = """
        [[storage_paths]]
        path = "fast"
        move_after_days = 2
        [[storage_paths]]
        path = "/mnt/big"
        role = "cold"
        most_bytes = 5000000
    """
    assert parse(text, tmp_path).footage_paths == (
        StoragePath(tmp_path / "fast", move_after_days=2.0),
        StoragePath(Path("/mnt/big"), Role.COLD, most_bytes=5_000_000),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[storage_paths]]\npath = "/a"\n[[storage_paths]]\npath = "/a"',
            'storage_paths[1].path: expected a path of its own, got "/a" a second time',
        ),
        (
            '[[storage_paths]]\npath = "/a"\nrole = "cold"',
            "storage_paths: expected a hot storage path to record to, got cold ones alone",
        ),
        (
            '[[storage_paths]]\npath = "/a"\nrole = "cold"\nmove_after_days = 1',
            "storage_paths[0].move_after_days: expected a hot storage path, got a cold one",
        ),
        ("storage_paths = 3", "storage_paths: expected [[storage_paths]] tables, got 3"),
    ],
)
def test_storage_paths_that_make_no_sense_are_refused(text: str, message: str) -> None:
    """With the key, what was expected and what came."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert str(caught.value) == message
