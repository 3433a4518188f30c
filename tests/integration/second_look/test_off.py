"""The second look of the whole appliance: off unless its owner names an address."""

import asyncio
from pathlib import Path

import pytest

from appliance.compose import appliance
from appliance.config import Config, ServerSettings, StorageSettings
from appliance.detections.settings import Settings as DetectorSettings
from appliance.second_look.settings import Settings
from tests.support.chat_server import chatting


@pytest.mark.parametrize("is_on", [False, True])
async def test_nobody_is_asked_unless_it_is_set(tmp_path: Path, is_on: bool) -> None:
    """The part that asks is not even started; nothing is connected to for as long as there is no event."""
    async with chatting() as server:
        config = Config(
            server=ServerSettings(port=0),
            storage=StorageSettings(tmp_path),
            detector=DetectorSettings(model="builtin"),
            second_look=Settings(server.address, "m") if is_on else Settings(),
        )
        async with appliance(config):
            running = {task.get_name() for task in asyncio.all_tasks()}
        assert ("second look" in running) is is_on
        assert server.asked == []
