"""Reading what anybody may have sent: no argument, null, wrong types, bytes nobody can decode (contract, section 2)."""

from collections.abc import Callable
from typing import Any, cast

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import RawValue

from plan.messages import Bad, OpenSeal
from runtime.names import OPEN_SEAL, SURPLUS

NOTHING: Any = None
"""The default of every handler's argument: exactly `RawValue` as its type, or well-formed messages are dropped."""


def decoded(message: object) -> object:
    """What was sent; None where nothing came or nothing can be decoded.

    With surplus arguments the SDK hands over the first one decoded (temporalio 1.35), so both are taken.
    """
    if not isinstance(message, RawValue):
        return message
    try:
        return cast("object", workflow.payload_converter().from_payload(message.payload))
    except Exception:  # noqa: BLE001  any payload at all may arrive; it is answered as malformed
        return None


def several(said: object) -> Bad | None:
    """More than one argument was sent: none of them is judged, for nobody can tell which was meant."""
    if said != SURPLUS:
        return None
    return Bad(why="it takes one argument, a fact, and more were sent; none was judged. Send one fact per message.")


def asked(message: object) -> dict[str, JsonValue]:
    """What a query or `reveal` asks for; anything that cannot be read asks for nothing in particular."""
    said = decoded(message)
    return cast("dict[str, JsonValue]", said) if isinstance(said, dict) else {}


def open_seal() -> OpenSeal:
    """How this worker checks a door's seal: outside the workflow, at no cost in history."""
    functions = cast("dict[str, Callable[..., Any]]", workflow.extern_functions())  # pyright: ignore[reportUnknownMemberType]
    return functions[OPEN_SEAL]
