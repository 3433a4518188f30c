"""The GPUs on the screen of the system: what a card tells, how little another, and one that gets lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.axe import grave_findings
from tests.support.browser import DESK, PHONE, page_of
from tests.support.fake_nvml import MISSING, Plan, built
from tests.support.server import Server, nightjar

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
    pytest.mark.skipif(bool(MISSING), reason=MISSING),
]

CONFIG = '[detector]\nmodel = "builtin"\nfetch = false\n'
CARD, LITTLE, LOST = "gpu full GPU-1\n", "gpu little GPU-2\n", "gpu lost GPU-1\n"
FIGURES = 10
"""So many figures a panel has, told or not."""
SAID_MS = 10_000
"""Within that time a lost GPU must be told."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """What GPUs there are."""
    return Plan(tmp_path_factory.mktemp("gpus") / "plan")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a service whose driver says what a test wants."""
    plan.write(CARD)
    environment = plan.environment(built(tmp_path_factory.mktemp("library")))
    data: Path = tmp_path_factory.mktemp("box") / "data"
    async with nightjar(data, CONFIG, environment=environment) as server:
        yield server


def panel(page: Page, title: str) -> Locator:
    """Return a panel by its heading."""
    return page.locator(f"section.panel:has(h2:text-is('{title}'))")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_each_gpu_tells_what_it_has_and_says_what_it_has_not(
    browser: Browser, box: Server, plan: Plan, size: tuple[int, int]
) -> None:
    """Load, clocks, what holds it back, who uses it, errors; what a device does not tell is n/a."""
    plan.write(CARD + LITTLE + "xid GPU-1 31\n")
    async with page_of(browser, size) as (page, troubles):
        await page.goto(f"{box.url}/system")
        card, little = panel(page, "GPU 0: NVIDIA RTX A2000"), panel(page, "GPU 1: Orin (nvgpu)")
        for words in ("37\u00a0%", "42\u00a0W", "of 70\u00a0W", "1200\u00a0MHz", "6001\u00a0MHz"):
            await expect(card).to_contain_text(words, timeout=SAID_MS)
        for words in ("its power limit, heat", "Slowed by heat", "Service", "Xid 31: a program used memory"):
            await expect(card).to_contain_text(words, timeout=SAID_MS)
        await expect(little.get_by_text("n/a", exact=True)).to_have_count(FIGURES)
        for unit in ("%", "°C", "\u00a0W", "Hz", "GB"):
            await expect(little).not_to_contain_text(unit)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await grave_findings(page) == []
        assert troubles.said == []


async def test_a_lost_gpu_is_told_within_ten_seconds_and_well_again_when_it_is_back(
    browser: Browser, box: Server, plan: Plan
) -> None:
    """By its reason, with what that means and what helps; no restart is needed."""
    plan.write(CARD + LITTLE)
    async with page_of(browser, PHONE) as (page, troubles):
        await page.goto(f"{box.url}/system")
        card, little = panel(page, "GPU 0: NVIDIA RTX A2000"), panel(page, "GPU 1: Orin (nvgpu)")
        concern = page.locator(".sys-concerns > li", has_text="GPU lost (Xid 79): NVIDIA RTX A2000, number 0")
        await expect(card).to_contain_text("61\u00a0°C", timeout=SAID_MS)
        plan.write(LOST + LITTLE)
        await expect(concern).to_be_visible(timeout=SAID_MS)
        await expect(card).to_contain_text("Lost")
        await expect(card).not_to_contain_text("°C")
        await expect(little).not_to_contain_text("Lost")
        await expect(concern.get_by_role("link")).to_have_attribute("href", "#sys-gpu")
        plan.write(CARD + LITTLE)
        await expect(concern).to_have_count(0, timeout=30_000)
        await expect(card).to_contain_text("61\u00a0°C")
        assert troubles.said == []
