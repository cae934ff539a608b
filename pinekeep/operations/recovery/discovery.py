"""Finding the resources that a deleted stack retained, and checking them. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.record.handover import Value
from pinekeep.account.record.store import Record, read_record
from pinekeep.decisions.privileges.scope import makes_key
from pinekeep.errors import PinekeepError
from pinekeep.model.arns import path_of
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import alias_of
from pinekeep.model.naming import DEPLOYMENT_TAG

_ABSENT: Final = frozenset({"NoSuchEntity", "NotFoundException", "NoSuchBucketPolicy"})
_USABLE: Final = ("Enabled", "Disabled")


@dataclass(frozen=True, kw_only=True)
class Retained:
    """The retained resources of a deleted stack: role ARNs, its own key and ``alias/…``, and the handover's record."""

    roles: tuple[str, ...]
    key_arn: str | None = None
    alias: str | None = None
    record: Record | None = None

    @property
    def things(self) -> list[str]:
        """The resources in words."""
        key = [f"key {self.key_arn}", f"{self.alias}"] if self.key_arn else []
        return [*(f"role {each}" for each in self.roles), *key]


def find_retained(name: str, deployment: Deployment, *, role_names: Sequence[str], clients: Clients) -> Retained:
    """Return a deployment's retained resources, found by name, checked by tag and against the record.

    Raises AwsRefusedError if AWS refuses; PinekeepError if one is missing, another's, or differs from the record.
    """
    record = read_record(clients, name)
    with refusals_told():
        roles = tuple(find_role(name, each, deployment.iam_path, clients) for each in role_names)
        alias = alias_of(name, deployment) if makes_key(deployment) else None
        key_arn = find_key(name, alias, clients) if alias else None
    found = Retained(roles=roles, key_arn=key_arn, alias=alias, record=record)
    _compare_with_record(name, deployment, found)
    return found


def find_role(name: str, role: str, path: str, clients: Clients) -> str:
    """Return the ARN of a retained role. Raises PinekeepError if there is none, or it is another's."""
    found = answer_of(clients.client("iam").get_role, RoleName=role)
    if found is None:
        raise PinekeepError(
            f"{name}: there is no role {role} to import",
            hint="it is found by the name in the file: check that role_name was not changed",
        )
    tags = {each["Key"]: each["Value"] for each in found["Role"].get("Tags") or []}
    require_ours(name, f"the role {role}", tags)
    arn = str(found["Role"]["Arn"])
    if path_of(arn) != path:
        raise PinekeepError(
            f"{name}: the role to import is {arn}, and the file has it under the path {path}",
            hint=f"write iam_path: {path_of(arn)}; under another path it is another role to Pinecone",
        )
    return arn


def find_key(name: str, alias: str, clients: Clients) -> str:
    """Return the ARN of a retained key. Raises PinekeepError if there is none, or it cannot be used."""
    kms = clients.client("kms")
    found = answer_of(kms.describe_key, KeyId=alias)
    if found is None:
        raise PinekeepError(
            f"{name}: there is no key under {alias} to import",
            hint="if the key exists without its alias, create the alias again: aws kms create-alias; if the alias was "
            "changed in the file, revert that",
        )
    metadata = found["KeyMetadata"]
    arn = str(metadata["Arn"])
    tags = {each["TagKey"]: each["TagValue"] for each in kms.list_resource_tags(KeyId=arn).get("Tags") or []}
    require_ours(name, f"the key {arn}", tags)
    if metadata["KeyState"] not in _USABLE:
        raise PinekeepError(
            f"{name}: the key {arn} is in state {metadata['KeyState']}",
            hint=f"if its deletion is pending: aws kms cancel-key-deletion --key-id {arn}",
        )
    return arn


def require_ours(name: str, what: str, tags: Mapping[str, str]) -> None:
    """Raise PinekeepError unless the tags are those of a resource of the deployment."""
    tag = tags.get(DEPLOYMENT_TAG)
    if tag != name:
        whose = f"carries the tag {DEPLOYMENT_TAG}: {tag}" if tag else f"carries no tag {DEPLOYMENT_TAG}"
        raise PinekeepError(
            f"{name}: {what} {whose}, so it was not created for this deployment",
            hint="only resources of this deployment are imported; if it is one, add the tag",
        )


def _compare_with_record(name: str, deployment: Deployment, found: Retained) -> None:
    if found.record is None or deployment.cmek is None:
        return
    now = {Value.ROLE_ARN: found.roles[0], Value.EXTERNAL_ID: deployment.cmek.trust.external_id}
    if found.key_arn is not None:
        now[Value.KEY_ARN] = found.key_arn
    for value, live in now.items():
        given = found.record.handed_over.get(value)
        if given is not None and given != live:
            raise PinekeepError(
                f"{name}: Pinecone was given the {value} {given}, and the resource to import has {live}",
                hint="restore what Pinecone was given: only that is of use to it",
            )


def answer_of(call: Any, **arguments: str) -> dict[str, Any] | None:
    """Return what a call answers; None where there is no such thing."""
    try:
        answer: dict[str, Any] = call(**arguments)
    except Exception as error:
        if code_of(error) in _ABSENT:
            return None
        raise
    return answer
