"""What axe, the accessibility checker, finds on a page."""

from typing import Any

from playwright.async_api import Page

from tests.support.source import ROOT

AXE = ROOT / "appliance/web/ui/node_modules/axe-core/axe.min.js"
GRAVE = frozenset({"serious", "critical"})


async def grave_findings(page: Page) -> list[str]:
    """Return the serious and critical findings on a page as it is now, a line each, with their elements."""
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate(
        "axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', "
        "'best-practice']})"
    )
    return [
        f"{one['impact']}: {one['id']}: {one['help']}: {'; '.join(node['html'][:120] for node in one['nodes'][:4])}"
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]
