"""What can be tuned about the second look."""

from dataclasses import dataclass, field
from enum import StrEnum

from appliance.domain.severity import Severity
from appliance.notifications.address import web_address

PATH = "/chat/completions"
LONGEST_NAME = 100


class Least(StrEnum):
    """From which severity on an event is asked about."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def severity(self) -> Severity:
        """The severity of that name."""
        return Severity.of_word(self.value)


@dataclass(frozen=True, slots=True)
class Settings:
    """Whom to ask about events, and when.

    Attributes:
        address: of an OpenAI-compatible server, such as ``http://192.168.1.5:11434/v1``; empty: nobody is
            asked.
        model: its name there.
        key: of that server, where it asks for one; it is shown nowhere.
        with_picture: the event's picture goes with the question: the model must be one that sees.
        min_severity: events below are not asked about.
        ask_after_s: an event that goes on for longer is asked about before its end.
        timeout_s: of one question.
        picture_wait_s: how long a question waits for the event's picture before it goes without.
    """

    address: str = field(default="", repr=False)
    model: str = ""
    key: str = field(default="", repr=False)
    with_picture: bool = True
    min_severity: Least = Least.MEDIUM
    ask_after_s: float = 20.0
    timeout_s: float = 60.0
    picture_wait_s: float = 4.0

    def __post_init__(self) -> None:
        if not self.address:
            return
        object.__setattr__(self, "address", web_address(self.address))
        if not self.model or len(self.model) > LONGEST_NAME or not self.model.isprintable():
            raise ValueError(f"model: expected the name of a model, 1 to {LONGEST_NAME} printable characters")
        if not (self.key.isascii() and self.key.isprintable()) or " " in self.key:
            raise ValueError("key: expected printable ASCII characters without spaces")

    @property
    def is_on(self) -> bool:
        """Somebody is to be asked."""
        return bool(self.address)

    @property
    def url(self) -> str:
        """Where questions go."""
        address = self.address.rstrip("/")
        return address if address.endswith(PATH) else address + PATH
