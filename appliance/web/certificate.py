"""Certificates: what is said of one, what is wrong with one, and how the device's own is made."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import ConfigError

DAYS = 820
"""How long the device's certificate holds. Apple's systems take none that holds for more than 825 days."""
RENEWED_DAYS = 30
"""Before its end it is made anew."""
BACKDATED_DAYS = 1
"""Clocks of phones are behind at times."""
DAY_S = 86_400
NAME_LENGTH = 64
"""Of a certificate's common name (X.520)."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is to be known of a certificate.

    Attributes:
        names: the host names and addresses for which it is, in lower case.
        begins: when it becomes valid.
        ends: when it is valid no more.
        fingerprint: the SHA-256 of it, as browsers show it.
    """

    names: frozenset[str]
    begins: WallUs
    ends: WallUs
    fingerprint: str

    def holds(self, names: frozenset[str], now: WallUs) -> bool:
        """Return whether it is for all these names, and for a while yet."""
        return names <= self.names and self.begins <= now < self.ends - RENEWED_DAYS * DAY_S * US_PER_S


def read_pair(certificate: Path, key: Path) -> Certificate:
    """Return what is to be known of a certificate whose key is the one in that file.

    Raises:
        ConfigError: a file is missing or no such thing, or the two do not belong together.
    """
    try:
        pem = certificate.read_bytes()
        found = x509.load_pem_x509_certificate(pem)
    except OSError as err:
        raise ConfigError(f"{certificate}: cannot be read: {err.strerror}") from err
    except ValueError as err:
        raise ConfigError(f"{certificate}: expected a certificate in PEM, got something else") from err
    context_of(certificate, key)
    return _said(found)


def context_of(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the context of a server with that certificate: TLS 1.2 and 1.3, forward secrecy, HTTP/1.1.

    Raises:
        ConfigError: the files cannot be read, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")  # of TLS 1.2; those of 1.3 are all sound
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # A key with a password would make OpenSSL ask at the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as err:
        expected = "a key in PEM without a password that belongs to the certificate"
        raise ConfigError(f"{key}: expected {expected}, got {err.reason or 'something else'}") from err
    except OSError as err:
        raise ConfigError(f"{key}: cannot be read: {err.strerror}") from err
    return context


def fault(certificate: Path, key: Path, now: WallUs) -> str | None:
    """Return what is wrong with an owner's certificate and its key, as one line; ``None`` when nothing is."""
    try:
        found = read_pair(certificate, key)
    except ConfigError as err:
        return str(err)
    if key.stat().st_mode & 0o004:
        return (
            f"{key}: expected a file that not everybody may read, got the mode {key.stat().st_mode & 0o777:o}"
        )
    if now < found.begins:
        return (
            f"{certificate}: expected a certificate that is valid, got one that begins {_day(found.begins)}"
        )
    if now >= found.ends:
        return f"{certificate}: expected a certificate that is valid, got one that ended {_day(found.ends)}"
    return None


def make_pair(names: frozenset[str], now: WallUs, key: bytes | None = None) -> tuple[bytes, bytes]:
    """Return a certificate of this device for these names, signed by itself, and its key, both in PEM.

    Args:
        names: host names and addresses.
        now: when it is made.
        key: the key of a former one, in PEM, which it keeps; left out, a new one is made (ECDSA, P-256).
    """
    private = None if key is None else serialization.load_pem_private_key(key, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        private = ec.generate_private_key(ec.SECP256R1())
    at = dt.datetime.fromtimestamp(now / US_PER_S, dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _common_name(names))])
    built = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - dt.timedelta(days=BACKDATED_DAYS))
        .not_valid_after(at + dt.timedelta(days=DAYS - BACKDATED_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return built.public_bytes(serialization.Encoding.PEM), pem


def _said(found: x509.Certificate) -> Certificate:
    try:
        alternatives = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        alternatives = x509.SubjectAlternativeName([])
    names = alternatives.get_values_for_type(x509.DNSName)
    addresses = alternatives.get_values_for_type(x509.IPAddress)
    return Certificate(
        frozenset([*(name.lower() for name in names), *(str(address) for address in addresses)]),
        _wall(found.not_valid_before_utc),
        _wall(found.not_valid_after_utc),
        found.fingerprint(hashes.SHA256()).hex(":").upper(),
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _common_name(names: frozenset[str]) -> str:
    local = sorted(name for name in names if name.endswith(".local"))
    return (local[0] if local else "nightjar")[:NAME_LENGTH]


def _wall(at: dt.datetime) -> WallUs:
    return WallUs(round(at.timestamp()) * US_PER_S)


def _day(at: WallUs) -> str:
    return dt.datetime.fromtimestamp(at / US_PER_S, dt.UTC).strftime("on %Y-%m-%d")
