"""Digest authentication (RFC 2617), from the camera's side."""

import hashlib
import re
import secrets

REALM = "camera"
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Digest:
    """Asks one client for a user's password and checks the answer."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._secret = _md5(f"{user}:{REALM}:{password}")
        self._nonce = secrets.token_hex(16)

    @property
    def challenge(self) -> str:
        """The value of ``WWW-Authenticate``."""
        return f'Digest realm="{REALM}", nonce="{self._nonce}", algorithm=MD5, qop="auth"'

    def accepts(self, method: str, header: str) -> bool:
        """Return whether an ``Authorization`` header proves that the client knows the password."""
        given = {name: quoted or plain for name, quoted, plain in _FIELD.findall(header)}
        if given.get("username") != self._user or given.get("nonce") != self._nonce:
            return False
        request = _md5(f"{method}:{given.get('uri', '')}")
        middle = [self._nonce]
        if "qop" in given:
            middle += [given.get("nc", ""), given.get("cnonce", ""), given["qop"]]
        return given.get("response") == _md5(":".join((self._secret, *middle, request)))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
