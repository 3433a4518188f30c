"""How often somebody may try, and who counts as the same."""

import pytest

from appliance.accounts.throttle import ACCOUNT, ADDRESS, Allowance, of_account, of_address, of_session
from appliance.domain.time import US_PER_S, WallUs

THREE = Allowance(3, 10.0)


def at(seconds: float) -> WallUs:
    """Return a time."""
    return WallUs(round(seconds * US_PER_S))


@pytest.mark.parametrize(
    ("left", "passed_s", "now"),
    [(0.0, 0, 0), (0.0, 10, 1), (0.0, 5, 0.5), (2.0, 100, 3), (0.0, -30, 0), (0.0, -31, 3), (1.5, -1, 1.5)],
)
def test_tries_come_back_with_time_up_to_the_most(left: float, passed_s: float, now: float) -> None:
    """A clock that was set back gives none and takes none; one that was far ahead locks nobody out."""
    assert THREE.left(left, at(1000), at(1000 + passed_s)) == pytest.approx(now)


@pytest.mark.parametrize(("left", "wait_s"), [(0.0, 10.0), (0.5, 5.0), (1.0, 0.0), (3.0, 0.0)])
def test_the_next_try_is_told(left: float, wait_s: float) -> None:
    """For ``Retry-After``."""
    assert THREE.wait_s(left) == pytest.approx(wait_s)


def test_one_customer_s_ipv6_network_is_one_address() -> None:
    """Else there would be 2^64 of them for whoever tries."""
    assert of_address("2001:db8:1:2::7").key == of_address("2001:db8:1:2:ffff::9").key
    assert of_address("2001:db8:1:2::7").key != of_address("2001:db8:1:3::7").key
    assert of_address("fe80::1%eth0").key == of_address("fe80::2").key


def test_ipv4_is_one_address_however_it_is_written() -> None:
    """A socket for both families writes it as IPv6."""
    assert of_address("192.0.2.7").key == of_address("::ffff:192.0.2.7").key
    assert of_address("192.0.2.7").key != of_address("192.0.2.8").key
    assert of_address("").key == of_address("nonsense").key


def test_what_was_typed_as_a_name_is_not_kept() -> None:
    """Somebody types the password into the field of the name one day."""
    bucket = of_account("hunter2 is my password")
    assert "hunter2" not in bucket.key
    assert (bucket.allowance, of_session("s").allowance, of_address("::1").allowance) == (
        ACCOUNT,
        ACCOUNT,
        ADDRESS,
    )
