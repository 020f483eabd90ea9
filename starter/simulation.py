"""The simulated channels behind `tocsin up --simulate`, as a process of their own, and a home that is theirs alone.

The simulators are part of the tests, so only a checkout has them. The sample organisation, wired to them, becomes the
version in force of the simulation's own home; nobody else's home, organisation or incidents are touched. Errors:
Misconfigured where there is no checkout or not all of its tools, Unreachable where the simulators do not come up.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from plan.errors import Misconfigured, Unreachable
from plan.sms import SmsBook
from runtime.documents import SAMPLE, apply_organisation, load_organisation
from runtime.home import Home
from runtime.ports import is_free
from runtime.settings import Settings
from runtime.sms_templates import current_sms_templates
from starter.simulated_organisation import DESK, DESK_VARIABLE, DOMAIN, Simulated, inboxes, simulated

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PORT: Final = 8240
"""Of the page, where it is free."""
SUFFIX: Final = "-simulated"
TOOLS: Final = ("aiosmtpd", "starlette", "trustme", "uvicorn")
STARTING: Final = timedelta(seconds=30)
STOPPING: Final = timedelta(seconds=10)


def home_of(settings: Settings) -> Path:
    """Beside the usual home, never in it."""
    home = settings.home
    return home if home.name.endswith(SUFFIX) else home.with_name(home.name + SUFFIX)


class Simulation:
    """`async with Simulation(settings) as simulation:` - `settings` for the worker, `page` for a browser.

    Inside, the environment of this process says where the channels are.
    """

    def __init__(self, settings: Settings) -> None:
        self._made = simulated(load_organisation(SAMPLE))
        self._home = home_of(settings)
        self._process: asyncio.subprocess.Process | None = None
        self.settings, self.page = settings, ""

    async def __aenter__(self) -> Self:
        _needs_a_checkout()
        try:
            addresses = await self._started()
            os.environ.update(environment(self._made, addresses))
            self.page = addresses["page"]
            self.settings = Settings(home=self._home, public_url=None)  # links lead to the gateway that is started here
            await asyncio.to_thread(self._apply)
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def ended(self) -> None:
        """Returns when the simulators are no more, for whatever reason."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOPPING.total_seconds())
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _started(self) -> dict[str, Any]:
        """In a session of their own: Ctrl-C stops the worker first. They also stop when this process is gone."""
        book = await asyncio.to_thread(current_sms_templates, self.settings)
        port = ["--port", str(PORT)] if is_free(PORT) else []
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.simulators", "--open", "-", "--with-parent", *port),
            cwd=CHECKOUT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            return await asyncio.wait_for(
                _introduced(self._process, opening(self._made, book)), STARTING.total_seconds()
            )
        except (TimeoutError, OSError, ValueError) as failed:
            raise Unreachable(
                "The simulators did not come up; what they say stands above. Run `python -m tests.simulators` in the "
                "checkout to see them alone, or leave --simulate out."
            ) from failed

    def _apply(self) -> None:
        home = Home(self._home)
        home.make()
        file = home.path / "organisation.simulated.yaml"
        made = self._made.organisation.model_dump(mode="json", exclude_none=True)
        file.write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")
        apply_organisation(self.settings, file)


def opening(made: Simulated, book: SmsBook) -> Mapping[str, object]:
    """Whom the simulators stand for, and which short messages are registered with them."""
    by_role = [each for kind in (book.real, book.drill) for each in (kind.default, *kind.duties.values())]
    templates = {template.code: template.text for roles in by_role for template in roles.values()}
    return {"inboxes": inboxes(made), "sign_name": book.sign_name, "templates": templates}


def environment(made: Simulated, addresses: Mapping[str, Any]) -> dict[str, str]:
    """What the worker finds the channels by."""
    sms, voice, smtp = addresses["sms"], addresses["voice"], addresses["smtp"]
    desk = addresses["inboxes"][f"webhook/{DESK}"]
    found = {
        DESK_VARIABLE: desk["url"],
        f"{DESK_VARIABLE}_SECRET": desk["secret"],
        "TOCSIN_SMS_GATEWAY": sms["url"],
        "TOCSIN_SMS_KEY_ID": sms["access_key_id"],
        "TOCSIN_SMS_KEY_SECRET": sms["access_key_secret"],
        "TOCSIN_VOICE_GATEWAY": voice["url"],
        "TOCSIN_VOICE_SECRET": voice["secret"],
        "TOCSIN_SMTP_SERVER": f"smtp://{smtp['host']}:{smtp['starttls']}",
        "TOCSIN_SMTP_SENDER": f"tocsin@{DOMAIN}",
        "TOCSIN_SMTP_USER": smtp["user"],
        "TOCSIN_SMTP_PASSWORD": smtp["password"],
        "TOCSIN_SMTP_CA": smtp["ca_file"],
    }
    for chat in made.chats:
        inbox = addresses["inboxes"][f"{chat.channel}/{chat.id}"]
        found |= {chat.variable: inbox["url"], f"{chat.variable}_SECRET": inbox["secret"]}
    return found


async def _introduced(process: asyncio.subprocess.Process, told: Mapping[str, object]) -> dict[str, Any]:
    """One line each way: whom to expect, and where they are reached."""
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipe")
    process.stdin.write(json.dumps(told).encode() + b"\n")
    await process.stdin.drain()
    return json.loads(await process.stdout.readline())


def _needs_a_checkout() -> None:
    if not (CHECKOUT / "tests" / "simulators" / "__main__.py").is_file():
        raise Misconfigured(
            "--simulate needs a checkout of Tocsin: the simulated channels belong to its tests, which an installed "
            "Tocsin does not bring along. Clone the repository and run `make up ARGS=--simulate` in it."
        )
    if missing := [name for name in TOOLS if find_spec(name) is None]:
        raise Misconfigured(
            f"--simulate needs {', '.join(missing)}, which is not installed. Run `make setup` in the checkout and use "
            "its .venv."
        )
