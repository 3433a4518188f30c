"""The seal: secrets lie in the database encrypted, with a key that lies beside it in a file of its own.

Whoever gets hold of the database, its log or a copy of it without the key has none of the secrets.
AES-256-GCM; the place of each secret (table and row) is authenticated with it, so that one row's cannot be
put into another.
"""

import hashlib
import logging
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from appliance.errors import SealBroken, StoreUnavailable
from appliance.runtime.clock import Clock
from appliance.runtime.private_file import write_private

log = logging.getLogger(__name__)

KEYS = "keys"
"""The folder of the keys, in that of the data."""
SEAL_KEY = "seal.key"
KEY_BYTES = 32
FORM = b"\x01"
"""The first byte of everything that is sealed: of which form the rest is."""
KEY_ID_BYTES = 4
NONCE_BYTES = 12
OPTION = "nightjar_seal"
"""The execution option by which an engine carries the seal to the statements that need it."""


class Seal:
    """Seals and opens secrets; any thread.

    Args:
        key: 32 bytes, or ``None`` where there is none: then nothing can be sealed or opened.
    """

    def __init__(self, key: bytes | None) -> None:
        self._cipher = None if key is None else AESGCM(key)
        self._key_id = b"" if key is None else hashlib.sha256(b"nightjar seal " + key).digest()[:KEY_ID_BYTES]

    def close(self, secret: bytes, place: str) -> bytes:
        """Return the secret sealed for its place, such as ``targets/<id>``.

        Raises:
            SealBroken: there is no key.
        """
        if self._cipher is None:
            raise SealBroken(f"there is no key to seal with: expected {KEYS}/{SEAL_KEY}")
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORM + self._key_id + nonce + self._cipher.encrypt(nonce, secret, _place(place))

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return the secret that was sealed for that place.

        Raises:
            SealBroken: it was sealed with another key, or for another place, or is damaged; the message is
                the end of a sentence for the owner.
        """
        key_id, body = sealed[1 : 1 + KEY_ID_BYTES], sealed[1 + KEY_ID_BYTES :]
        if sealed[:1] != FORM:
            raise SealBroken("it is not of a form that this version knows")
        if self._cipher is None or key_id != self._key_id:
            raise SealBroken(f"it was sealed with another key than {KEYS}/{SEAL_KEY} holds")
        try:
            return self._cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _place(place))
        except (InvalidTag, ValueError) as err:
            raise SealBroken("it is damaged") from err


def _place(place: str) -> bytes:
    return b"nightjar/" + place.encode()


NO_SEAL = Seal(None)


def seal_of(connection: Connection) -> Seal:
    """Return the seal that the connection's engine carries."""
    seal: object = connection.get_execution_options().get(OPTION)
    return seal if isinstance(seal, Seal) else NO_SEAL


def read_seal(data_dir: Path) -> Seal:
    """Return the seal of a data directory, or one without a key where its file is missing or none."""
    try:
        key = (data_dir / KEYS / SEAL_KEY).read_bytes()
    except OSError:
        return NO_SEAL
    return Seal(key) if len(key) == KEY_BYTES else NO_SEAL


def make_seal(data_dir: Path, clock: Clock) -> Seal:
    """Return the seal of a data directory; its key is made at the first start.

    A file that holds no key is moved aside: what was sealed with the lost one can be entered anew.

    Raises:
        StoreUnavailable: the file cannot be read or made.
    """
    path = data_dir / KEYS / SEAL_KEY
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size != KEY_BYTES:
            aside = path.with_name(f"{SEAL_KEY}.broken.{clock.wall_us() // 1_000_000}")
            path.rename(aside)
            log.error("%s holds no key of %d bytes; it now lies at %s", path, KEY_BYTES, aside)
        if not path.exists():
            write_private(path, secrets.token_bytes(KEY_BYTES))
        return Seal(path.read_bytes())
    except OSError as err:
        raise StoreUnavailable(f"{path}: cannot be used: {err.strerror}") from err
