"""How a request has come: names, addresses and the word of proxies."""

from dataclasses import dataclass
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from appliance.web.front import FRONT, Front, Way, client_address, is_secure, plain_address, way_of
from appliance.web.problems import Kind, Rejected
from appliance.web.reach import Reach, network_of
from appliance.web.security import check, expect_private, is_own_host

PROXY = "192.168.1.2"
FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "nvr.example",
}


@dataclass
class Line:
    """A transport that says from where to where it leads."""

    peer: str
    here: str = "192.168.1.5"

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return what a socket's transport would."""
        return {"peername": (self.peer, 50_000), "sockname": (self.here, 8080)}.get(name, default)


def asked(peer: str, headers: dict[str, str], front: Front | None = None) -> web.Request:
    """Return a request that came from there to a server with that front, whose proxy is ``PROXY``."""
    app = web.Application()
    app[FRONT] = front or Front(frozenset({"nvr.example"}), (network_of(PROXY),))
    return make_mocked_request("GET", "/", headers=headers, app=app, transport=cast("Any", Line(peer)))


def test_a_trusted_proxy_is_believed_and_nobody_else() -> None:
    """Whoever else sends these headers is taken for the one who asks, as he came."""
    believed, foreign = asked(PROXY, FORWARDED), asked("192.168.1.77", FORWARDED)
    assert (client_address(believed), is_secure(believed)) == ("203.0.113.9", True)
    assert way_of(believed).host == "nvr.example"
    assert (client_address(foreign), is_secure(foreign)) == ("192.168.1.77", False)
    assert way_of(foreign).host is None


@pytest.mark.parametrize(
    ("passed_on", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("10.9.9.9, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 192.168.1.2", "203.0.113.9"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", PROXY),
        ("203.0.113.9, garbage", PROXY),
        ("", PROXY),
        (", ".join(["192.168.1.2"] * 40), PROXY),
    ],
)
def test_the_client_is_the_last_one_who_is_no_proxy(passed_on: str, client: str) -> None:
    """What stands before may be made up by the client; what is no address ends the search."""
    assert client_address(asked(PROXY, {"X-Forwarded-For": passed_on})) == client


@pytest.mark.parametrize(
    ("proto", "secure"),
    [("https", True), ("HTTPS", True), ("http", False), ("https, http", False), ("", False)],
)
def test_the_scheme_is_what_the_nearest_proxy_says(proto: str, secure: bool) -> None:
    """Of several values the last one is that proxy's own."""
    assert is_secure(asked(PROXY, {"X-Forwarded-Proto": proto})) is secure


def test_a_way_is_known_after_its_client_has_hung_up() -> None:
    """What is written down of a request names its address, though its socket has none any more."""
    request = asked("192.168.1.77", {})
    way = way_of(request)
    cast("Any", request.transport).peer = None
    assert client_address(request) == way.client == "192.168.1.77"


def test_a_connection_that_is_gone_has_come_no_way() -> None:
    """Its socket may be there still, without an address of whoever was at its other end."""
    request = asked("", {})
    cast("Any", request.transport).get_extra_info = lambda _name, default=None: default
    with pytest.raises(Rejected, match="gone"):
        way_of(request)


def test_an_application_without_a_front_believes_nobody() -> None:
    """Loopback is the default."""
    request = make_mocked_request(
        "GET", "/", headers=FORWARDED, app=web.Application(), transport=cast("Any", Line("127.0.0.1"))
    )
    assert (client_address(request), is_secure(request)) == ("127.0.0.1", False)


def test_ipv4_in_an_ipv6_socket_is_ipv4() -> None:
    """So that bounds and lists know it by one name."""
    assert plain_address("::ffff:192.168.1.7") == "192.168.1.7"
    assert plain_address("fe80::1%eth0") == "fe80::1"


LAN = Way(
    "https",
    "192.168.1.5",
    8080,
    "192.168.1.77",
    None,
    frozenset({"box", "box.local", "nvr.example", "[fd00::9]"}),
)


@pytest.mark.parametrize(
    "host",
    ["192.168.1.5:8080", "box:8080", "BOX.local:8080", "nvr.example", "nvr.example:8443", "[fd00::9]:8080"],
)
def test_names_and_the_address_of_arrival_are_our_own(host: str) -> None:
    """A name counts at any port, since routers and proxies have their own."""
    assert is_own_host(host, 8080, LAN)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost:8080",
            "127.0.0.1:8080",
            "192.168.1.6:8080",
            "192.168.1.5",
            "192.168.1.5:8081",
            "evil.example",
        ),
        *("box.local.evil.example:8080", "box.:8080", "nvr.example:x", "nvr.example:999999", "xbox:8080", ""),
    ],
)
def test_every_other_host_is_foreign_in_the_network_too(host: str) -> None:
    """A name that a stranger has bound to this machine's address does not open it."""
    assert not is_own_host(host, 8080, LAN)
    with pytest.raises(Rejected) as refused:
        check("GET", "/", CIMultiDict({"Host": host}), 8080, LAN)
    assert refused.value.kind is Kind.MISDIRECTED


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("https://box:8080", True),
        ("http://box:8080", False),
        ("https://box", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
def test_the_origin_has_the_scheme_and_the_host_of_the_request(origin: str, passes: bool) -> None:
    """A page that a stranger put before the same name without TLS may not use this one."""
    headers = CIMultiDict({"Host": "box:8080", "Origin": origin})
    if passes:
        check("GET", "/api/v1/ws", headers, 8080, LAN)
        return
    with pytest.raises(Rejected) as refused:
        check("GET", "/api/v1/ws", headers, 8080, LAN)
    assert refused.value.kind is Kind.REFUSED


def test_behind_a_proxy_the_host_is_what_the_proxy_was_asked_for() -> None:
    """Its browsers' Origin names that host, over https."""
    way = way_of(asked(PROXY, FORWARDED))
    headers = CIMultiDict({"Host": "192.168.1.5:8080", "Origin": "https://nvr.example"})
    check("POST", "/api/v1/login", headers, 8080, way)
    evil = way_of(asked(PROXY, {**FORWARDED, "X-Forwarded-Host": "evil.example"}))
    with pytest.raises(Rejected):
        check("GET", "/", headers, 8080, evil)


@pytest.mark.parametrize(
    ("scheme", "client", "passes"),
    [
        ("http", "127.0.0.1", True),
        ("http", "::1", True),
        ("http", "192.168.1.5", True),
        ("https", "192.168.1.77", True),
        ("http", "192.168.1.77", False),
    ],
)
def test_nothing_is_answered_in_the_clear_beyond_this_machine(scheme: str, client: str, passes: bool) -> None:
    """Neither a password nor a picture goes through the network readable."""
    way = Way(scheme, "192.168.1.5", 8080, client)
    if passes:
        expect_private(way)
        return
    with pytest.raises(Rejected) as refused:
        expect_private(way)
    assert refused.value.kind is Kind.REFUSED


def test_a_server_on_loopback_goes_by_its_owners_names_alone() -> None:
    """The machine's own name in mDNS is nothing that a stranger in the network could not claim."""
    assert Reach("127.0.0.1").front().names == frozenset()
    assert Reach("127.0.0.1", ("nvr.example", "fd00::9")).front().names == {"nvr.example", "[fd00::9]"}
    assert any(name.endswith(".local") for name in Reach("0.0.0.0").front().names)


@pytest.mark.parametrize(
    ("reach", "url"),
    [
        (Reach("127.0.0.1"), "http://127.0.0.1:8080"),
        (Reach("::1"), "http://[::1]:8080"),
        (Reach("192.168.1.5", is_tls=True), "https://192.168.1.5:8080"),
        (Reach("0.0.0.0", ("nvr.example",), is_tls=True), "https://nvr.example:8080"),
        (Reach("127.0.0.1", ("nvr.example",), (network_of("127.0.0.1"),)), "https://nvr.example"),
    ],
)
def test_people_are_told_an_address_that_leads_here(reach: Reach, url: str) -> None:
    """With the scheme that is spoken, and the name that its owner gave it."""
    assert reach.url(8080) == url


@pytest.mark.parametrize(
    ("reach", "port", "link"),
    [
        (Reach("0.0.0.0", ("nvr.example",), is_tls=True), 8080, "https://nvr.example:8080"),
        (Reach("127.0.0.1", ("nvr.example",), (network_of("127.0.0.1"),)), 8080, "https://nvr.example"),
        (Reach("127.0.0.1", ("nvr.example",)), 8080, ""),
        (Reach("0.0.0.0", is_tls=True), 8080, ""),
        (Reach("0.0.0.0", ("nvr.example",), is_tls=True), 0, ""),
    ],
)
def test_links_lead_to_the_owners_name_or_there_are_none(reach: Reach, port: int, link: str) -> None:
    """One that leads to another machine, or to another one tomorrow, is worse than none."""
    assert reach.link(port) == link


def test_the_port_of_https_goes_without_saying() -> None:
    """As browsers write it."""
    assert Reach("192.168.1.5", is_tls=True).url(443) == "https://192.168.1.5"


def test_the_devices_certificate_is_for_what_it_listens_on() -> None:
    """Of every address it is for all that stay; of one, for that one."""
    assert {"localhost", "127.0.0.1", "192.168.1.5", "nvr.example"} <= Reach(
        "192.168.1.5", ("nvr.example",)
    ).certificate_names()
    assert "0.0.0.0" not in Reach("0.0.0.0").certificate_names()
