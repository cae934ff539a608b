"""Reads of role and key: stack, roles, key, parameters, and use of the key."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, partialmethod
from typing import Any, Final

from pinekeep.account.client.refusal_codes import THROTTLED, code_of
from pinekeep.account.reads.answers import first, output_of, part
from pinekeep.account.reads.calls import managed_policy
from pinekeep.account.reads.grants import list_grants, replicas_of
from pinekeep.account.reads.live import LiveReplica, NotAsked, Unreadable
from pinekeep.account.reads.reader import Reader
from pinekeep.model import naming
from pinekeep.model.config.models import alias_of, role_name_of
from pinekeep.model.facts import aws
from pinekeep.model.naming import Output

_PARTS_OF_ROLE: Final = {"role": "Role", "inline_policies": "PolicyNames", "attached_policies": "AttachedPolicies"}


class CmekReader(Reader):
    """Reads what belongs to ``cmek``."""

    # --- CloudFormation ---

    def _cmek_stack(self) -> Any:
        if self._deployment.cmek is None:
            return None
        return first(self._ask("cmek_stack", StackName=self._deployment.stack_of("cmek", self._name)), "Stacks")

    def _stack_policy(self) -> Any:
        if not isinstance(self.read("cmek_stack"), dict):
            return self.read("cmek_stack")
        answer = self._ask("stack_policy", StackName=self._deployment.stack_of("cmek", self._name))
        return part(answer, "StackPolicyBody")

    # --- Systems Manager ---

    def _parameters(self) -> Any:
        names = naming.parameters(self._name)
        found = part(self._ask("parameters", Names=list(names)), "Parameters")
        return {each["Name"]: each for each in found} if isinstance(found, list) else found

    # --- IAM ---

    def _of_first_role(self, field: str) -> Any:
        if self._deployment.cmek is None:
            return None
        return self.of_role(field, role_name_of(self._name, self._deployment))

    _role = partialmethod(_of_first_role, "role")
    _inline_policies = partialmethod(_of_first_role, "inline_policies")
    _attached_policies = partialmethod(_of_first_role, "attached_policies")

    def of_role(self, field: str, role_name: str) -> Any:
        """Read one value of a role."""
        return part(self._ask(field, RoleName=role_name), _PARTS_OF_ROLE[field])

    def policy(self, arn: str) -> Any:
        """Read the document of a managed policy."""
        return managed_policy(self.call, arn)

    def inline_policy(self, role_name: str, name: str) -> Any:
        """Read the document of an inline policy."""
        return part(self.call("iam:GetRolePolicy", RoleName=role_name, PolicyName=name), "PolicyDocument")

    # --- KMS ---

    def _alias_key(self) -> Any:
        alias = alias_of(self._name, self._deployment)
        return part(self._ask("alias_key", KeyId=alias), "KeyMetadata") if alias else None

    def _key_arn(self) -> Any:
        """Return the ARN of the key that Pinecone was given: adopted, an output of the stack, or the alias's target."""
        cmek = self._deployment.cmek
        if cmek is None or not cmek.has_own_key:
            return None
        if cmek.key.adopt is not None:
            return cmek.key.adopt
        arn = output_of(self.read("cmek_stack"), Output.KEY_ARN)
        return arn if isinstance(arn, str) else part(self.read("alias_key"), "Arn") or arn

    def _key(self) -> Any:
        arn = self._key_arn()
        if not isinstance(arn, str):
            return arn
        by_alias = self.read("alias_key")
        if isinstance(by_alias, dict) and by_alias["Arn"] == arn:
            return by_alias
        return part(self._ask("key", KeyId=arn), "KeyMetadata")

    def _rotation(self) -> Any:
        adopted = self._deployment.cmek is not None and self._deployment.cmek.key.adopt is not None
        return None if adopted else self._of_key("rotation", None)

    def _of_key(self, field: str, name: str | None, **arguments: str) -> Any:
        arn = self._key_arn()
        if not isinstance(arn, str):
            return arn
        answer = self._ask(field, KeyId=arn, **arguments)
        return part(answer, name) if name else answer

    _key_policy = partialmethod(_of_key, "key_policy", "Policy", PolicyName="default")

    def _grants(self) -> Any:
        arn = self._key_arn()
        return list_grants(partial(self._ask, "grants"), arn) if isinstance(arn, str) else arn

    def _replicas(self) -> Any:
        """Return the replicas that KMS lists, each read in its own Region."""
        key = self.read("key")
        if not isinstance(key, dict):
            return key
        arns = replicas_of(key)
        with ThreadPoolExecutor(max(1, len(arns))) as pool:
            return list(pool.map(self._replica, arns))

    def _replica(self, arn: str) -> LiveReplica:
        region = arn.split(":")[3]
        there = Reader(self._name, self._deployment, self._clients.in_region(region), ())
        policy = there.call("kms:GetKeyPolicy", KeyId=arn, PolicyName="default")
        grants = list_grants(partial(there.call, "kms:ListGrants"), arn)
        return LiveReplica(arn=arn, region=region, key_policy=part(policy, "Policy"), grants=grants)

    # --- CloudTrail ---

    def _activity(self) -> Any:
        """Return one page of CloudTrail's events about the key, newest first."""
        arn = self._key_arn()
        if not isinstance(arn, str):
            return arn if isinstance(arn, Unreadable) else None
        by_key = {"AttributeKey": "ResourceName", "AttributeValue": arn}
        look_up = partial(self._ask, "activity", LookupAttributes=[by_key], MaxResults=aws.LOOKUP_EVENTS_PAGE)
        return self._unless_throttled("CloudTrail", look_up)

    def _last_usage(self) -> Any:
        """Return KMS's own record of the last use, by anybody."""
        arn = self._key_arn()
        if not isinstance(arn, str):
            return arn if isinstance(arn, Unreadable) else None
        answer = self._unless_throttled("KMS", partial(self._ask, "last_usage", KeyId=arn))
        # It is additional, so a missing permission fails nothing.
        return NotAsked(f"not readable without {answer.permission}") if isinstance(answer, Unreadable) else answer

    @staticmethod
    def _unless_throttled(service: str, ask: Callable[[], Any]) -> Any:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

        try:
            return ask()
        except ClientError as error:
            if code_of(error) in THROTTLED:
                return NotAsked(f"{service} throttles the request")
            raise
