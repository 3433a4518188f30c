"""Page tokens."""

import base64

import pytest

from appliance.store.queries import Position
from appliance.web import page_token
from appliance.web.problems import Rejected


@pytest.mark.parametrize("position", [Position(0, ""), Position(-5, "a"), Position(2**62, "é" * 30)])
def test_a_token_leads_back_to_its_position(position: Position) -> None:
    """What a page ended with is where the next one begins."""
    assert page_token.read(page_token.write(position)) == position


def test_no_token_is_the_first_page() -> None:
    """A list begins at its start."""
    assert page_token.read(None) is None


def test_a_token_needs_no_escaping_in_an_address() -> None:
    """It can be pasted into a query as it is."""
    token = page_token.write(Position(1_790_000_000_000_000, "??>>~~"))
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def encoded(raw: bytes) -> str:
    """Return bytes in the outer form of a token."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "zzz",
        "é",
        "a b",
        encoded(b"{}"),
        encoded(b"[1]"),
        encoded(b'["1","a"]'),
        encoded(b'[1,"a",2]'),
        encoded(b'[9223372036854775808,"a"]'),
        encoded(b"\xff\xfe"),
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    """A made-up token is an error that says so, and never reaches the database."""
    with pytest.raises(Rejected) as refused:
        page_token.read(token)
    assert refused.value.field == "page"


@pytest.mark.parametrize("id_", ["x", "", "-1", "1" * 19, "١", "1 "])
def test_a_token_of_another_list_is_refused(id_: str) -> None:
    """Where ids are row numbers, what is none, or is larger than any, is no place in it."""
    with pytest.raises(Rejected, match="another list"):
        page_token.row_of(Position(0, id_))


def test_a_row_s_number_is_read() -> None:
    """As the list wrote it."""
    assert page_token.row_of(Position(0, "41")) == 41
