"""Where an address leads, and the secret that belongs to it: written in the organisation, or named there (R29).

A robot's address is a secret itself, so the organisation names an environment variable instead. Errors:
`ChannelMisconfigured`, which names the variable and never what it holds.
"""

from collections.abc import Mapping

from activities.channels.contract import ChannelMisconfigured
from plan.organisation import Address


def resolved(address: Address, env: Mapping[str, str]) -> str:
    """What `to_env` names, else `to`."""
    return _held(address, address.to_env, "address", env) if address.to_env else address.to


def secret_of(address: Address, env: Mapping[str, str]) -> str | None:
    """What `secret_env` names; None where it names nothing."""
    return _held(address, address.secret_env, "secret", env) if address.secret_env else None


def _held(address: Address, variable: str, what: str, env: Mapping[str, str]) -> str:
    if found := env.get(variable, "").strip():
        return found
    raise ChannelMisconfigured(
        f"Nothing can be sent over {address.channel}: {variable}, which is to hold its {what}, is not set where this "
        "worker runs. Set it there, or correct its name in the organisation."
    )
