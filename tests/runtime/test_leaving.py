"""A short process ends with its own exit code: no crash after its work, and everything it said is written."""

import asyncio
import sys
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

RUNS = 4
CONNECT = "import asyncio\nfrom runtime.temporal import connect\nasync def main():\n    await connect()\n    return 7\n"
OURS = CONNECT + "from runtime.leaving import leave, run\nprint('said', end='')\nleave(run(main()))\n"
ANYBODYS = CONNECT + "asyncio.run(main())\nprint('said', end='')\nraise SystemExit(7)\n"


@pytest.mark.server
@pytest.mark.parametrize("script", [OURS, ANYBODYS], ids=["a command of ours", "anybody's script"])
async def test_a_process_that_connected_ends_with_its_own_exit_code(env: WorkflowEnvironment, script: str) -> None:
    address = env.client.service_client.config.target_host
    for _ in range(RUNS):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            script,
            cwd=Path(__file__).parents[2],
            env={"TEMPORAL_ADDRESS": address, "TEMPORAL_CONFIG_FILE": "/dev/null"},
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        assert (process.returncode, said) == (7, b"said")
