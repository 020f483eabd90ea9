"""`tocsin up`: the whole system on this machine. Composes the whole, hence an exception of the house's order."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from typing import NamedTuple

import click
from temporalio.client import Client
from temporalio.service import RPCError

from plan.errors import Misconfigured, Unreachable
from runtime.documents import current_organisation, current_playbook
from runtime.embedded import EmbeddedServer
from runtime.home import Home
from runtime.leaving import run
from runtime.logging import configure
from runtime.ports import HOST, free_port, is_free
from runtime.schedules import ensure, everything_planned
from runtime.settings import Settings
from runtime.temporal import connect, prepare
from starter.gateway.composing import composed
from starter.gateway.connection import Connected
from starter.gateway.serving import PORT as HTTP_PORT
from starter.gateway.serving import Gateway, allow_many_connections
from starter.options import Asked, Command, asked
from starter.output import say, say_error, say_json
from starter.simulation import Simulation
from starter.words import either
from worker import build_worker

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORT, _UI_PORT = 7233, 8233


@click.command(cls=Command)
@click.option("--temporal", metavar="HOST:PORT", help="A Temporal server that runs already, instead of one of our own.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of our own server; TEMPORAL_ADDRESS's, else 7233.")
@click.option("--ui-port", type=click.IntRange(1, 65535), help="Port of its web UI; 8233, or a free one.")
@click.option("--http-port", type=click.IntRange(1, 65535), help="Port of the gateway; 8520, or a free one.")
@click.option("--simulate", is_flag=True, help="With simulated chats, phones and mail, and a page.")
def command(temporal: str | None, port: int | None, ui_port: int | None, http_port: int | None, simulate: bool) -> int:
    """在本机启动整套系统 · Run Temporal with its UI, a worker and the gateway here, until Ctrl-C.

    Everything is kept under TOCSIN_HOME (.tocsin/); a second start finds every open incident again. Notices of the
    outbox channel are shown on stderr. With --simulate (in a checkout) the sample organisation is reached over
    simulated channels, in a home of its own beside the usual one.
    """
    if temporal and (port or ui_port):
        raise click.UsageError("--temporal names a server that runs already; --port and --ui-port are for our own")
    if temporal and simulate:
        raise click.UsageError("--simulate has a server of its own, so that no other worker takes its incidents")
    return run(_up(temporal, Ports(port, ui_port, http_port), simulate, asked()))


class Ports(NamedTuple):
    """As asked for; None is the usual one."""

    temporal: int | None
    ui: int | None
    http: int | None


async def _up(temporal: str | None, ports: Ports, simulate: bool, how: Asked) -> int:
    """Ends when asked to; what the SDK calls lost for good is Temporal out of reach."""
    try:
        return await _until_stopped(temporal, ports, simulate, how)
    except (RPCError, RuntimeError) as lost:
        raise Unreachable(f"Tocsin has stopped: {lost}. Is Temporal there, and may this worker use it?") from lost


async def _until_stopped(temporal: str | None, ports: Ports, simulate: bool, how: Asked) -> int:
    settings = Settings()
    configure(settings.log_level)
    allow_many_connections()
    stop = _stop_on_signals()
    server: EmbeddedServer | None = None
    simulation = Simulation(settings) if simulate else None
    async with AsyncExitStack() as stack:
        if simulation:
            settings = (await stack.enter_async_context(simulation)).settings
        http_port = _http_port(ports.http)
        settings = settings.model_copy(update={"public_url": settings.public_url or f"http://{HOST}:{http_port}"})
        organisation, playbook = current_organisation(settings), current_playbook(settings)
        planned = everything_planned(settings)
        if temporal:
            client, addresses = await _joined(settings, temporal)
        else:
            server = EmbeddedServer(Home(settings.home), _port(ports.temporal), _ui_port(ports.ui))
            await stack.enter_async_context(server)
            client, addresses = await server.connect(), {"temporal": server.address, "ui": server.ui}
        await stack.enter_async_context(build_worker(client, settings=settings, terminal=sys.stderr))
        await ensure(client, *planned)
        parts = stack.enter_context(composed(settings, Connected(client)))
        gateway = await stack.enter_async_context(Gateway(parts, HOST, http_port))
        versions = {"organisation": organisation.version, "playbook": playbook.version}
        page = {"simulators": simulation.page} if simulation else {}
        _announce({**addresses, "http": gateway.url, **page, "home": str(settings.home), **versions}, how)
        await _asked_to_stop_or_lost(stop, gateway, server, simulation)
        say_error(either(how.lang, "正在停止……", "Stopping…"))
    return 0


async def _asked_to_stop_or_lost(
    stop: asyncio.Event, gateway: Gateway, server: EmbeddedServer | None, simulation: Simulation | None
) -> None:
    asked_to_stop, shut = asyncio.create_task(stop.wait()), asyncio.create_task(gateway.ended())
    lost = asyncio.create_task(server.ended()) if server else None
    gone = asyncio.create_task(simulation.ended()) if simulation else None
    waiting = [task for task in (asked_to_stop, shut, lost, gone) if task]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    if asked_to_stop.done():
        return
    if shut.done():
        raise Unreachable("The gateway has stopped by itself; the log says why. Start `tocsin up` again.")
    if gone and gone.done():
        raise Unreachable("The simulators have stopped by themselves. Start `tocsin up --simulate` again.")
    raise Unreachable(
        "The Temporal server has stopped by itself; its log in TOCSIN_HOME says why. Nothing that was accepted is "
        "lost: start `tocsin up` again, and every open incident goes on."
    )


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _joined(settings: Settings, address: str) -> tuple[Client, dict[str, str]]:
    client = await connect(settings, address=address)
    await prepare(client)
    return client, {"temporal": address}


def _port(asked_for: int | None) -> int:
    """Where this environment's other commands will look: TEMPORAL_ADDRESS where it is on this machine, else 7233."""
    host, _, said = os.environ.get("TEMPORAL_ADDRESS", "").rpartition(":")
    port = asked_for or (int(said) if host in _LOOPBACK and said.isdigit() else _PORT)
    if not is_free(port):
        raise Misconfigured(
            f"Port {port} is in use: another server runs there. Stop it, or use it with --temporal 127.0.0.1:{port}, "
            "or choose another with --port."
        )
    return port


def _ui_port(asked_for: int | None) -> int | None:
    if asked_for is not None and not is_free(asked_for):
        raise Misconfigured(f"Port {asked_for} is in use. Choose another with --ui-port.")
    return asked_for or (_UI_PORT if is_free(_UI_PORT) else None)


def _http_port(asked_for: int | None) -> int:
    if asked_for is not None and not is_free(asked_for):
        raise Misconfigured(f"Port {asked_for} is in use. Choose another with --http-port.")
    return asked_for or (HTTP_PORT if is_free(HTTP_PORT) else free_port())


def _announce(addresses: dict[str, str], how: Asked) -> None:
    if how.as_json:
        say_json(addresses)
        return
    words = {
        "temporal": ("Temporal 地址", "Temporal"),
        "ui": ("Temporal 页面", "Temporal UI"),
        "http": ("HTTP 接口与页面", "HTTP interface and pages"),
        "simulators": ("模拟群聊、手机和邮箱", "simulated chats, phones and mail boxes"),
        "home": ("数据目录", "kept in"),
        "organisation": ("机构版本", "organisation"),
        "playbook": ("规则版本", "playbook"),
    }
    say(either(how.lang, "Tocsin 已启动，Ctrl-C 停止。", "Tocsin is up; Ctrl-C stops it."))
    for name, value in addresses.items():
        say(f"  {either(how.lang, *words[name])}: {value}")
    if "simulators" in addresses:
        zh, en = (
            "模拟用单独的数据目录，平时的机构和事件不受影响",
            "your usual home and its incidents are untouched",
        )
        say(f"  {either(how.lang, zh, en)}")
    if hints := _hints(addresses):
        say(f"  {either(how.lang, '其他命令行先执行', 'in other terminals first')}: export {' '.join(hints)}")


def _hints(addresses: dict[str, str]) -> list[str]:
    """What another terminal must know to mean the same system."""
    elsewhere = addresses["temporal"].rpartition(":")[2] != str(_PORT)
    hints = [f"TEMPORAL_ADDRESS={addresses['temporal']}"] if elsewhere else []
    return [*hints, f"TOCSIN_HOME={addresses['home']}"] if "simulators" in addresses else hints
