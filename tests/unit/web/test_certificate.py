"""Certificates: the device's own, the owner's, and how a new one is taken up."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import ConfigError
from appliance.runtime.health import Health, Level
from appliance.web.certificate import context_of, fault, make_pair, read_pair
from appliance.web.tls import Pair, Tls
from tests.support.certificates import DAY_US, written_pair
from tests.support.clock import SimulatedClock

NAMES = frozenset({"box.local", "box", "192.168.1.5", "fd00::5", "127.0.0.1"})


def made(tmp_path: Path, now: WallUs, names: frozenset[str] = NAMES) -> Pair:
    """Write a certificate of the device as of that time."""
    pair = Pair(tmp_path / "a.crt", tmp_path / "a.key")
    for path, content in zip((pair.certificate, pair.key), make_pair(names, now), strict=True):
        path.write_bytes(content)
    pair.key.chmod(0o600)
    return pair


def test_the_devices_certificate_is_one_that_browsers_can_keep(tmp_path: Path) -> None:
    """ECDSA on P-256, for a server, for all names, and for no longer than Apple's systems take."""
    now = SimulatedClock().wall_us()
    pair = made(tmp_path, now)
    found = read_pair(pair.certificate, pair.key)
    assert found.names == NAMES
    assert found.begins < now < found.ends
    assert (found.ends - found.begins) / DAY_US <= 825
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert len(found.fingerprint.split(":")) == 32


def test_tls_below_1_2_and_ciphers_without_forward_secrecy_are_not_spoken(tmp_path: Path) -> None:
    """What an old browser would need is not offered."""
    pair = made(tmp_path, SimulatedClock().wall_us())
    context = context_of(pair.certificate, pair.key)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    names = [str(cipher["name"]) for cipher in context.get_ciphers()]
    assert [name for name in names if not name.startswith(("TLS_", "ECDHE-"))] == []
    assert [name for name in names if "CBC" in name or (name.endswith("-SHA384") and "GCM" not in name)] == []


def spoil(change: str) -> Callable[[Pair], None]:
    """Return what makes a pair unusable in that way."""

    def do(pair: Pair) -> None:
        if change == "no certificate":
            pair.certificate.unlink()
        elif change == "no key":
            pair.key.unlink()
        elif change == "text":
            pair.certificate.write_text("hello")
        elif change == "broken key":
            pair.key.write_text("hello")
        elif change == "foreign key":
            pair.key.write_bytes(make_pair(NAMES, SimulatedClock().wall_us())[1])
        elif change == "open key":
            pair.key.chmod(0o644)

    return do


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("no certificate", r"a\.crt: cannot be read: No such file"),
        ("no key", r"a\.key: cannot be read: No such file"),
        ("text", r"a\.crt: expected a certificate in PEM"),
        ("broken key", r"a\.key: expected a key in PEM"),
        ("foreign key", r"a\.key: expected a key in PEM .* that belongs to the certificate"),
        ("open key", r"a\.key: expected a file that not everybody may read, got the mode 644"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_one_line(tmp_path: Path, change: str, words: str) -> None:
    """It names the file, what was expected and what came."""
    now = SimulatedClock().wall_us()
    pair = made(tmp_path, now)
    assert fault(pair.certificate, pair.key, now) is None
    spoil(change)(pair)
    said = fault(pair.certificate, pair.key, now)
    assert said is not None
    assert "\n" not in said
    assert re.search(words, said), said


@pytest.mark.parametrize(("days", "words"), [(-3, "begins on"), (900, "ended on")])
def test_a_certificate_out_of_its_time_is_said(tmp_path: Path, days: int, words: str) -> None:
    """With the day, since that is what its owner has to look at."""
    now = SimulatedClock().wall_us()
    pair = made(tmp_path, now)
    said = fault(pair.certificate, pair.key, WallUs(now + days * DAY_US))
    assert said is not None
    assert words in said


def tls(tmp_path: Path, clock: SimulatedClock, health: Health, own: Pair | None = None) -> Tls:
    """Return what knows the certificate of a data folder."""
    return Tls(tmp_path / "keys", lambda: NAMES, clock, health, own)


def test_the_devices_certificate_stays_the_same_over_starts(tmp_path: Path) -> None:
    """A fingerprint that somebody has compared goes on to hold; the key is its owner's alone."""
    clock = SimulatedClock()
    first = tls(tmp_path, clock, Health())
    first.load()
    second = tls(tmp_path, clock, Health())
    second.load()
    assert first.fingerprint == second.fingerprint is not None
    assert (tmp_path / "keys" / "tls.key").stat().st_mode & 0o777 == 0o600
    assert not second.is_own


def test_it_is_made_anew_for_a_new_name_and_before_its_end_with_the_same_key(tmp_path: Path) -> None:
    """Names that it had stay in it, so that a network that comes and goes costs one new certificate."""
    clock, names = SimulatedClock(), set(NAMES)
    of_device = Tls(tmp_path / "keys", lambda: frozenset(names), clock, Health())
    of_device.load()
    first, key = of_device.fingerprint, (tmp_path / "keys" / "tls.key").read_bytes()
    names.add("10.0.0.9")
    again = Tls(tmp_path / "keys", lambda: frozenset(names), clock, Health())
    again.load()
    second = again.fingerprint
    assert second != first
    names.discard("10.0.0.9")
    third = Tls(tmp_path / "keys", lambda: frozenset(names), clock, Health())
    third.load()
    assert third.fingerprint == second
    clock.step_wall(800 * 86_400)
    last = Tls(tmp_path / "keys", lambda: frozenset(names), clock, Health())
    last.load()
    assert last.fingerprint != second
    assert (tmp_path / "keys" / "tls.key").read_bytes() == key


def test_a_broken_one_of_the_device_is_made_anew(tmp_path: Path) -> None:
    """Killed between the two files, or damaged: nobody is locked out."""
    tls(tmp_path, SimulatedClock(), Health()).load()
    (tmp_path / "keys" / "tls.key").write_bytes(b"")
    again = tls(tmp_path, SimulatedClock(), Health())
    again.load()
    assert again.fingerprint


def test_a_new_certificate_of_the_owner_is_taken_up_and_a_bad_one_is_not(tmp_path: Path) -> None:
    """The former one stays until the new one is whole; the health says what is wrong meanwhile."""
    clock, health = SimulatedClock(), Health()
    own = written_pair(tmp_path)
    clock.step_wall((read_pair(own.certificate, own.key).begins - clock.wall_us()) / US_PER_S + 86_400)
    watched = tls(tmp_path, clock, health, own)
    watched.load()
    first = watched.fingerprint
    assert watched.is_own
    new = written_pair(tmp_path, "new")
    own.certificate.write_bytes(new.certificate.read_bytes())
    watched.look()
    assert watched.fingerprint == first
    (part,) = health.parts()
    assert part.level is Level.DEGRADED
    assert "belongs to the certificate" in part.reason
    own.key.write_bytes(new.key.read_bytes())
    watched.look()
    assert watched.fingerprint == read_pair(new.certificate, new.key).fingerprint != first
    assert health.parts()[0].level is Level.OK


def test_a_start_with_a_broken_certificate_serves_with_the_devices(tmp_path: Path) -> None:
    """Recording goes on, TLS is spoken, and the health says why the browser warns."""
    health = Health()
    own = written_pair(tmp_path)
    own.key.unlink()
    watched = tls(tmp_path, SimulatedClock(), health, own)
    watched.load()
    assert watched.fingerprint
    assert not watched.is_own
    assert health.parts()[0].level is Level.DEGRADED
    whole = written_pair(tmp_path, "whole")
    own.certificate.write_bytes(whole.certificate.read_bytes())
    own.key.write_bytes(whole.key.read_bytes())
    watched.look()
    assert watched.is_own


def test_without_a_certificate_there_is_no_context(tmp_path: Path) -> None:
    """Who forgot to load one is told so, and nothing is served in the clear."""
    with pytest.raises(ConfigError, match="no certificate is loaded"):
        _ = tls(tmp_path, SimulatedClock(), Health()).context
