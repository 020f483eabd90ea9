"""Large payloads travel compressed: a state of hundreds of facts stays far below Temporal's 2 MiB (architecture).

Errors: none here. What cannot be opened, or would open to more than `MOST`, is handed on as it came: whoever reads it
meets an unknown encoding, which the incident records as a malformed message. Raising here instead would fail the
workflow task again and again, and one hostile message would stop an incident's clocks.
"""

import zlib
from collections.abc import Sequence
from typing import Final

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ABOVE: Final = 4 * 1024
"""Bytes; smaller payloads stay readable in Temporal's own tools."""
MOST: Final = 64 * 1024 * 1024
"""Bytes a payload may open to."""
ENCODING: Final = b"binary/zlib"


class CompressionCodec(PayloadCodec):
    """zlib around the whole payload, its metadata included."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_compressed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_opened(payload) for payload in payloads]


def _compressed(payload: Payload) -> Payload:
    if len(payload.data) <= ABOVE:
        return payload
    packed = zlib.compress(payload.SerializeToString())
    if len(packed) >= len(payload.data):
        return payload
    return Payload(metadata={"encoding": ENCODING}, data=packed)


def _opened(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != ENCODING:
        return payload
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(payload.data, MOST)
        return Payload.FromString(data) if stream.eof else payload
    except (zlib.error, DecodeError):
        return payload
