"""What every route has in common: the checks, the headers, the form of the errors."""

import asyncio
import gc
import json
from pathlib import Path

import pytest

from appliance.errors import Conflict
from appliance.web.security import HEADERS
from appliance.web.settings import WebSettings
from tests.support.web import WebBox, web_box

PATHS = ["/", "/static/theme.js", "/api/v1/cameras", "/api/v1/nothing", "/healthz", "/metrics"]
JSON = {"Content-Type": "application/json"}
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost:1"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_foreign_request_is_refused_everywhere(
    box: WebBox, headers: dict[str, str], status: int
) -> None:
    """No path, not even one that does not exist, answers a website."""
    for path in (*PATHS, "/api/v1/ws"):
        answer = await box.get(path, **headers, **(UPGRADE if path.endswith("/ws") else {}))
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), path
        assert answer.json["expected"]


async def test_a_website_cannot_open_the_socket(box: WebBox) -> None:
    """The live messages are for this page and for programs."""
    async with box.http.ws_connect(f"{box.url}/api/v1/ws", origin=box.url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
    answer = await box.get("/api/v1/ws", Origin="http://evil.example")
    assert answer.status == 403


async def test_every_answer_carries_the_headers_of_safety(box: WebBox) -> None:
    """Good or bad, each answer forbids framing and sniffing and does not say which software it is."""
    for path in PATHS:
        answer = await box.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "Server" not in answer.headers
        assert not any(name.lower().startswith("access-control") for name in answer.headers)


async def test_an_unknown_path_and_a_wrong_method_are_problems(box: WebBox) -> None:
    """The answer says what there is instead."""
    unknown = await box.get("/api/v1/nothing")
    wrong = await box.ask("PUT", "/api/v1/cameras", {})
    assert (unknown.status, wrong.status) == (404, 405)
    assert unknown.json["type"] == "urn:nightjar:problem:not-found"
    assert wrong.headers["Allow"] == "GET, HEAD, POST"
    assert wrong.json["expected"] == "GET or HEAD or POST"


TEXT = {"Content-Type": "text/plain"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BODIES = [
    (b"{", JSON, 400),
    (b"", JSON, 400),
    (b"\xff\xfe", JSON, 400),
    (b'{"name":"\\ud800"}', JSON, 400),
    (b"{}", TEXT, 415),
    (b"name=a", FORM, 415),
    (b"[]", JSON, 422),
    (b"null", JSON, 422),
    (b'{"name":1e400}', JSON, 422),
    (b"[" * 100_000, JSON, 422),
    (b'"' + b"x" * 1_100_000 + b'"', JSON, 413),
]


async def test_a_body_that_cannot_be_used_is_refused(box: WebBox) -> None:
    """Whatever is sent, the answer is a problem and the server goes on."""
    for raw, headers, status in BODIES:
        answer = await box.ask("POST", "/api/v1/rules", raw=raw, headers=headers)
        assert (answer.status, answer.json["status"]) == (status, status), raw[:40]
    assert (await box.get("/api/v1/rules")).json["items"] == []


async def test_a_query_where_none_is_taken_is_refused(box: WebBox) -> None:
    """A mistyped filter is not ignored in silence."""
    answer = await box.get("/api/v1/cameras?limit=5")
    assert (answer.status, answer.json["field"]) == (422, "limit")


async def test_paths_from_outside_lead_to_no_file(box: WebBox) -> None:
    """Only the files that are named are served, whatever the path says."""
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/",
        "/etc/passwd",
    ):
        assert (await box.get(path)).status == 404


async def test_a_body_that_never_comes_is_not_waited_for(tmp_path: Path) -> None:
    """A client that promises a body and sends none gets its answer within the time allowed."""
    async with web_box(tmp_path, WebSettings(body_s=0.05, shutdown_s=0.05)) as box:
        reader, writer = await asyncio.open_connection("127.0.0.1", box.server.port)
        head = f"POST /api/v1/rules HTTP/1.1\r\nHost: localhost:{box.server.port}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n".encode())
        async with asyncio.timeout(10):
            assert b" 408 " in await reader.readline()
        writer.close()


async def test_too_many_connections_are_told_to_come_back(tmp_path: Path) -> None:
    """The bound is kept by refusing, and those that were there go on."""
    async with web_box(tmp_path, WebSettings(connections=1)) as box:
        assert (await box.get("/healthz")).status == 200
        reader, writer = await asyncio.open_connection("127.0.0.1", box.server.port)
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: localhost:{box.server.port}\r\n\r\n".encode())
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After" in head
        writer.close()


async def test_a_busy_port_is_one_sentence(box: WebBox, tmp_path: Path) -> None:
    """Who starts a second one reads what is wrong and what to do."""
    other = tmp_path / "other"
    with pytest.raises(Conflict, match="another program listens on"):
        async with web_box(other, port=box.server.port):
            pass
    gc.collect()


async def test_a_defect_shows_nothing_of_itself(box: WebBox, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody expected is a problem like any other; its trace stays in the log."""

    def fail() -> None:
        raise ZeroDivisionError("canary in the trace")

    monkeypatch.setattr(box.with_.detector, "status", fail)
    answer = await box.get("/api/v1/system")
    assert (answer.status, answer.headers["Content-Type"]) == (500, "application/problem+json; charset=utf-8")
    assert json.loads(answer.body)["type"] == "urn:nightjar:problem:defect"
    assert b"canary" not in answer.body
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
