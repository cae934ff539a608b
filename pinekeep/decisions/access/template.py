"""The policies of a synthesized CloudFormation template, with references resolved as far as possible.

Source for the values of Ref and Fn::GetAtt: AWS CloudFormation's resource reference (docs.aws.amazon.com).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pinekeep.decisions.access.policies import (
    OWN_KEY,
    Agreement,
    KeyPolicy,
    NamedPolicy,
    PolicyError,
    PolicySet,
    RolePolicies,
)
from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import Deployment
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy

UNKNOWN_KEY_ID: Final = "00000000-0000-0000-0000-{:012d}"
"""Stands for the ID of a key that does not exist yet, by its position in the template. No real ID begins so."""

_ROLE: Final = "AWS::IAM::Role"
_KEY: Final = "AWS::KMS::Key"
_MANAGED: Final = "AWS::IAM::ManagedPolicy"
_INLINE: Final = ("AWS::IAM::Policy", "AWS::IAM::RolePolicy")
_BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
_PLACEHOLDER: Final = re.compile(r"\$\{(!?)([^}]*)\}")


class UnresolvedError(PolicyError):
    """A template refers to a value that is known only after deployment."""

    def __init__(self, what: str, *, place: str) -> None:
        super().__init__(
            f"{place}: {what} is known only after deployment, so nothing is decided from it",
            hint="give the resource an explicit name, or decide from the live policies",
        )


def template_policies(
    template: Mapping[str, Any],
    *,
    name: str,
    deployment: Deployment,
    pinecone_account: str,
    customer_keys: Sequence[KeyPolicy] = (),
    adopted_policy: Policy | None = None,
) -> PolicySet:
    """Return the policies of a deployment, as its synthesized template has them.

    Args:
        template: the template of the deployment's key and role, as a dictionary.
        customer_keys: keys in other accounts, each with the policy that its owner is asked for.
        adopted_policy: the wanted policy of an adopted key; None leaves the key undecided, because a template does not
            contain it.

    Raises UnresolvedError if a policy refers to a value that is known only after deployment; PolicyError if the
    template has no role.
    """
    reading = _Template(template, account=deployment.account, region=deployment.region)
    roles = tuple(reading.role(each) for each in reading.ids(_ROLE))
    if not roles:
        raise PolicyError("the template has no role")
    own = [reading.key(each, name=OWN_KEY if not index else each) for index, each in enumerate(reading.ids(_KEY))]
    adopted = deployment.cmek.key.adopt if deployment.cmek else None
    if adopted is not None:
        own.append(KeyPolicy(arn=adopted, document=adopted_policy))
    return PolicySet(
        name=name,
        origin="synthesized",
        account=reading.account,
        region=reading.region,
        agreed=Agreement.of(deployment, pinecone_account=pinecone_account),
        roles=roles,
        keys=(*own, *customer_keys),
    )


def template_storage_parts(
    template: Mapping[str, Any], *, deployment: Deployment
) -> tuple[list[RolePolicies], list[KeyPolicy], dict[str, Policy]]:
    """Return the roles, the keys and the bucket policies by name of the synthesized template of the S3 stack.

    Raises UnresolvedError if a policy refers to a value that is known only after deployment.
    """
    reading = _Template(template, account=deployment.account, region=deployment.region)
    return (
        [reading.role(each) for each in reading.ids(_ROLE)],
        [reading.key(each, name=each) for each in reading.ids(_KEY)],
        dict(reading.bucket_policies()),
    )


class _Template:
    def __init__(self, template: Mapping[str, Any], *, account: str, region: str) -> None:
        self.resources: Mapping[str, Any] = template.get("Resources") or {}
        self.parameters: Mapping[str, Any] = template.get("Parameters") or {}
        self.account = account
        self.region = region
        self.pseudo = {
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": aws.PARTITION,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def ids(self, *kinds: str) -> list[str]:
        return [each for each, resource in self.resources.items() if resource.get("Type") in kinds]

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        return self.resources[logical_id].get("Properties") or {}

    # --- Resources ---

    def role(self, logical_id: str) -> RolePolicies:
        found = self.properties(logical_id)
        inline = [
            NamedPolicy(
                name=str(self.value(each["PolicyName"], f"{logical_id}.Policies")),
                document=self.value(each["PolicyDocument"], f"{logical_id}.Policies"),
            )
            for each in found.get("Policies") or []
        ]
        attached = [self._managed(each, logical_id) for each in found.get("ManagedPolicyArns") or []]
        boundary = found.get("PermissionsBoundary")
        return RolePolicies(
            arn=self.role_arn(logical_id),
            trust=self.value(found["AssumeRolePolicyDocument"], f"{logical_id}.AssumeRolePolicyDocument"),
            permissions=(*inline, *attached, *self._attaching(logical_id)),
            boundary=None if boundary is None else self._managed(boundary, logical_id),
        )

    def key(self, logical_id: str, *, name: str) -> KeyPolicy:
        return KeyPolicy(
            arn=self.key_arn(logical_id),
            document=self.value(self.properties(logical_id)["KeyPolicy"], f"{logical_id}.KeyPolicy"),
            name=name,
        )

    def bucket_policies(self) -> Iterator[tuple[str, Policy]]:
        """Yield the policies of buckets with a literal name. CloudFormation names those that Pinecone does not use."""
        for logical_id in self.ids(_BUCKET_POLICY):
            found = self.properties(logical_id)
            if isinstance(bucket := found["Bucket"], str):
                yield bucket, self.value(found["PolicyDocument"], f"{logical_id}.PolicyDocument")

    def _attaching(self, role_id: str) -> list[NamedPolicy]:
        name = self.role_arn(role_id).rsplit("/", 1)[-1]
        return [self._policy(each) for each in self.ids(_MANAGED, *_INLINE) if name in self._role_names(each)]

    def _role_names(self, policy_id: str) -> list[Any]:
        found = self.properties(policy_id)
        names = found.get("Roles") or ([found["RoleName"]] if "RoleName" in found else [])
        return [self.value(each, f"{policy_id}.Roles") for each in names]

    def _policy(self, logical_id: str) -> NamedPolicy:
        found = self.properties(logical_id)
        name = found.get("ManagedPolicyName") or found.get("PolicyName") or logical_id
        place = f"{logical_id}.PolicyDocument"
        return NamedPolicy(name=str(self.value(name, place)), document=self.value(found["PolicyDocument"], place))

    def _managed(self, reference: Any, place: str) -> NamedPolicy:
        target = reference.get("Ref") if isinstance(reference, Mapping) else None
        if target in self.ids(_MANAGED):
            return self._policy(target)
        return NamedPolicy(name=str(self.value(reference, place)), document=None)

    def role_arn(self, logical_id: str) -> str:
        found = self.properties(logical_id)
        place = f"{logical_id}.RoleName"
        if "RoleName" not in found:
            raise UnresolvedError("the role's name", place=place)
        path = self.value(found.get("Path", "/"), place)
        return f"arn:{aws.PARTITION}:iam::{self.account}:role{path}{self.value(found['RoleName'], place)}"

    def key_arn(self, logical_id: str) -> str:
        key_id = self._key_id(logical_id)
        return str(KeyArn(partition=aws.PARTITION, region=self.region, account=self.account, key_id=key_id))

    def _key_id(self, logical_id: str) -> str:
        return UNKNOWN_KEY_ID.format(self.ids(_KEY).index(logical_id))

    # --- Values ---

    def value(self, found: Any, place: str) -> Any:
        """Return a value of the template with its references resolved; `place` is its position."""
        if isinstance(found, list):
            return [self.value(each, place) for each in found]
        if not isinstance(found, Mapping):
            return found
        if len(found) == 1:
            name, given = next(iter(found.items()))
            match name:
                case "Ref":
                    return self._ref(str(given), place)
                case "Fn::GetAtt":
                    logical_id, _, attribute = (given if isinstance(given, str) else ".".join(given)).partition(".")
                    return self._attribute(logical_id, attribute, place)
                case "Fn::Sub":
                    return self._sub(given, place)
                case "Fn::Join":
                    return str(given[0]).join(str(each) for each in self.value(given[1], place))
                case _ if str(name).startswith("Fn::"):
                    raise UnresolvedError(str(name), place=place)
        return {key: self.value(each, place) for key, each in found.items()}

    def _ref(self, target: str, place: str) -> Any:
        if target in self.pseudo:
            return self.pseudo[target]
        if "Default" in self.parameters.get(target, {}):
            return self.parameters[target]["Default"]
        match self.resources.get(target, {}).get("Type"):
            case "AWS::IAM::Role":
                return self.role_arn(target).rsplit("/", 1)[-1]
            case "AWS::KMS::Key":
                return self._key_id(target)
            case _:
                raise UnresolvedError(f"Ref {target}", place=place)

    def _attribute(self, target: str, attribute: str, place: str) -> Any:
        match self.resources.get(target, {}).get("Type"), attribute:
            case "AWS::IAM::Role", "Arn":
                return self.role_arn(target)
            case "AWS::KMS::Key", "Arn":
                return self.key_arn(target)
            case "AWS::KMS::Key", "KeyId":
                return self._key_id(target)
            case _:
                raise UnresolvedError(f"Fn::GetAtt {target}.{attribute}", place=place)

    def _sub(self, given: Any, place: str) -> str:
        text, values = given if isinstance(given, list) else (given, dict[str, Any]())

        def filled(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in values:
                return str(self.value(values[name], place))
            target, _, attribute = name.partition(".")
            return str(self._attribute(target, attribute, place) if attribute else self._ref(target, place))

        return _PLACEHOLDER.sub(filled, text)
