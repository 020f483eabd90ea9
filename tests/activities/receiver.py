"""The other side of a webhook or a robot: a real HTTP server on this machine that answers, hangs or drops as told."""

import json
import socket
import threading
from collections import deque
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class Manner(Enum):
    ANSWER = auto()
    HANG = auto()
    """Until the receiver is released or the caller hangs up."""
    DRIP = auto()
    """A byte now and then, never to the end."""
    DROP = auto()
    """The connection, without an answer."""
    BREAK_OFF = auto()
    """In the middle of the body."""


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    manner: Manner = Manner.ANSWER


@dataclass(frozen=True)
class Request:
    """`headers` by lower-case name."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self.body))


class Receiver:
    """Replies in the order given, then with the last one for ever."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/notices"
        self.requests: list[Request] = []
        self.release = threading.Event()
        self.hung_up = threading.Event()
        """A caller did not wait for its answer."""
        self._arrived = threading.Semaphore(0)
        self._replies: deque[Reply] = deque([Reply()])

    def replies(self, *replies: Reply) -> None:
        self._replies = deque(replies)

    def wait_for_a_request(self) -> None:
        """Blocks; from a test call it in a thread."""
        if not self._arrived.acquire(timeout=20):
            raise TimeoutError("no request came")

    def take(self, request: Request) -> Reply:
        self.requests.append(request)
        reply = self._replies.popleft() if len(self._replies) > 1 else self._replies[0]
        self._arrived.release()
        return reply


@contextmanager
def receiving() -> Generator[Receiver]:
    """A receiver on a free port of the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            _reply(self, receiver, receiver.take(Request(self.path, headers, body)))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False  # so that closing waits for every answer
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever hung up is the test's business."""

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.release.set()
            server.shutdown()
            thread.join()


def _reply(handler: BaseHTTPRequestHandler, receiver: Receiver, reply: Reply) -> None:
    if reply.manner is Manner.HANG and not _released(handler.connection, receiver):
        return
    if reply.manner is Manner.DROP:
        return
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    more = 1000 if reply.manner in (Manner.DRIP, Manner.BREAK_OFF) else 0
    handler.send_header("content-length", str(len(reply.body) + more))
    handler.end_headers()
    handler.wfile.write(reply.body)
    while reply.manner is Manner.DRIP and not receiver.release.wait(0.02):
        handler.wfile.write(b" ")


def _released(connection: socket.socket, receiver: Receiver) -> bool:
    """Waits for it; False where the caller hung up first."""
    connection.settimeout(0.02)
    while not receiver.release.is_set():
        try:
            if not connection.recv(1, socket.MSG_PEEK):
                receiver.hung_up.set()
                return False
        except TimeoutError:
            continue
        except ConnectionError:
            receiver.hung_up.set()
            return False
    connection.settimeout(None)
    return True
