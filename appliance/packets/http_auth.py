"""How a camera's HTTP server is told user and password: digest where it can be, basic where it must; pure."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from appliance.domain.camera import Credentials

_CHALLENGE = re.compile(r"(?:^|,)\s*(digest|basic)(?:\s+|$)", re.IGNORECASE)
_FIELD = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_ESCAPED = re.compile(r"\\(.)")
_COUNT = "00000001"


def _md5(text: str) -> str:
    return hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()


_HASHES: Mapping[str, Callable[[str], str]] = {"MD5": _md5, "SHA-256": _sha256}
_BEST_FIRST = ("SHA-256", "MD5")


def authorization(
    challenges: Iterable[str], credentials: Credentials, target: str, cnonce: str
) -> str | None:
    """Return the ``Authorization`` of a GET that answers the best challenge; ``None`` where none is known.

    RFC 7616 (digest with MD5 or SHA-256, also ``-sess``, ``qop=auth`` or the older form without) and
    RFC 7617 (basic). Each nonce is used once.

    Args:
        challenges: the ``WWW-Authenticate`` headers, decoded as Latin-1, as ``http.client`` does.
        credentials: of the camera.
        target: the request's path and query, exactly as sent.
        cnonce: fresh random text of our own, without quotes.
    """
    found = [challenge for header in challenges for challenge in _split(header)]
    for name in _BEST_FIRST:
        for scheme, fields in found:
            if scheme == "digest" and _algorithm(fields) == name and _can_answer(fields):
                return _digest(fields, _HASHES[name], credentials, target, cnonce)
    if any(scheme == "basic" for scheme, _ in found):
        pair = f"{credentials.username}:{credentials.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"
    return None


def is_stale(challenges: Iterable[str]) -> bool:
    """Return whether the server says that only the nonce was too old, not the password wrong."""
    found = (fields for header in challenges for _, fields in _split(header))
    return any(fields.get("stale", "").lower() == "true" for fields in found)


def _split(header: str) -> list[tuple[str, dict[str, str]]]:
    """Return the challenges in one header, each with its fields; a line that was folded is made one."""
    text = " ".join(header.encode("latin-1", "replace").decode("utf-8", "surrogateescape").split())
    starts = list(_CHALLENGE.finditer(text))
    ends = [*(start.start() for start in starts), len(text)][1:]
    return [
        (start[1].lower(), _fields(text[start.end() : end])) for start, end in zip(starts, ends, strict=False)
    ]


def _fields(text: str) -> dict[str, str]:
    return {
        found[1].lower(): _ESCAPED.sub(r"\1", found[2]) if found[2] is not None else found[3]
        for found in _FIELD.finditer(text)
    }


def _algorithm(fields: Mapping[str, str]) -> str:
    return fields.get("algorithm", "MD5").upper().removesuffix("-SESS")


def _can_answer(fields: Mapping[str, str]) -> bool:
    qop = fields.get("qop")
    return "nonce" in fields and "realm" in fields and (qop is None or "auth" in _listed(qop))


def _listed(text: str) -> list[str]:
    return [item.strip().lower() for item in text.split(",")]


def _digest(
    fields: Mapping[str, str],
    hashed: Callable[[str], str],
    credentials: Credentials,
    target: str,
    cnonce: str,
) -> str:
    realm, nonce, has_qop = fields["realm"], fields["nonce"], "qop" in fields
    secret = hashed(f"{credentials.username}:{realm}:{credentials.password}")
    if fields.get("algorithm", "").upper().endswith("-SESS"):
        secret = hashed(f"{secret}:{nonce}:{cnonce}")
    middle = f"{nonce}:{_COUNT}:{cnonce}:auth" if has_qop else nonce
    response = hashed(f"{secret}:{middle}:{hashed(f'GET:{target}')}")
    said = {"username": credentials.username, "realm": realm, "nonce": nonce, "uri": target}
    parts = [f"{key}={_quoted(value)}" for key, value in said.items()] + [f'response="{response}"']
    if "opaque" in fields:
        parts.append(f"opaque={_quoted(fields['opaque'])}")
    if "algorithm" in fields:
        parts.append(f"algorithm={re.sub('[^A-Za-z0-9-]', '', fields['algorithm'])}")
    if has_qop:
        parts.append(f'qop=auth, nc={_COUNT}, cnonce="{cnonce}"')
    return f"Digest {', '.join(parts)}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bytes(text: str) -> bytes:
    """Return the bytes that the server sent, or those of UTF-8 for what is ours."""
    return text.encode("utf-8", "surrogateescape")
