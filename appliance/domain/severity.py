"""How grave an event is: a risk score from 0 to 100 in four steps."""

from enum import IntEnum


class Severity(IntEnum):
    """The four severities, in rising order; the value is what the database stores."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The name used on the wire: ``low``, ``medium``, ``high`` or ``critical``."""
        return self.name.lower()

    @classmethod
    def of_score(cls, risk_score: int) -> "Severity":
        """Return the severity of a risk score: low 0–29, medium 30–59, high 60–84, critical 85–100.

        Raises:
            ValueError: the score lies outside 0–100.
        """
        if not 0 <= risk_score <= 100:
            raise ValueError(f"a risk score lies between 0 and 100, not {risk_score}")
        if risk_score < 30:
            return cls.LOW
        if risk_score < 60:
            return cls.MEDIUM
        return cls.HIGH if risk_score < 85 else cls.CRITICAL

    @classmethod
    def of_word(cls, word: str) -> "Severity":
        """Return the severity of a wire name.

        Raises:
            ValueError: the word is none of the four.
        """
        try:
            return cls[word.upper()]
        except KeyError:
            expected = ", ".join(s.word for s in cls)
            raise ValueError(f"a severity is one of {expected}, not {word!r}") from None
