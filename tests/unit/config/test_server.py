"""How the server is reached, as the file says it."""

from pathlib import Path

import pytest

from appliance.cli import main
from appliance.config import ServerSettings, TlsMode, parse, with_overrides
from appliance.errors import ConfigError
from tests.support.certificates import written_pair

PAIR = 'certificate = "a.crt"\nkey = "a.key"\n'


def server(text: str, folder: Path = Path("/etc/nightjar")) -> ServerSettings:
    """Return what a file with that ``[server]`` section says."""
    return parse(f"[server]\n{text}", folder).server


@pytest.mark.parametrize(
    ("text", "is_tls"),
    [
        ("", False),
        ('tls = "on"', True),
        ('tls = "off"', False),
        (PAIR, True),
        (f'tls = "off"\n{PAIR}', False),
    ],
)
def test_on_loopback_tls_is_spoken_where_it_is_asked_for(text: str, is_tls: bool) -> None:
    """By the word, or by a certificate that was named."""
    assert server(text).reach.is_tls is is_tls


def test_the_files_of_a_certificate_are_found_from_the_configurations_folder() -> None:
    """As all relative paths."""
    assert server(PAIR).own_certificate == (Path("/etc/nightjar/a.crt"), Path("/etc/nightjar/a.key"))
    assert server("").own_certificate is None


def test_names_and_proxies_are_read() -> None:
    """In their usual form."""
    reach = server(
        'names = ["NVR.example", "fd00::9"]\ntrusted_proxies = ["192.168.1.2", "10.0.0.0/24"]'
    ).reach
    assert reach.names == ("nvr.example", "fd00::9")
    assert [str(network) for network in reach.proxies] == ["192.168.1.2/32", "10.0.0.0/24"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('tls = "maybe"', 'server.tls: expected one of "auto", "on", "off", got "maybe"'),
        ('certificate = "a.crt"', "server.key: expected certificate and key together"),
        ('key = "a.key"', "server.certificate: expected certificate and key together"),
        ('names = ["https://nvr.example"]', "server.names: expected a host name or an address"),
        ('names = ["nvr.example:443"]', "server.names: expected a host name or an address"),
        ('names = ["*.example"]', "server.names: expected a host name or an address"),
        ('trusted_proxies = ["proxy"]', "server.trusted_proxies: expected an address such as"),
        ('trusted_proxies = ["0.0.0.0/0"]', "which is everybody"),
        ('trusted_proxies = ["10.0.0.1/8"]', "server.trusted_proxies: expected an address such as"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_key(text: str, message: str) -> None:
    """A slip of the hand neither opens the box nor leaves it unreachable without a word."""
    with pytest.raises(ConfigError) as raised:
        server(text)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_command_line_s_host_keeps_the_rest_of_the_section() -> None:
    """Who listens elsewhere for once has the same certificate."""
    config = with_overrides(parse(f'[server]\ntls = "on"\n{PAIR}'), host="::1", port=0)
    assert (config.server.tls, config.server.host) == (TlsMode.ON, "::1")
    assert config.server.own_certificate is not None


def test_the_check_looks_into_the_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the service would only complain of at its start is said before."""
    pair = written_pair(tmp_path, "a")
    file = tmp_path / "nightjar.toml"
    file.write_text(f"[server]\n{PAIR}")
    assert main(["config", "check", str(file)]) == 0
    pair.key.write_text("no key")
    assert main(["config", "check", str(file)]) == 2
    said = capsys.readouterr().err
    assert "server.certificate: " in said
    assert "a.key: expected a key in PEM" in said
