"""Documents in Systems Manager parameters: versioned, tagged, and protected against concurrent writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.model.facts import aws
from pinekeep.model.naming import DEPLOYMENT_TAG

_LOOK_AGAIN: Final = "someone else is changing this deployment; see what they did, then run it again"


@dataclass(frozen=True)
class Stored:
    """A parameter's text and version, from 1; every write increments it."""

    text: str
    version: int


def read_parameters(clients: Clients, names: Sequence[str]) -> dict[str, Stored]:
    """Return the existing parameters by name, at most ten. One call."""
    with refusals_told():
        found = clients.client("ssm").get_parameters(Names=list(names))["Parameters"]
    return {each["Name"]: Stored(each["Value"], int(each["Version"])) for each in found}


def read_parameter(clients: Clients, name: str) -> Stored | None:
    """Return a parameter, or None where there is none. One call."""
    return read_parameters(clients, [name]).get(name)


def write_parameter(clients: Clients, name: str, text: str, *, after: Stored | None, deployment: str) -> Stored:
    """Write a parameter whose last version is known.

    Systems Manager has no conditional write, so this reads before the write and checks the version after it. Of two
    concurrent writers, the second is refused, and the first one's document remains as a version. ``after``: what was
    read before; None where there must be none. ``deployment``: the deployment in the tag of a new parameter. Raises
    AwsRefusedError if AWS refuses, or somebody else has written in between; WrongInputError if the text is too long for
    a parameter.
    """
    if len(text.encode()) > aws.PARAMETER_BYTES_MAX:
        raise WrongInputError(
            f"the document for parameter {name} takes {len(text.encode()):,} bytes; a parameter holds "
            f"{aws.PARAMETER_BYTES_MAX:,}"
        )
    if read_parameter(clients, name) != after:
        raise _changed(name)
    arguments: dict[str, Any] = {"Name": name, "Value": text, "Type": "String"}
    if after is None:
        # A new parameter alone can be tagged in the same call.
        arguments["Tags"] = [{"Key": DEPLOYMENT_TAG, "Value": deployment}]
    else:
        arguments["Overwrite"] = True
    with refusals_told():
        try:
            version = int(clients.client("ssm").put_parameter(**arguments)["Version"])
        except Exception as error:
            if code_of(error) == "ParameterAlreadyExists":
                raise _changed(name) from None
            raise
    if after is not None and version != after.version + 1:
        raise _changed(name)
    return Stored(text, version)


def _changed(name: str) -> AwsRefusedError:
    return AwsRefusedError(f"parameter {name} was changed in the meantime", hint=_LOOK_AGAIN)
