"""What is sent: a webhook's signed JSON, and ntfy's headers and attachment."""

import base64
from email.header import decode_header, make_header

import msgspec
import pytest
from multidict import CIMultiDict

from appliance.errors import InvalidInput
from appliance.notifications import ntfy, webhook
from appliance.notifications.address import web_address
from appliance.notifications.notification import Notification, Request
from appliance.notifications.outcome import Verdict, of_status
from appliance.notifications.settings import Settings
from appliance.notifications.target import Ntfy, Webhook, key_of, merged, shown_of, target_of
from tests.support.receiver import SECRET, Received

JPEG = b"\xff\xd8 a picture"


def told(title: str = "Person at Front door", picture: bytes | None = JPEG, link: str = "") -> Notification:
    """Return something to tell."""
    return Notification(
        id="alert-1-target-1",
        at="2026-11-23T15:04:05.123Z",
        alert=msgspec.Raw(b'{"id":"alert-1"}'),
        event=msgspec.Raw(b'{"id":"event-1"}'),
        camera_id="front",
        camera_name="Front door",
        title=title,
        text="A person at the door (Night)",
        severity="high",
        label="person",
        link=link,
        picture=picture,
    )


def received(request: Request) -> Received:
    """Return a request as its receiver sees it."""
    return Received(request.method, request.url, CIMultiDict(request.headers), request.body)


def test_a_signature_is_that_of_the_standard_s_own_example() -> None:
    """The numbers are those of the specification's documents: other people's libraries verify it."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signed = webhook.signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_has_everything_in_one_signed_body() -> None:
    """The picture too: nothing that counts is outside of the signature."""
    target = Webhook("http://192.0.2.1/hook", key_of(SECRET), wants_picture=True)
    request = received(webhook.request_of(target, told(link="https://box/events/event-1"), 1_795_446_245))
    assert request.is_signed_with(SECRET)
    assert not request.is_signed_with("whsec_" + base64.b64encode(b"m" * 32).decode())
    assert request.headers["webhook-id"] == "alert-1-target-1"
    assert request.headers["webhook-timestamp"] == "1795446245"
    body = request.json
    assert (body["type"], body["timestamp"]) == ("alert.created", "2026-11-23T15:04:05.123Z")
    data = body["data"]
    assert data["alert"] == {"id": "alert-1"}
    assert data["camera"] == {"id": "front", "name": "Front door"}
    assert data["link"] == "https://box/events/event-1"
    assert base64.b64decode(data["picture"]["data"]) == JPEG


def test_a_webhook_without_secret_has_no_signature() -> None:
    """Many receivers check none; where there is none nothing looks as if there were."""
    request = webhook.request_of(Webhook("http://h/", None, True), told(picture=None), 1)
    assert "webhook-signature" not in request.headers
    assert msgspec.json.decode(request.body)["data"]["picture"] is None
    assert msgspec.json.decode(request.body)["data"]["link"] is None


@pytest.mark.parametrize(
    "title", ["Person at Front door", "Person an der Tür", "門の前に人がいます、もう一度確認してください" * 3]
)
def test_ntfy_headers_are_ascii_and_say_the_same(title: str) -> None:
    """What is not ASCII is in encoded words of at most 75 characters (RFC 2047), which decode to the text."""
    written = ntfy.header(title)
    assert written.isascii()
    assert "\n" not in written
    assert all(len(word) <= 75 for word in written.split() if word.startswith("=?"))
    assert str(make_header(decode_header(written))) == title


def test_ntfy_gets_the_picture_as_the_body() -> None:
    """Everything else is in headers; the priority follows the severity."""
    target = Ntfy("https://ntfy.example", "home", "tk_secret", None, None, wants_picture=True)
    request = ntfy.request_of(target, told("Mädchen", link="https://box/events/event-1"))
    assert (request.method, request.url, request.body) == ("PUT", "https://ntfy.example/home", JPEG)
    assert request.headers["Priority"] == "4"
    assert request.headers["Tags"] == "warning,person"
    assert request.headers["Click"] == "https://box/events/event-1"
    assert request.headers["Authorization"] == "Bearer tk_secret"
    assert request.headers["Title"].startswith("=?utf-8?")


def test_ntfy_gets_json_where_there_is_no_picture() -> None:
    """No header has to carry text then."""
    target = Ntfy("https://ntfy.example", "home", None, "ann", "pä:ss", wants_picture=True)
    request = ntfy.request_of(target, told("Mädchen", picture=None))
    assert (request.method, request.url) == ("POST", "https://ntfy.example/")
    body = msgspec.json.decode(request.body)
    assert (body["topic"], body["title"], body["priority"]) == ("home", "Mädchen", 4)
    assert "click" not in body
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() == "ann:pä:ss"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (302, Verdict.FAILED),
        (400, Verdict.REFUSED),
        (401, Verdict.REFUSED),
        (410, Verdict.REFUSED),
        (408, Verdict.FAILED),
        (429, Verdict.FAILED),
        (500, Verdict.FAILED),
        (503, Verdict.FAILED),
        (599, Verdict.FAILED),
    ],
)
def test_a_status_decides_whether_it_is_tried_again(status: int, verdict: Verdict) -> None:
    """What the receiver will never take is given up at once; all else may get better."""
    assert of_status(status).verdict is verdict


@pytest.mark.parametrize(
    "text",
    [
        *("", "host/path", "ftp://host/x", "file:///etc/passwd", "http://", "http://user:pass@host/"),
        *("http://169.254.169.254/latest", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/"),
        *("http://0.0.0.0/", "http://host:99999/", "http://ho st/", "http://100.100.100.200/"),
    ],
)
def test_an_address_that_nothing_is_sent_to_is_refused(text: str) -> None:
    """And nothing of it is repeated: it may hold a secret."""
    with pytest.raises(InvalidInput) as refused:
        web_address(text)
    assert "pass" not in str(refused.value).replace("password", "")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("HTTPS://Hooks.Example/T0ken?a=b#c", "https://hooks.example/T0ken?a=b"),
        ("http://192.168.1.5:8123/api/webhook/x", "http://192.168.1.5:8123/api/webhook/x"),
        ("http://127.0.0.1:2586", "http://127.0.0.1:2586"),
        ("http://[fd00::5]:80/", "http://[fd00::5]:80/"),
    ],
)
def test_machines_of_the_lan_and_the_box_itself_can_be_told(text: str, kept: str) -> None:
    """Home automation and ntfy run there."""
    assert web_address(text) == kept


@pytest.mark.parametrize("secret", ["", "secret", "whsec_", "whsec_???", "whsec_c2hvcnQ="])
def test_a_secret_is_one_of_the_standard(secret: str) -> None:
    """Others would be signed with by us and verified by nobody."""
    with pytest.raises(InvalidInput):
        key_of(secret)


def test_only_the_beginning_of_a_place_is_shown() -> None:
    """Paths of webhooks and names of topics are as good as passwords."""
    assert shown_of("webhook", {"address": "https://hooks.example/T0ken?a=b"}) == "https://hooks.example/…"
    assert shown_of("webhook", {"address": "http://10.0.0.5:80"}) == "http://10.0.0.5:80"
    assert shown_of("ntfy", {"address": "https://ntfy.sh", "topic": "secrethome"}) == "https://ntfy.sh/sec…"
    assert shown_of("ntfy", {"address": "https://ntfy.sh/", "topic": "ab"}) == "https://ntfy.sh/a…"


def test_credentials_never_reach_another_server_than_they_were_given_for() -> None:
    """They are forgotten when the server changes, and stay when only the topic does."""
    before = {"address": "https://ntfy.sh", "topic": "home", "user": "ann", "password": "pw", "picture": 1}
    moved = merged("ntfy", before, {"address": "https://elsewhere.example"})
    assert moved == {"address": "https://elsewhere.example", "topic": "home", "picture": 1}
    assert merged("ntfy", before, {"topic": "yard"})["password"] == "pw"
    assert merged("ntfy", before, {"user": None, "password": None, "token": "t"})["token"] == "t"


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("ntfy", {"address": "https://h"}),
        ("ntfy", {"address": "https://h", "topic": "t", "secret": SECRET}),
        ("ntfy", {"address": "https://h", "topic": "t", "user": "ann"}),
        ("ntfy", {"address": "https://h", "topic": "t", "user": "ann", "password": "x", "token": "t"}),
        ("webhook", {"address": "https://h", "token": "t"}),
        ("webhook", {"address": "https://h", "topic": "t"}),
    ],
)
def test_what_does_not_fit_together_is_refused(kind: str, given: dict[str, str]) -> None:
    """Nothing is silently left out of what somebody has filled in."""
    with pytest.raises(InvalidInput):
        merged(kind, {}, given)


def test_no_secret_shows_in_a_printed_target() -> None:
    """A line of a log that names one names nothing of use."""
    settings = {"address": "https://h", "topic": "canary1", "user": "canary2", "password": "canary3"}
    printed = repr(target_of("ntfy", settings)) + repr(
        target_of("webhook", {"address": "https://canary4/", "secret": SECRET})
    )
    assert "canary" not in printed
    assert "nnn" not in printed


def test_a_link_is_made_of_what_the_owner_says() -> None:
    """And of nothing else: without it there is none."""
    assert Settings().link("/events/1") == ""
    assert Settings(base_url="https://box.example/").link("/events/1") == "https://box.example/events/1"
    with pytest.raises(ValueError, match="base_url"):
        Settings(base_url="box.example")
