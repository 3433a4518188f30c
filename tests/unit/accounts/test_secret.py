"""Secrets and names: their forms, and how they are compared."""

import pytest

from appliance.accounts.name import key_of
from appliance.accounts.secret import hash_of, is_secret, new_secret, parts_of, token_text
from appliance.domain.ids import TokenId, new_id
from appliance.domain.time import WallUs


def test_a_secret_has_256_bits_and_is_never_the_same() -> None:
    """Nobody guesses one."""
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(is_secret(one) and len(one) == 43 for one in made)
    assert len(hash_of(made.pop())) == 32


def test_a_token_is_taken_apart_as_it_was_put_together() -> None:
    """Whatever characters its secret has, the underscore among them."""
    for _ in range(200):
        token_id, secret = TokenId(new_id(WallUs(1))), new_secret()
        assert parts_of(token_text(token_id, secret)) == (token_id, secret)


@pytest.mark.parametrize("text", ["", "nj_", "nj__", "nj_1_2", "NJ_" + "0" * 24 + "_" + "a" * 43, "x" * 5000])
def test_another_form_is_no_token(text: str) -> None:
    """It need not be looked for."""
    assert parts_of(text) is None
    assert not is_secret(text)


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "ann"), (" Ann ", "ann"), ("Straße", "STRASSE"), ("caf\u00e9", "cafe\u0301")]
)
def test_names_that_look_alike_are_the_same(one: str, other: str) -> None:
    """Nobody passes for another user by a capital letter."""
    assert key_of(one) == key_of(other)
