"""Whom to ask: nobody by default, and only an address that things are sent to."""

import pytest

from appliance.config import parse
from appliance.errors import ConfigError
from appliance.second_look.settings import Least, Settings

KEY = "canary-key-8271"


def test_nobody_is_asked_by_default() -> None:
    """Without an address there is no second look, whatever else is set."""
    assert not parse("").second_look.is_on
    assert not parse('[second_look]\nmodel = "x"').second_look.is_on


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://192.168.1.5:11434/v1", "http://192.168.1.5:11434/v1/chat/completions"),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"),
        ("https://box.example/v1/chat/completions", "https://box.example/v1/chat/completions"),
    ],
)
def test_an_address_of_the_lan_or_the_box_is_taken(address: str, url: str) -> None:
    """With or without the path of chat completions."""
    settings = parse(f'[second_look]\naddress = "{address}"\nmodel = "x"\nmin_severity = "high"').second_look
    assert (settings.is_on, settings.url, settings.min_severity) == (True, url, Least.HIGH)


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://box.example/v1", "file:///etc/passwd", "box.example", "http://user:secret@box.example/v1"),
        *("http://169.254.169.254/v1", "http://[fd00:ec2::254]/v1", "http://0.0.0.0/v1", "http:///v1"),
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    """Other schemes, credentials in the address, link-local and metadata addresses; it is not repeated."""
    with pytest.raises(ConfigError) as err:
        parse(f'[second_look]\naddress = "{address}"\nmodel = "x"')
    assert str(err.value).startswith("second_look: expected") or "nothing is sent to" in str(err.value)
    assert "secret" not in str(err.value)


@pytest.mark.parametrize("more", ["", 'model = ""', 'model = "x\\ty"', 'model = "x"\nkey = "a b"'])
def test_a_model_has_a_name_and_a_key_is_one_word(more: str) -> None:
    """What cannot be right is refused at the start."""
    with pytest.raises(ConfigError, match=r"second_look: (model|key): expected"):
        parse(f'[second_look]\naddress = "http://box.example/v1"\n{more}')


def test_the_key_is_shown_nowhere() -> None:
    """Not even where settings are printed."""
    settings = Settings("http://box.example/v1?token=canary", "x", KEY)
    assert KEY not in repr(settings)
    assert "canary" not in repr(settings)
