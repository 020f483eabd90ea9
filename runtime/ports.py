"""A port of this machine for a server of our own, chosen where no other program's connection can take it meanwhile."""

import random
import socket
from typing import Final

from plan.errors import Unreachable

HOST: Final = "127.0.0.1"
BELOW_THE_EPHEMERAL: Final = range(15_000, 32_000)
"""Linux and macOS give ports from 32768 and 49152 on to outgoing connections: a port "free" there is soon taken."""
TRIES: Final = 200


def free_port() -> int:
    """A port nobody listens on now."""
    for port in random.sample(BELOW_THE_EPHEMERAL, TRIES):  # no secret: any free one will do
        if is_free(port):
            return port
    raise Unreachable(f"No free port was found on {HOST} in {TRIES} tries. Name one with --port.")


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
