"""Users' names, and how two of them are compared."""

import unicodedata


def key_of(name: str) -> str:
    """Return the name as it is compared: no two look alike but for capitals, widths or accents' forms."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()
