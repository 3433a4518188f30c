"""The secrets that browsers and programs show: 256 random bits, of which the database has but the hash."""

import hashlib
import re
import secrets

from appliance.domain.ids import TokenId

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
TOKEN = re.compile(rf"nj_([0-9a-f]{{24}})_({SECRET.pattern})")


def new_secret() -> str:
    """Return 43 characters that stand for 256 random bits."""
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Return whether a text has the form of a secret; anything else need not be looked for."""
    return SECRET.fullmatch(text) is not None


def hash_of(secret: str) -> bytes:
    """Return what the database keeps: a random secret of this length needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def token_text(token_id: TokenId, secret: str) -> str:
    """Return an API token as it is shown, once."""
    return f"nj_{token_id}_{secret}"


def parts_of(text: str) -> tuple[TokenId, str] | None:
    """Return the id and the secret of an API token, or ``None`` when it has another form."""
    found = TOKEN.fullmatch(text)
    return None if found is None else (TokenId(found[1]), found[2])
