"""What the machine is called."""

from pathlib import Path

from appliance.runtime.own_names import machine_addresses, machine_names

FIB = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
Local:
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.168.1.5
        /32 host LOCAL
     |-- 192.168.1.255
        /32 link BROADCAST
     |-- 169.254.3.4
        /32 host LOCAL
     |-- 192.168.1.5
        /32 host LOCAL
"""
IF_INET6 = """00000000000000000000000000000001 01 80 10 80       lo
fe80000000000000020000fffe000001 02 40 20 80     eth0
fd000000000000000000000000000005 02 40 00 80     eth0
fd00000000000000aaaabbbbccccdddd 02 40 00 01     eth0
20010db8000000000000000000000001 02 40 00 00     eth0
"""


def test_addresses_that_stay_are_found(tmp_path: Path) -> None:
    """Neither loopback nor link-local ones, nor those of IPv6 that are another one tomorrow."""
    (tmp_path / "fib_trie").write_text(FIB)
    (tmp_path / "if_inet6").write_text(IF_INET6)
    assert machine_addresses(tmp_path) == ("192.168.1.5", "fd00::5")


def test_a_machine_that_says_nothing_has_no_addresses(tmp_path: Path) -> None:
    """In a sandbox without /proc/net the certificate is for the names alone."""
    assert machine_addresses(tmp_path) == ()


def test_the_name_of_mdns_is_among_the_names() -> None:
    """It is what people type."""
    names = machine_names()
    assert any(name.endswith(".local") for name in names)
    assert all(name == name.lower() for name in names)
