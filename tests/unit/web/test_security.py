"""Who may talk to a server on loopback."""

import pytest
from multidict import CIMultiDict

from appliance.web.problems import Kind, Rejected
from appliance.web.security import check, is_own_host

NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize(
    "host",
    ["localhost:8080", "LocalHost:8080", "127.0.0.1:8080", "[::1]:8080", "127.0.0.5:8080"],
)
def test_loopback_names_and_addresses_are_our_own(host: str) -> None:
    """Whoever reaches the box through its loopback is served."""
    assert is_own_host(host, 8080)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "localhost:8081",
        "localhost:",
        "localhost:8080:8080",
        "localhost.:8080",
        "evil.example:8080",
        "localhost.evil.example:8080",
        "127.0.0.1.evil.example:8080",
        "127.0.0.1:08080x",
        "127.0.0.1:٨٠٨٠",
        "192.168.1.5:8080",
        "0.0.0.0:8080",
        "[::]:8080",
        "::1:8080",
        "[127.0.0.1]:8080",
        "[::1",
        "user@localhost:8080",
        "localhost:8080/",
        " localhost:8080",
        "127.1:8080",
        "2130706433:8080",
    ],
)
def test_every_other_host_is_foreign(host: str) -> None:
    """A name that a stranger has bound to this machine (DNS rebinding) does not open it."""
    assert not is_own_host(host, 8080)


def test_a_host_without_port_means_port_80() -> None:
    """Browsers leave out the port that goes without saying."""
    assert is_own_host("localhost", 80)
    assert is_own_host("[::1]", 80)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:8080"},
        {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_the_own_page_and_programs_pass(headers: dict[str, str]) -> None:
    """Programs send neither header, the page sends its own origin."""
    check("POST", "/api/v1/rules", CIMultiDict({"Host": "localhost:8080", **headers}), 8080)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://localhost:8080",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:8080",
        "http://localhost:8080.evil.example",
        "http://evil.example",
        "http://localhost:8080/",
    ],
)
def test_a_foreign_origin_is_refused(origin: str) -> None:
    """A website that is open in the same browser cannot ask for anything, not even on another local port."""
    with pytest.raises(Rejected) as refused:
        check("GET", "/", CIMultiDict({"Host": "localhost:8080", "Origin": origin}), 8080)
    assert refused.value.kind is Kind.REFUSED


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site", "something-new"])
def test_another_site_is_refused_even_without_origin(site: str) -> None:
    """An image or a link on a website makes requests that carry no origin."""
    headers = CIMultiDict({"Host": "localhost:8080", "Sec-Fetch-Site": site})
    with pytest.raises(Rejected):
        check("GET", "/api/v1/cameras/front/frame.jpg", headers, 8080)


@pytest.mark.parametrize(
    ("method", "path", "passes"),
    [("GET", "/", True), ("POST", "/", False), ("GET", "/api/v1/events", False)],
)
def test_a_link_may_lead_to_the_page_alone(method: str, path: str, passes: bool) -> None:
    """Somebody may bookmark or link the page; nothing else is entered from outside."""
    headers = CIMultiDict({"Host": "localhost:8080", "Sec-Fetch-Site": "cross-site", **NAVIGATION})
    if passes:
        check(method, path, headers, 8080)
        return
    with pytest.raises(Rejected):
        check(method, path, headers, 8080)


def test_two_hosts_or_none_are_foreign() -> None:
    """Which of two hosts counts is a matter of taste, so neither does."""
    two = CIMultiDict([("Host", "localhost:8080"), ("Host", "localhost:8080")])
    for headers in (two, CIMultiDict[str]()):
        with pytest.raises(Rejected) as refused:
            check("GET", "/", headers, 8080)
        assert refused.value.kind is Kind.MISDIRECTED


def test_two_origins_are_foreign() -> None:
    """A second origin cannot hide behind a good one."""
    headers = CIMultiDict({"Host": "localhost:8080"})
    headers.extend([("Origin", "http://localhost:8080"), ("Origin", "http://evil.example")])
    with pytest.raises(Rejected):
        check("GET", "/", headers, 8080)
