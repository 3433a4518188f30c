"""To claim the box, to log in and out, and to choose another password."""

import asyncio
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from appliance.accounts.password import nobodys_hash
from appliance.accounts.setup_token import FILE
from tests.support.accounts import PASSWORD, Visitor, add_user, claim, cookie_of, log_in
from tests.support.web import Answer, WebBox, web_box

OTHER = "another horse battery"


async def try_login(box: WebBox, name: str, password: str, **headers: str) -> Answer:
    """Try to log in."""
    return await box.ask("POST", "/api/v1/login", {"name": name, "password": password}, headers=headers)


async def is_in(visitor: Visitor) -> bool:
    """Return whether a browser's cookie still lets it in."""
    return (await visitor.get("events")).status == 200


async def test_whoever_sits_at_the_box_claims_it_without_a_token(box: WebBox) -> None:
    """The first user is an admin, and logged in; from then on everybody has to log in."""
    ann = await claim(box)
    assert (ann.answer.json["name"], ann.answer.json["role"], ann.answer.json["login"]) == (
        *("Ann", "admin"),
        "password",
    )
    assert await is_in(ann)
    assert (await box.get("/api/v1/events")).status == 401
    assert ("claimed", "") in box.told.told


async def test_a_box_that_was_claimed_has_no_such_path_any_more(box: WebBox) -> None:
    """For nobody, not even its admin: it answers as if it had never been there."""
    ann = await claim(box)
    form = {"name": "Eve", "password": PASSWORD}
    again = await box.ask("POST", "/api/v1/claim", form)
    nowhere = await box.ask("POST", "/api/v1/nowhere", form)
    assert (again.status, again.json["type"]) == (404, nowhere.json["type"])
    assert again.json["detail"] == nowhere.json["detail"].replace("nowhere", "claim")
    assert (await ann.ask("POST", "claim", form)).status == 404


async def test_two_who_claim_at_the_same_time_do_not_both_get_it(box: WebBox) -> None:
    """One is the admin, the other is too late."""
    forms = [{"name": name, "password": PASSWORD} for name in ("Ann", "Bob")]
    answers = await asyncio.gather(*(box.ask("POST", "/api/v1/claim", form) for form in forms))
    assert sorted(answer.status for answer in answers) == [201, 404]
    assert len(await box.known.users.list()) == 1


async def test_over_the_network_the_setup_token_is_needed(tmp_path: Path) -> None:
    """It is used once, and its file goes."""
    async with web_box(tmp_path, is_local=False) as box:
        token = (tmp_path / FILE).read_text().strip()
        form = {"name": "Ann", "password": PASSWORD}
        assert (await box.ask("POST", "/api/v1/claim", form)).status == 403
        assert (await box.ask("POST", "/api/v1/claim", {**form, "token": "x" * 43})).status == 403
        assert (await box.get("/api/v1/access")).json["login"] == "claim"
        weak = await box.ask("POST", "/api/v1/claim", {**form, "password": "12345678", "token": token})
        assert (weak.status, weak.json["field"]) == (422, "password")
        assert (await box.ask("POST", "/api/v1/claim", {**form, "token": token})).status == 201
        assert not (tmp_path / FILE).exists()
        assert (await box.ask("POST", "/api/v1/claim", {**form, "token": token})).status == 404


async def test_whoever_guesses_the_setup_token_is_slowed_down(tmp_path: Path) -> None:
    """Ten tries from an address, then one each half minute."""
    async with web_box(tmp_path, is_local=False) as box:
        form = {"name": "Ann", "password": PASSWORD, "token": "x"}
        statuses = [(await box.ask("POST", "/api/v1/claim", form)).status for _ in range(11)]
        assert statuses == [403] * 10 + [429]


async def test_a_restart_of_a_claimed_box_makes_no_token(tmp_path: Path) -> None:
    """And of one that nobody has claimed another one."""
    async with web_box(tmp_path, is_local=False):
        first = (tmp_path / FILE).read_text()
    async with web_box(tmp_path, is_local=False) as box:
        second = (tmp_path / FILE).read_text()
        form = {"name": "Ann", "password": PASSWORD, "token": second.strip()}
        assert (await box.ask("POST", "/api/v1/claim", form)).status == 201
    assert first != second
    async with web_box(tmp_path, is_local=False) as box:
        assert not (tmp_path / FILE).exists()
        await log_in(box, "Ann")


async def test_the_cookie_is_kept_from_scripts_and_other_sites(box: WebBox) -> None:
    """HttpOnly, SameSite=Strict, for the whole host, and no longer than the session."""
    ann = await claim(box)
    morsel = SimpleCookie(ann.answer.headers["Set-Cookie"])["nightjar"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
    assert int(morsel["max-age"]) == 30 * 86_400
    assert (morsel["domain"], len(morsel.value)) == ("", 43)


async def test_the_name_is_known_however_it_is_written(box: WebBox) -> None:
    """Capitals are no second user; a wrong password stays wrong."""
    await claim(box)
    assert (await log_in(box, " aNN ")).answer.json["name"] == "Ann"
    assert (await try_login(box, "Ann", OTHER)).status == 401


async def test_each_login_is_another_session_and_ends_the_browser_s_former_one(box: WebBox) -> None:
    """Fixation: a cookie that somebody else put into the browser is none of a session afterwards."""
    ann = await claim(box)
    again = await log_in(box, "Ann", cookie=ann.cookie)
    assert again.cookie != ann.cookie
    assert await is_in(again)
    assert not await is_in(ann)
    planted = "A" * 43
    third = await log_in(box, "Ann", cookie=planted)
    assert third.cookie != planted
    assert (await box.get("/api/v1/events", Cookie=f"nightjar={planted}")).status == 401


async def test_who_logs_out_is_out(box: WebBox) -> None:
    """The session ends, the cookie goes, and to do it twice is no error."""
    ann = await claim(box)
    other = await log_in(box, "Ann")
    left = await ann.ask("POST", "logout")
    assert (left.status, SimpleCookie(left.headers["Set-Cookie"])["nightjar"]["max-age"]) == (204, "0")
    assert not await is_in(ann)
    assert (await ann.ask("POST", "logout")).status == 204
    assert await is_in(other)


async def test_a_wrong_name_and_a_wrong_password_look_the_same(box: WebBox) -> None:
    """So does a user who may not log in: in the answer, and in the work that is done for it."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob")
    await ann.ask("PATCH", f"users/{await id_of(ann, 'Bob')}", {"enabled": False})
    assert not await is_in(bob)
    work = box.known.passwords._work
    looked_at: list[str] = work.looked_at  # type: ignore[attr-defined]
    looked_at.clear()
    answers = [await try_login(box, *pair) for pair in (("Ann", OTHER), ("Nobody", OTHER), ("Bob", PASSWORD))]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.body for answer in answers}) == 1
    assert len(looked_at) == 3
    assert looked_at[1] == nobodys_hash()


async def id_of(admin: Visitor, name: str) -> str:
    """Return a user's id."""
    users = (await admin.get("users")).json["items"]
    return next(str(user["id"]) for user in users if user["name"] == name)


async def test_tries_are_counted_by_account_and_over_a_restart(tmp_path: Path) -> None:
    """429 with the time to come back; a restart gives no new tries."""
    async with web_box(tmp_path) as box:
        ann = await claim(box)
        statuses = [(await try_login(box, "Ann", f"wrong number {n}")).status for n in range(10)]
        assert statuses == [401] * 10
        refused = await try_login(box, "Ann", PASSWORD)
        assert refused.status == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert await is_in(ann)
    async with web_box(tmp_path) as box:
        assert (await try_login(box, "Ann", PASSWORD)).status == 429


async def test_other_people_s_tries_do_not_lock_out_who_has_logged_in(box: WebBox) -> None:
    """The session goes on, its password can be changed, and its browser may log in again."""
    ann = await claim(box)
    await exhaust_account(box, "ann")
    assert await is_in(ann)
    changed = await ann.ask("PUT", "account/password", {"current": PASSWORD, "new": OTHER})
    assert changed.status == 204
    assert (await try_login(box, "Ann", OTHER)).status == 429
    again = await log_in(box, "Ann", OTHER, cookie=ann.cookie)
    assert await is_in(again)


async def exhaust_account(box: WebBox, name: str) -> None:
    """Use up a name's tries, as others do from many addresses."""
    from appliance.accounts.throttle import of_account  # noqa: PLC0415
    from appliance.store import logins  # noqa: PLC0415

    now_us = box.known.accounts.now_us()
    for _ in range(10):
        await box.spine.committer.commit(lambda c: logins.take_try(c, [of_account(name)], now_us))


async def test_a_good_login_gives_its_try_back(box: WebBox) -> None:
    """Whoever knows the password may log in as often as needed."""
    await claim(box)
    for _ in range(15):
        await log_in(box, "Ann")


async def test_another_password_ends_all_other_sessions(box: WebBox) -> None:
    """Whoever had the old one is out at once; this session and the tokens go on."""
    ann = await claim(box)
    other = await log_in(box, "Ann")
    changed = await ann.ask("PUT", "account/password", {"current": PASSWORD, "new": OTHER})
    assert changed.status == 204
    assert await is_in(ann)
    assert not await is_in(other)
    assert (await try_login(box, "Ann", PASSWORD)).status == 401
    await log_in(box, "Ann", OTHER)
    assert [kind for kind, _ in box.told.told if kind == "session"]


async def test_another_password_needs_the_present_one(box: WebBox) -> None:
    """Whoever finds a browser open cannot take the account; tries are counted."""
    ann = await claim(box)
    form = {"current": "not the present one", "new": OTHER}
    answers = [await ann.ask("PUT", "account/password", form) for _ in range(11)]
    assert [answer.status for answer in answers] == [422] * 10 + [429]
    assert answers[0].json["field"] == "current"
    assert b"not the present one" not in answers[0].body


@pytest.mark.parametrize("new", ["short", "ann", "password1", "x" * 257])
async def test_another_password_must_be_one(box: WebBox, new: str) -> None:
    """The refusal does not repeat it."""
    ann = await claim(box)
    refused = await ann.ask("PUT", "account/password", {"current": PASSWORD, "new": new})
    assert (refused.status, refused.json["field"]) == (422, "new")
    assert refused.json.get("got") is None


async def test_no_password_is_chosen_before_there_is_a_user(box: WebBox) -> None:
    """Whoever sits at a box that nobody has claimed claims it first."""
    form = {"current": PASSWORD, "new": OTHER}
    assert (await box.ask("PUT", "/api/v1/account/password", form)).status == 409


async def test_too_many_logins_at_once_are_told_to_come_back(tmp_path: Path) -> None:
    """503 with a time, and those that wait get their answers."""
    async with web_box(tmp_path) as box:
        await claim(box)
        box.known.passwords._most = 0
        refused = await try_login(box, "Ann", PASSWORD)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
        box.known.passwords._most = 8
        await log_in(box, "Ann")


async def test_logins_are_counted(box: WebBox) -> None:
    """By what became of them, for who watches the box."""
    ann = await claim(box)
    await try_login(box, "Ann", OTHER)
    await log_in(box, "Ann")
    text = (await box.ask("GET", "/metrics", headers=ann.headers)).body.decode()
    assert 'nightjar_logins_total{outcome="done"} 1' in text
    assert 'nightjar_logins_total{outcome="refused"} 1' in text


async def test_a_login_says_what_the_access_says(box: WebBox) -> None:
    """The page needs no second request."""
    ann = await claim(box)
    assert (await ann.get("access")).json == ann.answer.json
    assert cookie_of(ann.answer) == ann.cookie
