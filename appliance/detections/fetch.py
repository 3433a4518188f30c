"""Fetches a model's file from where its makers published it, and accepts nothing but the expected bytes."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import aiohttp

from appliance.detections.catalogue import Release
from appliance.detections.models import Model, ModelFolder
from appliance.detections.working import finish
from appliance.errors import ModelError, TemporaryFailure

CONNECT_TIMEOUT_S = 15.0
SILENCE_TIMEOUT_S = 30.0
TOTAL_TIMEOUT_S = 900.0
"""Four kilobytes a second suffice for YOLOX-Nano."""
CHUNK_BYTES = 1 << 16

Progress = Callable[[float], None]
"""Called with the part that is there, 0 to 1."""


async def fetch(release: Release, folder: ModelFolder, progress: Progress) -> Path:
    """Fetch a model with a published hash into the folder, record it, and return its path.

    Redirects are followed. The file appears under its name when it is complete, verified and on the disk,
    not before.

    Raises:
        TemporaryFailure: the network or the disk refused; says what happened.
        ModelError: other bytes came than were published.
    """
    timeout = aiohttp.ClientTimeout(
        total=TOTAL_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=SILENCE_TIMEOUT_S
    )
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(release.url, headers={"Accept-Encoding": "identity"}) as response,
        ):
            if response.status != 200:
                raise TemporaryFailure(f"{release.url}: expected status 200, got {response.status}")
            return await _receive(response.content, release, folder, progress)
    except TimeoutError as err:
        raise TemporaryFailure(f"{release.url}: no answer in time") from err
    except aiohttp.ClientConnectorError as err:
        reason = err.os_error.strerror or "no connection"
        raise TemporaryFailure(f"{err.host} cannot be reached ({reason})") from err
    except aiohttp.ClientError as err:
        raise TemporaryFailure(f"{release.url}: {' '.join(str(err).split()) or type(err).__name__}") from err
    except OSError as err:
        raise TemporaryFailure(f"{folder.folder}: {err.strerror or err}") from err


async def _receive(
    content: aiohttp.StreamReader, release: Release, folder: ModelFolder, progress: Progress
) -> Path:
    digest = hashlib.sha256()
    received = 0
    progress(0.0)
    with folder.part() as part:
        async for chunk in content.iter_chunked(CHUNK_BYTES):
            received += len(chunk)
            if received > release.size_bytes:
                break
            digest.update(chunk)
            await asyncio.to_thread(part.write, chunk)
            progress(received / release.size_bytes)
        if received != release.size_bytes or digest.hexdigest() != release.sha256:
            raise ModelError(
                f"{release.url}: expected {release.size_bytes} bytes with SHA-256 {release.sha256[:12]}…, "
                f"got {_received(received, release)} with {digest.hexdigest()[:12]}…"
            )
        model = Model(
            *(release.name, release.file, release.size_bytes, release.sha256),
            *(release.licence, release.url),
        )
        await asyncio.to_thread(finish, part)
        return await asyncio.to_thread(folder.put, Path(part.name), model)


def _received(received: int, release: Release) -> str:
    return "more" if received > release.size_bytes else f"{received} bytes"
