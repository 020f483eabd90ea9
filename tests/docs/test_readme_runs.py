"""The README's first incident, typed in as it stands there against a real server, in a namespace of its own."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest
from temporalio.client import Client

from runtime.settings import Settings
from tests.docs.pages import FENCE, ROOT, page

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(120)]

REFUSED = re.compile(r"\s{2,}# refused$")


@pytest.mark.rule("R20", "R43")
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
async def test_the_first_incident_runs_as_it_is_written(apart: Client, tmp_path: Path, name: str) -> None:
    from worker import build_worker

    lines = typed(name)
    assert len(lines) > 8
    async with build_worker(apart, settings=Settings()):
        for line in lines:
            command = re.sub(r"GD-2026-\d+", f"README-{name[7:9]}", line)
            code, said = await ran(command, apart, tmp_path)
            assert code == (1 if REFUSED.search(line) else 0), f"{line}\n{said}"


def typed(name: str) -> list[str]:
    """The commands of the block that files a complaint, each with the lines it spans."""
    block = next(body for language, body in FENCE.findall(page(name)) if language == "sh" and "tocsin file" in body)
    joined = re.sub(r",\n\s+", ", ", block)
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith(("#", ". "))]
    return [line for line in lines if "tocsin" in line]


async def ran(command: str, client: Client, folder: Path) -> tuple[int, str]:
    """By a shell, with `tocsin` as this checkout's own."""
    tocsin = f'tocsin() {{ "{sys.executable}" -m starter.main "$@"; }}'
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
    }
    running = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        f"{tocsin}\n{command}",
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    return running.returncode or 0, said.decode()
