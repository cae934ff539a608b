"""The outputs of deployed stacks that a handoff needs."""

from collections.abc import Mapping

from pinekeep.errors import PinekeepError


def required_output(name: str, outputs: Mapping[str, str], output: str) -> str:
    """Return an output of a deployment's stacks. Raises PinekeepError if it is missing."""
    try:
        return outputs[output]
    except KeyError:
        raise PinekeepError(
            f"{name} has no {output} yet: its stacks are not deployed",
            hint=f"`pinekeep deploy --deployment {name}`, then `pinekeep verify`",
        ) from None
