"""How often somebody may try to log in: some tries at once, and one more for each while that passes."""

import hashlib
import ipaddress
from dataclasses import dataclass

from appliance.domain.time import US_PER_S, WallUs


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many tries there are.

    Attributes:
        tries: at once.
        every_s: after so long there is one more.
    """

    tries: int
    every_s: float

    def left(self, left: float, at_us: WallUs, now_us: WallUs) -> float:
        """Return how many tries there are now, of those that there were at a time before.

        A clock that was set back meanwhile gives none, unless by more than all of them take to come back: it
        was wrong when they were counted, and nobody could log in until then.
        """
        passed_s = (now_us - at_us) / US_PER_S
        if -passed_s > self.tries * self.every_s:
            return float(self.tries)
        passed_s = max(passed_s, 0.0)
        return min(float(self.tries), left + passed_s / self.every_s)

    def wait_s(self, left: float) -> float:
        """Return after how long there is a whole try."""
        return max(0.0, (1.0 - left) * self.every_s)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Whose tries are counted, and how many there are."""

    key: str
    allowance: Allowance


ADDRESS = Allowance(10, 30.0)
ACCOUNT = Allowance(10, 60.0)


def of_address(address: str) -> Bucket:
    """Return the tries of where a request comes from; of IPv6 a whole network, which one customer has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return Bucket("address:unknown", ADDRESS)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return Bucket(f"address:{parsed.ipv4_mapped}", ADDRESS)
        return Bucket(f"address:{ipaddress.ip_network((parsed, 64), strict=False)}", ADDRESS)
    return Bucket(f"address:{parsed}", ADDRESS)


def of_account(name_key: str) -> Bucket:
    """Return the tries of a name, whether somebody has it or not; it may be a password in the wrong field."""
    return Bucket(f"account:{hashlib.sha256(name_key.encode()).hexdigest()[:32]}", ACCOUNT)


def of_session(session_id: str) -> Bucket:
    """Return the tries of somebody who has logged in: no one else can use them up."""
    return Bucket(f"session:{session_id}", ACCOUNT)
