"""Everything that looks at footage and takes it away, joined."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.commit.committer import Committer
from appliance.domain.ids import new_id
from appliance.recordings.playback.catalogue import Catalogue
from appliance.recordings.playback.exporter import Exporter
from appliance.recordings.playback.layouts import Layouts
from appliance.recordings.playback.previews import Previews
from appliance.recordings.playback.settings import PlaybackSettings
from appliance.runtime.clock import Clock
from appliance.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Playback:
    """What the web server needs of the footage; ``run`` of exporter and previews is for the supervisor."""

    catalogue: Catalogue
    layouts: Layouts
    previews: Previews
    exporter: Exporter
    settings: PlaybackSettings


@asynccontextmanager
async def playback(
    data_dir: Path, reader: Reader, committer: Committer, clock: Clock, settings: PlaybackSettings
) -> AsyncIterator[Playback]:
    """Open the folders of previews and exports until the block ends; their threads have ended then."""
    layouts, catalogue = Layouts(), Catalogue(reader, settings)
    async with (
        Previews(data_dir, layouts, catalogue, clock, settings) as previews,
        Exporter(*(data_dir, catalogue, reader, committer, clock, new_id, settings)) as exporter,
    ):
        yield Playback(catalogue, layouts, previews, exporter, settings)
