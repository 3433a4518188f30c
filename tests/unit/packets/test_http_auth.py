"""What a camera's challenge is answered with, against the examples of the standards."""

import hashlib

import pytest

from appliance.domain.camera import Credentials
from appliance.packets.http_auth import authorization, is_stale

MUFASA = Credentials("Mufasa", "Circle of Life")
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_digest_is_that_of_rfc_7616(algorithm: str, response: str) -> None:
    """Its section 3.9.1 has one request with both algorithms."""
    said = authorization([RFC_7616.format(algorithm)], MUFASA, "/dir/index.html", CNONCE) or ""
    assert f'response="{response}"' in said
    for field in (
        'Digest username="Mufasa"',
        'realm="http-auth@example.org"',
        'uri="/dir/index.html"',
        f"algorithm={algorithm}",
        "qop=auth, nc=00000001",
        f'cnonce="{CNONCE}"',
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    ):
        assert field in said


def test_the_digest_without_qop_is_that_of_rfc_2069() -> None:
    """Old cameras know no other; the example with the erratum's response."""
    challenge = (
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    said = authorization([challenge], Credentials("Mufasa", "CircleOfLife"), "/dir/index.html", "x")
    assert said is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in said
    assert "qop" not in said
    assert "cnonce" not in said


def md5(text: str) -> str:
    """Return the hash as the standard writes it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_a_session_digest_hashes_the_secret_with_both_nonces() -> None:
    """RFC 7616, 3.4.2, written out."""
    challenge = 'Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"'
    said = authorization([challenge], Credentials("u", "p"), "/", "c") or ""
    secret = md5(f"{md5('u:r:p')}:n:c")
    request = md5("GET:/")
    response = md5(f"{secret}:n:00000001:c:auth:{request}")
    assert f'response="{response}"' in said


def test_basic_is_base64_of_utf_8() -> None:
    """RFC 7617, section 2.1 has this example."""
    said = authorization(['Basic realm="foo", charset="UTF-8"'], Credentials("test", "123£"), "/", "c")
    assert said == "Basic dGVzdDoxMjPCow=="


DIGEST = 'Digest realm="r", nonce="n", algorithm={}, qop="auth"'


@pytest.mark.parametrize(
    ("challenges", "begins"),
    [
        (['Basic realm="r"', DIGEST.format("MD5")], "Digest"),
        (['Basic realm="r", ' + DIGEST.format("MD5")], "Digest"),
        ([DIGEST.format("MD5") + ', Basic realm="r"'], "Digest"),
        ([DIGEST.format("SHA-512-256"), 'Basic realm="r"'], "Basic"),
        (['Digest realm="r", nonce="n", qop="auth-int"', 'Basic realm="r"'], "Basic"),
        (['Digest realm="r"', "basic"], "Basic"),
    ],
)
def test_the_best_challenge_that_can_be_answered_is(challenges: list[str], begins: str) -> None:
    """A password goes over the wire readable only where the camera knows nothing else."""
    said = authorization(challenges, MUFASA, "/", "c") or ""
    assert said.startswith(begins)


def test_the_stronger_hash_is_taken() -> None:
    """Whichever of the two a camera names first."""
    for challenges in (
        [DIGEST.format("MD5"), DIGEST.format("SHA-256")],
        [DIGEST.format("SHA-256"), DIGEST.format("MD5")],
    ):
        assert "algorithm=SHA-256" in (authorization(challenges, MUFASA, "/", "c") or "")


@pytest.mark.parametrize("challenge", ["", "Negotiate", "Bearer realm=x", "Digest", "Digest ,,=", 'Digest "'])
def test_what_cannot_be_answered_is_not(challenge: str) -> None:
    """Nothing is sent to a server that asks for something else."""
    assert authorization([challenge], MUFASA, "/", "c") is None


def test_no_line_can_be_slipped_into_the_request() -> None:
    """A folded header and quotes in it are sent back as one quoted value."""
    challenge = 'Digest realm="a\r\n b\\"c", nonce="n", algorithm="MD5\r\n X: y"'
    said = authorization([challenge], Credentials('u"\\', "p"), "/", "c")
    assert said is None or "\n" not in said
    plain = authorization(['Digest realm="a\r\n b\\"c", nonce="n"'], Credentials('u"\\', "p"), "/", "c") or ""
    assert '\\"c"' in plain
    assert 'username="u\\"\\\\"' in plain
    assert "\r" not in plain
    assert "\n" not in plain


def test_a_realm_is_sent_back_byte_by_byte() -> None:
    """UTF-8 and Latin-1 alike: the camera compares what it sent."""
    for realm in ("Küche".encode(), "Küche".encode("latin-1")):
        header = b'Digest realm="' + realm + b'", nonce="n"'
        said = authorization([header.decode("latin-1")], MUFASA, "/", "c") or ""
        assert realm in said.encode("utf-8", "surrogateescape")


def test_a_stale_nonce_is_no_wrong_password() -> None:
    """The camera says so itself."""
    assert is_stale(['Digest realm="r", nonce="n", stale=TRUE'])
    assert not is_stale(['Digest realm="r", nonce="n", stale=false', 'Basic realm="stale=true"'])
