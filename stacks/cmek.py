"""The stack of the role that Pinecone assumes and of its KMS key."""

import json
from typing import Any, Final

from aws_cdk import Annotations, Stack
from constructs import Construct

from pinekeep.constructs import CustomerKeysAccess, EncryptionKey, PineconeRole
from pinekeep.model.config.derived import numbered_role_name, written_path
from pinekeep.model.config.models import Cmek, Deployment, alias_of, role_arn_of
from pinekeep.model.customers.packing import Packing
from pinekeep.model.naming import Output, customer_policies, further_role_output, role_description
from pinekeep.model.policies.key import key_user_statements

from .outputs import add_output

ROLE_LOGICAL_ID: Final = "PineconeRole"
KEY_LOGICAL_ID: Final = "EncryptionKey"
ALIAS_LOGICAL_ID: Final = "EncryptionKeyAlias"
"""Never change these: CloudFormation creates a second resource for a new logical ID and releases the first."""


class CmekStack(Stack):
    """The role that Pinecone assumes and the key that it uses, of a deployment with ``cmek``.

    ``customers`` is required with ``customer_keys``. ``stack``: the props of every stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        deployment: Deployment,
        pinecone_account: str,
        customers: Packing | None = None,
        **stack: Any,
    ) -> None:
        if deployment.cmek is None:
            raise ValueError(f"deployment {name} has no cmek")
        description = f"Lets Pinecone encrypt with a KMS key of yours ({name}). Keep: a lost key is lost data."
        super().__init__(scope, construct_id, description=description, termination_protection=True, **stack)
        self._name = name
        self._deployment = deployment
        self._pinecone_account = pinecone_account
        cmek = deployment.cmek
        role = self._add_role(cmek, number=1)
        if cmek.has_own_key and cmek.key.adopt is None:
            self._add_key(name=name, cmek=cmek, alias=str(alias_of(name, deployment)), role=role)
        elif cmek.key.adopt is not None:
            add_output(self, Output.KEY_ARN, cmek.key.adopt, "Pinecone console: Key ARN (adopted)")
            self._add_needed_statements(cmek.key.adopt, role_arn_of(name, deployment))
        add_output(self, Output.EXTERNAL_ID, cmek.trust.external_id, "Pinecone console: External ID; none: leave blank")
        if cmek.customer_keys:
            self._add_customers(cmek, customers, first=role)

    def _add_role(self, cmek: Cmek, *, number: int) -> PineconeRole:
        suffix = "" if number == 1 else str(number)
        role = PineconeRole(
            self,
            f"PineconeRole{suffix}",
            pinecone_account=self._pinecone_account,
            regions=cmek.trust.regions,
            external_id=cmek.trust.presented_id,
            form=cmek.trust.form,
            allow_undocumented_regions=cmek.trust.allow_undocumented_regions,
            accept_confused_deputy=cmek.trust.accept_confused_deputy,
            role_name=numbered_role_name(self._name, self._deployment, number),
            description=role_description(self._name),
            permissions_boundary=self._deployment.permissions_boundary,
            path=written_path(self._deployment),
        )
        role.resource.override_logical_id(f"{ROLE_LOGICAL_ID}{suffix}")
        add_output(self, further_role_output(number), role.role_arn, "Pinecone console: Role ARN")
        return role

    def _add_customers(self, cmek: Cmek, customers: Packing | None, *, first: PineconeRole) -> None:
        if customers is None:
            raise ValueError(f"the customers of deployment {self._name} have no places")
        for content in customers.roles:
            role = first if content.number == 1 else self._add_role(cmek, number=content.number)
            access = CustomerKeysAccess(
                self,
                f"CustomerKeys{content.number}",
                role_name=role.resource.ref,
                policies=content.policies,
                policy_name=customer_policies(numbered_role_name(self._name, self._deployment, content.number)),
                describe=cmek.describe_customer_keys,
                path=written_path(self._deployment),
            )
            for policy in access.policies:
                number = policy.node.id.removeprefix("Policy")
                policy.override_logical_id(f"CustomerKeys{content.number}x{number}")

    def _add_key(self, *, name: str, cmek: Cmek, alias: str, role: PineconeRole) -> None:
        key = EncryptionKey(
            self,
            "EncryptionKey",
            key_user=role,
            alias=alias,
            administrators=cmek.key.administrators,
            rotation_days=cmek.key.rotation_days,
            multi_region=cmek.key.multi_region,
            deletion_window_days=cmek.key.deletion_window_days,
            description=f"Used by Pinecone to encrypt the project of {name} (CMEK)",
        )
        key.resource.override_logical_id(KEY_LOGICAL_ID)
        key.alias.override_logical_id(ALIAS_LOGICAL_ID)
        add_output(self, Output.KEY_ARN, key.key_arn, "Pinecone console: Key ARN")
        add_output(self, Output.KEY_ALIAS, key.alias_name, "The key's alias")

    def _add_needed_statements(self, key_arn: str, role_arn: str) -> None:
        statements = json.dumps(key_user_statements(role_arn), indent=2)
        Annotations.of(self).add_info(
            f"The policy of the adopted key {key_arn} is yours to keep. It must have these statements:\n{statements}"
        )
