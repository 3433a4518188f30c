"""The page's types are those of the API."""

from appliance.web import typescript
from tests.support.source import ROOT


def test_the_page_has_the_types_that_the_api_has() -> None:
    """Whoever changes a type of the wire runs ``make wire``, and the compiler says what that means."""
    assert (ROOT / "appliance/web/ui/src/wire.ts").read_text() == typescript.document()


def test_the_types_say_what_may_be_absent_or_null() -> None:
    """Figures that were not measured are absent; a time that is not known is null."""
    made = typescript.document()
    assert "  fps?: number | null;" in made
    assert "  ended_at: Time | null;" in made
    assert '  severity: "critical" | "high" | "low" | "medium";' in made
    assert "  event_deleted: DeletedEvent;" in made
