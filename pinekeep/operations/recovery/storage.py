"""Finding what a deleted storage stack retained: the audit bucket, its key, and the roles of Pinecone's S3 account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.facts import aws
from pinekeep.operations.plan.state import ALIAS_TYPE, KEY_TYPE, ROLE_TYPE
from pinekeep.operations.plan.storage_rules import BUCKET_POLICY_TYPE, BUCKET_TYPE
from pinekeep.operations.recovery.discovery import answer_of, find_key, find_role, require_ours

_POLICY_TYPE: Final = "AWS::IAM::ManagedPolicy"
_NAMES: Final[Mapping[str, str]] = {
    ROLE_TYPE: "RoleName",
    _POLICY_TYPE: "ManagedPolicyName",
    ALIAS_TYPE: "AliasName",
    BUCKET_TYPE: "BucketName",
    BUCKET_POLICY_TYPE: "Bucket",
}
"""The property that names a resource, by type. A key is found by its alias."""
_IDENTIFIERS: Final[Mapping[str, str]] = {**_NAMES, _POLICY_TYPE: "PolicyArn", KEY_TYPE: "KeyId"}
"""The property by which CloudFormation identifies a resource to import, by type."""
_NO_BUCKET: Final = "NoSuchBucket"
_NO_TAGS: Final = "NoSuchTagSet"
_RETAINED: Final = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True, kw_only=True)
class RetainedStorage:
    """What a deleted storage stack retained: the part of the template to import, and the live resource for each."""

    template: dict[str, Any]
    resources: tuple[dict[str, Any], ...]
    things: tuple[str, ...]


def find_storage(
    name: str, deployment: Deployment, *, template: Mapping[str, Any], clients: Clients
) -> RetainedStorage:
    """Return what is left of a storage stack, found by the names in its template and checked by tag.

    A policy that is missing is left out: a deployment creates it again. Resources without a name of their own, such as
    the bucket of query results, are left out too.

    Raises:
        AwsRefusedError: AWS refuses.
        PinekeepError: a role, a key or a bucket is missing or another's.
    """
    finder = _Finder(name, deployment, clients)
    kept: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    things: list[str] = []
    with refusals_told():
        key = finder.key(template)
        for logical_id, resource in template["Resources"].items():
            if not _is_importable(resource):
                continue
            identifier = key if resource["Type"] == KEY_TYPE else finder.identifier(resource)
            if identifier is None:
                continue
            kept[logical_id] = {**resource, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
            kind = resource["Type"]
            found.append(
                {
                    "ResourceType": kind,
                    "LogicalResourceId": logical_id,
                    "ResourceIdentifier": {_IDENTIFIERS[kind]: identifier},
                }
            )
            things.append(f"{_WORDS[kind]} {identifier}")
    description = {"Description": template["Description"]} if "Description" in template else {}
    return RetainedStorage(
        template={**description, "Resources": dict(_without_dangling(kept))},
        resources=tuple(found),
        things=tuple(things),
    )


_WORDS: Final = {
    ROLE_TYPE: "role",
    _POLICY_TYPE: "policy",
    KEY_TYPE: "key",
    ALIAS_TYPE: "alias",
    BUCKET_TYPE: "bucket",
    BUCKET_POLICY_TYPE: "the policy of bucket",
}


def _is_importable(resource: Mapping[str, Any]) -> bool:
    if resource.get("DeletionPolicy") not in _RETAINED or resource["Type"] not in _IDENTIFIERS:
        return False
    name = _NAMES.get(resource["Type"])
    return name is None or isinstance((resource.get("Properties") or {}).get(name), str)


def _without_dangling(kept: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the resources without dependencies on those that are not imported."""
    for logical_id, resource in kept.items():
        needs = resource.get("DependsOn") or []
        needs = [needs] if isinstance(needs, str) else needs
        there = [each for each in needs if each in kept]
        others = {key: value for key, value in resource.items() if key != "DependsOn"}
        yield logical_id, {**others, "DependsOn": there} if there else others


class _Finder:
    def __init__(self, name: str, deployment: Deployment, clients: Clients) -> None:
        self._name = name
        self._deployment = deployment
        self._clients = clients

    def key(self, template: Mapping[str, Any]) -> str | None:
        """Return the ID of the retained key, by the alias of the template; None where the template has none."""
        aliases = [
            each["Properties"]["AliasName"] for each in template["Resources"].values() if each["Type"] == ALIAS_TYPE
        ]
        return find_key(self._name, aliases[0], self._clients).rpartition("/")[2] if aliases else None

    def identifier(self, resource: Mapping[str, Any]) -> str | None:
        """Return the identifier of a resource; None for a policy that is missing."""
        kind, properties = resource["Type"], resource["Properties"]
        named = str(properties[_NAMES[kind]])
        if kind == ROLE_TYPE:
            find_role(self._name, named, self._deployment.iam_path, self._clients)
        elif kind == BUCKET_TYPE:
            self._bucket(named)
        elif kind == _POLICY_TYPE:
            return self._policy(named)
        elif kind == BUCKET_POLICY_TYPE:
            found = answer_of(self._clients.client("s3").get_bucket_policy, Bucket=named)
            return named if found is not None else None
        return named

    def _policy(self, named: str) -> str | None:
        arn = f"arn:{aws.PARTITION}:iam::{self._deployment.account}:policy{self._deployment.iam_path}{named}"
        return arn if answer_of(self._clients.client("iam").get_policy, PolicyArn=arn) is not None else None

    def _bucket(self, named: str) -> None:
        owner = self._deployment.account
        try:
            found = self._clients.client("s3").get_bucket_tagging(Bucket=named, ExpectedBucketOwner=owner)
        except Exception as error:
            if code_of(error) not in (_NO_BUCKET, _NO_TAGS):
                raise
            found = None if code_of(error) == _NO_BUCKET else {}
        if found is None:
            raise PinekeepError(
                f"{self._name}: there is no bucket {named} to import",
                hint="it is found by the name in the file: check audit_logs.bucket.name; a bucket that is gone is "
                f"created again by: pinekeep deploy --deployment {self._name}",
            )
        tags = found.get("TagSet") or []
        require_ours(self._name, f"the bucket {named}", {each["Key"]: each["Value"] for each in tags})
