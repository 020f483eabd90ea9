"""Large payloads travel small, and none opens to more than it may."""

import zlib

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

from runtime.codec import ABOVE, ENCODING, MOST, CompressionCodec
from runtime.temporal import data_converter

CODEC = CompressionCodec()


def payload(data: bytes) -> Payload:
    return Payload(metadata={"encoding": b"json/plain", "other": b"kept"}, data=data)


def packed(data: bytes) -> Payload:
    return Payload(metadata={"encoding": ENCODING}, data=data)


@pytest.mark.parametrize("size", [0, 1, ABOVE, ABOVE + 1, 2_000_000])
async def test_what_is_packed_is_opened_as_it_was(size: int) -> None:
    original = payload(b'"' + b"x" * size + b'"')
    assert await CODEC.decode(await CODEC.encode([original])) == [original]


async def test_large_payloads_shrink_and_small_ones_stay_readable() -> None:
    large, small = await CODEC.encode([payload(b'{"k": 1},' * 20_000), payload(b"{}")])
    assert len(large.data) < 2_000
    assert small == payload(b"{}")


async def test_what_does_not_shrink_is_left_alone() -> None:
    noise = payload(zlib.compress(bytes(range(256)) * 100 + b"x" * 9, 0)[:ABOVE] + bytes(range(256)) * 16)
    (once,) = await CODEC.encode([noise])
    assert len(once.data) <= len(noise.data)


@pytest.mark.parametrize(
    "hostile",
    [
        b"not zlib at all",
        zlib.compress(b"not a payload \xff\xff"),
        zlib.compress(payload(b"x" * 10_000).SerializeToString())[:-10],
        b"",
    ],
    ids=["not compressed", "not a payload", "cut off", "empty"],
)
async def test_what_cannot_be_opened_is_handed_on_as_it_came(hostile: bytes) -> None:
    assert await CODEC.decode([packed(hostile)]) == [packed(hostile)]


async def test_a_bomb_is_not_opened() -> None:
    bomb = packed(zlib.compress(payload(b"\0" * (MOST + 1)).SerializeToString(), 9))
    assert len(bomb.data) < 100_000
    assert await CODEC.decode([bomb]) == [bomb]
    with pytest.raises(KeyError, match="binary/zlib"):
        await data_converter.decode([bomb])


async def test_other_encodings_pass() -> None:
    other = Payload(metadata={"encoding": b"binary/encrypted"}, data=b"x" * 10_000)
    assert await CODEC.decode([other]) == [other]


async def test_a_client_without_the_codec_reads_small_messages() -> None:
    assert await DataConverter.default.decode(await data_converter.encode([{"kind": "noted"}])) == [{"kind": "noted"}]
