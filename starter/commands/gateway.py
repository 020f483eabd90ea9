"""`tocsin gateway`: the doors over HTTP, for other systems and for people's browsers (contract, section 9)."""

import asyncio
import ipaddress
import signal

import click

from plan.errors import Misconfigured, Unreachable
from runtime.leaving import run
from runtime.logging import configure
from runtime.settings import Settings
from starter.gateway.composing import composed
from starter.gateway.connection import Connecting
from starter.gateway.serving import PORT, Gateway, allow_many_connections
from starter.options import Asked, Command, asked
from starter.output import say_error, say_json
from starter.words import either


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="The port to listen on.")
def command(host: str, port: int) -> int:
    """运行 HTTP 网关 · Serve the HTTP interface until Ctrl-C or SIGTERM.

    It speaks plain HTTP. Beyond this machine it belongs behind a proxy that speaks TLS, and TOCSIN_PUBLIC_URL says
    where people reach that. It starts without Temporal, and says 503 until that answers.
    """
    return run(_served(host, port, asked()))


async def _served(host: str, port: int, how: Asked) -> int:
    settings = Settings()
    configure(settings.log_level)
    _check(host, settings)
    allow_many_connections()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with composed(settings, Connecting(settings)) as parts:
        async with Gateway(parts, host, port) as gateway:
            _announce(gateway.url, how)
            waiting = [asyncio.create_task(stop.wait()), asyncio.create_task(gateway.ended())]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            if not stop.is_set():
                raise Unreachable("The gateway has stopped by itself; the log says why. Start it again.")
            say_error(either(how.lang, "正在停止……", "Stopping…"))
    return 0


def _check(host: str, settings: Settings) -> None:
    """Keys and personal data must not go over a network in plain text because nobody thought of it."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise Misconfigured(f"--host: {host} is no address. Write one such as 127.0.0.1, 0.0.0.0 or ::1.") from None
    if not address.is_loopback and settings.public_url is None:
        raise Misconfigured(
            f"The gateway speaks plain HTTP, and {host} can be reached from elsewhere. Put a proxy that speaks TLS in "
            "front of it and set TOCSIN_PUBLIC_URL to where people reach that; or leave --host out."
        )


def _announce(url: str, how: Asked) -> None:
    if how.as_json:
        say_json({"http": url})
    else:
        say_error(either(how.lang, f"网关已启动：{url}，Ctrl-C 停止。", f"The gateway serves {url}; Ctrl-C stops it."))
