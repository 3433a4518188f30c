"""What of a box may be shown to others: secrets never, and names only where its owner wants that."""

import ipaddress
import json
import re
import string
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from appliance.runtime.log import redact

MASK = "***"
SHORTEST_SECRET = 4
"""Shorter ones would black out half of every text; what holds them is left out anyway."""
SHORTEST_NAME = 2
SHOWN_TEXTS = frozenset(
    {
        *("id", "name", "host", "level", "data", "path", "model", "accelerator", "decoder", "decode", "mode"),
        *("days", "from", "to", "role", "labels", "kind", "direction", "folder", "min_severity", "loss"),
    }
)
"""Settings whose texts are shown. Of any other one, also of one that is yet to come, a text is masked."""
ADDRESSES = frozenset({"url", "live_url"})
"""Of these only what leads to the machine is shown: paths and queries of cameras hold passwords as well."""
_QUERY = re.compile(r"(?P<address>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s?'\"]+)\?[^\s'\"]+")
_BEARER = re.compile(r"(?i)\b(?P<word>bearer|basic|digest)\s+(?P<rest>[^\s,;'\"]+)")
_ASSIGNED = re.compile(
    r"(?i)\b(?P<word>[\w-]*(?:token|key|passw(?:or)?d|secret|cookie|authorization))(?P<gap>\"?\s*[=:]\s*\"?)"
    r"(?P<rest>[^\s,;'\"]+)"
)
_NUMBERS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)")
_HARDWARE = re.compile(r"(?i)(?<![\w:-])[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?![\w:-])")
_SIXES = re.compile(r"(?i)(?<![\w:.])[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(?![\w:])")
_WEB = re.compile(r"\b(?P<scheme>https?)://[^\s'\"<>]+")


def masked(settings: object, key: str = "") -> object:
    """Return what a configuration file holds, as far as it may be shown."""
    if isinstance(settings, Mapping):
        return {name: masked(value, name) for name, value in settings.items()}
    if isinstance(settings, list | tuple):
        return [masked(value, key) for value in settings]
    if not isinstance(settings, str):
        return settings if isinstance(settings, bool | int | float) else f"{settings}"
    if key in ADDRESSES:
        return machine_of(settings)
    return redact(settings) if key in SHOWN_TEXTS or not settings else MASK


def machine_of(address: str) -> str:
    """Return of an address the scheme, the machine and the port; ``***`` for one that cannot be read."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return MASK
    if not parts.hostname:
        return f"{parts.scheme}:{MASK}" if parts.scheme else MASK
    return f"{parts.scheme}://{parts.hostname}{port}/{MASK}"


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return a text with all that is known to be secret, and all that looks like it, blacked out."""
    known = {form for one in secrets if len(one) >= SHORTEST_SECRET for form in forms_of(one)}
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = _WEB.sub(rf"\g<scheme>://{MASK}", text)  # of a webhook or a topic the address is the secret
    text = _QUERY.sub(rf"\g<address>?{MASK}", redact(text))
    text = _BEARER.sub(rf"\g<word> {MASK}", text)
    return _ASSIGNED.sub(rf"\g<word>\g<gap>{MASK}", text)


def forms_of(word: str) -> set[str]:
    """Return how a word stands in plain text and in JSON, with and without escapes of its letters."""
    return {word, json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]}


def letters(count: int) -> str:
    """Return the name of the n-th thing: A to Z, then AA, AB and so on."""
    name = ""
    while count >= 0:
        name = string.ascii_uppercase[count % 26] + name
        count = count // 26 - 1
    return name


class Pseudonyms:
    """Puts the same letters in the place of the same name, everywhere in a bundle.

    Args:
        things: of each kind, such as ``camera``, the things that there are, each with the names that it goes
            by.
    """

    def __init__(self, things: Mapping[str, Iterable[Iterable[str]]]) -> None:
        self._words: dict[str, str] = {}
        for kind, ones in things.items():
            for number, names in enumerate(ones):
                for name in names:
                    if len(name) >= SHORTEST_NAME:
                        for form in forms_of(name):
                            self._words.setdefault(form, f"{kind}-{letters(number)}")
        self._machines: dict[str, str] = {}
        found = sorted(self._words, key=len, reverse=True)
        pattern = "|".join(re.escape(name) for name in found)
        self._pattern = re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])") if found else None

    def applied(self, text: str) -> str:
        """Return the text with the letters; an address that nobody named gets letters as well."""
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: self._words[match.group()], text)
        text = _HARDWARE.sub(lambda match: self._machine(match.group()), text)
        text = _SIXES.sub(lambda match: self._six(match.group()), text)
        return _NUMBERS.sub(lambda match: self._machine(match.group()), text)

    def _six(self, word: str) -> str:
        """Return the letters of an address; what is none, such as a time of day, stays as it is."""
        address = word.rstrip(".")
        try:
            known = ipaddress.IPv6Address(address)
        except ValueError:
            return word
        is_own = known.is_loopback or known.is_unspecified
        return word if is_own else f"{self._machine(address)}{word[len(address) :]}"

    def _machine(self, address: str) -> str:
        if address.startswith(("127.", "0.")):
            return address
        return self._machines.setdefault(address, f"address-{letters(len(self._machines))}")
