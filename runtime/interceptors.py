"""Two things every worker does around an incident: no message wedges it, and seals are opened outside of it.

A handler that takes one argument and is sent two fails its workflow task for ever (temporalio 1.35; the test is
tests/runtime/test_messages.py). So several arguments of a known message reach its handler as one that says so;
a missing one is the handler's default.
"""

from collections.abc import MutableMapping, Sequence
from typing import Any, cast

from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from runtime.happened import Hint
from runtime.names import HINT, OPEN_SEAL, SURPLUS
from runtime.seals import Keyring


class OneArgument(WorkflowInboundInterceptor):
    """Hands at most one argument to a known signal, update or query; the dynamic handlers take what comes.

    A start with a surplus argument is not cut: the workflow gets what came as a list, which is no start.
    """

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        if len(input.args) > 1:
            input.args = [list(input.args)]
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        if workflow.get_signal_handler(input.signal) is not None:  # pyright: ignore[reportUnknownMemberType]
            input.args = _first(input.args)
        await super().handle_signal(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        if workflow.get_query_handler(input.query) is not None:  # pyright: ignore[reportUnknownMemberType]
            input.args = _first(input.args)
        return await super().handle_query(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        _trim(input)
        super().handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        _trim(input)
        return await super().handle_update_handler(input)


class MessageInterceptor(Interceptor):
    """Gives every workflow of the worker its trimmed messages and the way to open a seal (contract, section 2)."""

    def __init__(self, keyring: Keyring, hint: Hint | None = None) -> None:
        self._keyring, self._hint = keyring, hint

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        functions = cast(MutableMapping[str, object], input.unsafe_extern_functions)  # pyright: ignore[reportUnknownMemberType]
        functions[OPEN_SEAL] = self._keyring.valid
        if self._hint is not None:
            functions[HINT] = self._hint
        return OneArgument


def _trim(input: HandleUpdateInput) -> None:
    if workflow.get_update_handler(input.update) is not None:  # pyright: ignore[reportUnknownMemberType]
        input.args = _first(input.args)


def _first(args: Sequence[Any]) -> list[Any]:
    """Nothing, the one argument, or word that there were several: none of several is judged."""
    return list(args) if len(args) < 2 else [SURPLUS]
