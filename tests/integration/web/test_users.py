"""Users, their sessions and their API tokens."""

import msgspec
import pytest

from appliance.web import wire
from tests.support.accounts import PASSWORD, Visitor, add_user, claim, log_in
from tests.support.web import Answer, WebBox

OTHER = "another horse battery"


async def user_id(admin: Visitor, name: str) -> str:
    """Return a user's id."""
    users = (await admin.get("users")).json["items"]
    return next(str(user["id"]) for user in users if user["name"] == name)


async def make_token(
    visitor: Visitor, scope: str = "read", cameras: list[str] | None = None, expires_at: str | None = None
) -> Answer:
    """Make an API token."""
    form = {"name": "backup", "scope": scope, "cameras": cameras, "expires_at": expires_at}
    return await visitor.ask("POST", "tokens", form)


async def by_token(box: WebBox, token: str, path: str, method: str = "GET", body: object = None) -> Answer:
    """Ask as a program."""
    return await box.ask(method, f"/api/v1/{path}", body, headers={"Authorization": f"Bearer {token}"})


async def test_a_user_is_what_was_asked_for(box: WebBox) -> None:
    """And is listed by name, with when that one was seen; no hash comes out."""
    ann = await claim(box)
    form = {"name": " Bob ", "password": PASSWORD, "role": "viewer", "cameras": ["front", "away"]}
    made = await ann.ask("POST", "users", form)
    assert (made.status, made.json["name"], made.json["cameras"]) == (201, "Bob", ["front", "away"])
    listed = await ann.get("users")
    users = msgspec.json.decode(listed.body, type=wire.Items[wire.User]).items
    assert [(user.name, user.role, user.seen_at is None) for user in users] == [
        ("Ann", "admin", False),
        ("Bob", "viewer", True),
    ]
    assert b"hash" not in listed.body
    assert b"quick" not in listed.body


async def test_a_user_sees_the_cameras_that_were_chosen_and_an_admin_all(box: WebBox) -> None:
    """An id stands for itself, whether there is such a camera or not."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob", cameras=["front"])
    assert (await bob.get("access")).json["cameras"] == ["front"]
    one = f"users/{await user_id(ann, 'Bob')}"
    assert (await ann.ask("PATCH", one, {"role": "admin"})).json["cameras"] is None
    assert (await bob.get("access")).json["cameras"] is None
    refused = await ann.ask("PATCH", one, {"cameras": ["front"]})
    assert refused.status == 422
    demoted = await ann.ask("PATCH", one, {"role": "operator", "cameras": ["back"]})
    assert demoted.json["cameras"] == ["back"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": "ANN"}, 409),
        ({"name": "  "}, 422),
        ({"name": "x" * 65}, 422),
        ({"password": "short"}, 422),
        ({"password": "eve eve eve", "name": "Eve Eve Eve"}, 422),
        ({"role": "owner"}, 422),
        ({"role": "admin", "cameras": ["front"]}, 422),
        ({"cameras": ["Not An Id"]}, 422),
    ],
)
async def test_what_makes_no_user_is_refused(box: WebBox, wrong: dict[str, object], status: int) -> None:
    """Each with its place; nobody is added."""
    ann = await claim(box)
    form = {"name": "Eve", "password": PASSWORD, "role": "viewer", "cameras": None, **wrong}
    assert (await ann.ask("POST", "users", form)).status == status
    assert len((await ann.get("users")).json["items"]) == 1


async def test_the_first_user_that_is_added_without_a_claim_is_an_admin(box: WebBox) -> None:
    """Whoever sits at the box may add one, and locks nobody out by it."""
    form = {"name": "Bob", "password": PASSWORD, "role": "viewer", "cameras": None}
    assert (await box.ask("POST", "/api/v1/users", form)).status == 409
    assert (await box.ask("POST", "/api/v1/users", {**form, "role": "admin"})).status == 201
    assert (await box.get("/api/v1/events")).status == 401
    await log_in(box, "Bob")


@pytest.mark.parametrize("change", [{"role": "operator"}, {"enabled": False}, None])
async def test_the_last_admin_stays(box: WebBox, change: dict[str, object] | None) -> None:
    """Not demoted, not disabled, not deleted; once there is another one, gone."""
    ann = await claim(box)
    await add_user(ann, "Bob", "operator")
    one = f"users/{await user_id(ann, 'Ann')}"
    method = "DELETE" if change is None else "PATCH"
    refused = await ann.ask(method, one, change)
    assert refused.status == 409
    assert (await ann.get("access")).json["role"] == "admin"
    cat = await add_user(ann, "Cat", "admin")
    await cat.ask("PATCH", f"users/{await user_id(ann, 'Cat')}", {"enabled": True})
    assert (await cat.ask(method, one, change)).status in {200, 204}
    last = await cat.ask("DELETE", f"users/{await user_id(cat, 'Cat')}")
    assert last.status == 409


async def test_an_admin_who_may_not_log_in_is_no_last_one(box: WebBox) -> None:
    """Two admins, one of them disabled: the other one stays."""
    ann = await claim(box)
    await add_user(ann, "Bob", "admin")
    assert (await ann.ask("PATCH", f"users/{await user_id(ann, 'Bob')}", {"enabled": False})).status == 200
    assert (await ann.ask("DELETE", f"users/{await user_id(ann, 'Ann')}")).status == 409


async def test_a_role_counts_from_the_next_request_on_and_ends_no_session(box: WebBox) -> None:
    """What is open is told of it, once the change is committed."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob", "operator")
    assert (await bob.get("rules")).status == 200
    bob_id = await user_id(ann, "Bob")
    await ann.ask("PATCH", f"users/{bob_id}", {"role": "viewer"})
    assert (await bob.get("rules")).status == 403
    assert (await bob.get("events")).status == 200
    assert box.told.told[-1] == ("user", bob_id)


@pytest.mark.parametrize("change", [{"enabled": False}, {"password": OTHER}, None])
async def test_whoever_is_shut_out_is_out_at_once(box: WebBox, change: dict[str, object] | None) -> None:
    """Disabled, given another password, or deleted: no session goes on."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob")
    one = f"users/{await user_id(ann, 'Bob')}"
    assert (await ann.ask("DELETE" if change is None else "PATCH", one, change)).status in {200, 204}
    assert (await bob.get("events")).status == 401
    assert (await ann.get("events")).status == 200
    if change != {"password": OTHER}:
        form = {"name": "Bob", "password": PASSWORD}
        assert (await box.ask("POST", "/api/v1/login", form)).status == 401
    else:
        await log_in(box, "Bob", OTHER)


async def test_an_admin_s_own_session_outlives_the_own_password(box: WebBox) -> None:
    """Whoever sets it sits at the page."""
    ann = await claim(box)
    other = await log_in(box, "Ann")
    await ann.ask("PATCH", f"users/{await user_id(ann, 'Ann')}", {"password": OTHER, "name": "Anna"})
    assert (await ann.get("access")).json["name"] == "Anna"
    assert (await other.get("events")).status == 401


async def test_sessions_are_one_s_own(box: WebBox) -> None:
    """Everybody's only for who manages users; somebody else's cannot be ended, nor told to be there."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob")
    own = msgspec.json.decode((await bob.get("sessions")).body, type=wire.Items[wire.Session]).items
    assert [(one.name, one.is_this, one.address) for one in own] == [("Bob", True, "127.0.0.1")]
    assert (await bob.get("sessions?all=true")).status == 403
    every = (await ann.get("sessions?all=true")).json["items"]
    assert {one["name"] for one in every} == {"Ann", "Bob"}
    anns = next(one["id"] for one in every if one["name"] == "Ann")
    assert (await bob.ask("DELETE", f"sessions/{anns}")).status == 404
    assert (await ann.ask("DELETE", f"sessions/{own[0].id}")).status == 204
    assert (await bob.get("events")).status == 401
    assert box.told.told[-1] == ("session", own[0].id)


async def test_a_browser_s_words_are_kept_short_and_without_control_characters(box: WebBox) -> None:
    """They come from outside and are shown to people."""
    await claim(box)
    headers = {"User-Agent": "Fox " + "x" * 5000}
    await box.ask("POST", "/api/v1/login", {"name": "Ann", "password": PASSWORD}, headers=headers)
    (_, one) = sorted((await box.known.users.sessions(None)), key=lambda row: row.created_us)
    assert (len(one.agent), one.agent[:4]) == (200, "Fox ")


async def test_one_user_has_no_more_than_fifty_sessions(box: WebBox) -> None:
    """The one that was used least recently ends."""
    ann = await claim(box)
    for _ in range(50):
        newest = await log_in(box, "Ann")
    assert len((await newest.get("sessions")).json["items"]) == 50
    assert (await ann.get("events")).status == 401


async def test_a_token_is_shown_once(box: WebBox) -> None:
    """Afterwards neither a list nor the database has it."""
    ann = await claim(box)
    made = await make_token(ann)
    assert made.status == 201
    token = msgspec.json.decode(made.body, type=wire.MadeToken)
    assert token.secret.startswith(f"nj_{token.id}_")
    assert (await by_token(box, token.secret, "events")).status == 200
    listed = await ann.get("tokens")
    assert token.secret.encode() not in listed.body
    assert [one["id"] for one in listed.json["items"]] == [token.id]
    kept = box.spine.store.path.read_bytes() + box.spine.store.path.with_name("nightjar.db-wal").read_bytes()
    assert token.secret.rpartition("_")[2].encode() not in kept
    assert ann.cookie.encode() not in kept


async def test_a_token_that_was_deleted_is_none(box: WebBox) -> None:
    """At once; what is open of it is told."""
    ann = await claim(box)
    token = (await make_token(ann)).json
    assert (await ann.ask("DELETE", f"tokens/{token['id']}")).status == 204
    assert (await by_token(box, token["secret"], "events")).status == 401
    assert box.told.told[-1] == ("token", token["id"])
    assert (await ann.ask("DELETE", f"tokens/{token['id']}")).status == 404


async def test_a_token_may_no_more_than_its_owner_does_now(box: WebBox) -> None:
    """It follows the owner's role, cameras and end."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob", "operator", ["front", "back"])
    token = (await make_token(bob, "operate", ["front", "garden"])).json["secret"]
    access = (await by_token(box, token, "access")).json
    assert (access["cameras"], access["kind"], access["name"]) == (["front"], "token", "backup (Bob)")
    assert "arm.set" in access["permissions"]
    one = f"users/{await user_id(ann, 'Bob')}"
    await ann.ask("PATCH", one, {"role": "viewer", "cameras": ["back"]})
    access = (await by_token(box, token, "access")).json
    assert access["cameras"] == []
    assert "arm.set" not in access["permissions"]
    await ann.ask("PATCH", one, {"enabled": False})
    assert (await by_token(box, token, "access")).status == 401
    await ann.ask("PATCH", one, {"enabled": True})
    assert (await by_token(box, token, "access")).status == 200
    await ann.ask("DELETE", one)
    assert (await by_token(box, token, "access")).status == 401


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        ("viewer", "read", 201),
        ("viewer", "operate", 403),
        ("viewer", "metrics", 403),
        ("viewer", "admin", 403),
        ("operator", "operate", 201),
        ("operator", "admin", 403),
        ("admin", "admin", 201),
    ],
)
async def test_nobody_makes_a_token_of_more_than_the_own_role(
    box: WebBox, role: str, scope: str, status: int
) -> None:
    """Else it would wait for a promotion."""
    ann = await claim(box)
    somebody = await add_user(ann, "Bob", role)
    assert (await make_token(somebody, scope)).status == status


async def test_a_token_that_manages_users_sees_all_cameras(box: WebBox) -> None:
    """It could make a user who does, so that to limit it would be a pretence."""
    ann = await claim(box)
    assert (await make_token(ann, "admin", ["front"])).status == 422


async def test_a_token_makes_no_other_tokens_and_has_no_account(box: WebBox) -> None:
    """Whoever finds it cannot make it last."""
    ann = await claim(box)
    token = (await make_token(ann, "admin")).json["secret"]
    form = {"name": "more", "scope": "read", "cameras": None, "expires_at": None}
    assert (await by_token(box, token, "tokens", "POST", form)).status == 403
    assert (await by_token(box, token, "sessions")).status == 403
    change = {"current": PASSWORD, "new": OTHER}
    assert (await by_token(box, token, "account/password", "PUT", change)).status == 403


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "tomorrow", "2030-01-01T00:00:00"])
async def test_a_token_that_would_be_over_is_not_made(box: WebBox, expires_at: str) -> None:
    """Nor one whose end nobody can read."""
    ann = await claim(box)
    assert (await make_token(ann, expires_at=expires_at)).status == 422


async def test_a_box_that_nobody_has_claimed_makes_no_tokens(box: WebBox) -> None:
    """A token belongs to somebody."""
    form = {"name": "backup", "scope": "read", "cameras": None, "expires_at": None}
    assert (await box.ask("POST", "/api/v1/tokens", form)).status == 409
    assert (await box.get("/api/v1/tokens")).json["items"] == []


async def test_a_token_in_the_address_or_the_cookie_is_none(box: WebBox) -> None:
    """Addresses end in logs and histories."""
    ann = await claim(box)
    token = (await make_token(ann)).json["secret"]
    assert (await box.get("/api/v1/events", Cookie=f"nightjar={token}")).status == 401
    assert (await box.get(f"/api/v1/events?token={token}")).status == 401
