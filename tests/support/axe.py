"""What axe, the accessibility checker, finds on a page."""

from typing import Any

from playwright.async_api import Page

from tests.support.source import ROOT

AXE = ROOT / "appliance/web/ui/node_modules/axe-core/axe.min.js"
RUN = """axe.run(document, {resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})"""
GRAVE = frozenset({"serious", "critical"})


async def grave_findings(page: Page) -> list[str]:
    """Return the serious and critical findings on a page as it is now, a line each, with their elements."""
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate(RUN)
    return [_line(one) for one in found["violations"] if one["impact"] in GRAVE]


def _line(violation: dict[str, Any]) -> str:
    where = "; ".join(node["html"][:120] for node in violation["nodes"][:4])
    return f"{violation['impact']}: {violation['id']}: {violation['help']}: {where}"
