"""The stack that lets Pinecone encrypt with a key of the customer's."""

import json
from typing import Any, Final

from aws_cdk import Annotations, CfnOutput, Stack
from constructs import Construct

from pinekeep.config.models import Cmek, Deployment, alias_of, role_arn_of, role_name_of
from pinekeep.naming import Output
from pinekeep.policies.key import key_user_statements
from stacks.parts import EncryptionKey, PineconeRole

ROLE_LOGICAL_ID: Final = "PineconeRole"
KEY_LOGICAL_ID: Final = "EncryptionKey"
ALIAS_LOGICAL_ID: Final = "EncryptionKeyAlias"
"""A changed logical ID makes CloudFormation create a second one and drop the first: these never change."""


class CmekStack(Stack):
    """The role that Pinecone assumes and the key that it uses.

    Args:
        scope: the app or stage.
        construct_id: its name there.
        name: the deployment's name.
        deployment: its settings; ``cmek`` must be set.
        pinecone_account: Pinecone's own AWS account.
        stack: what every stack takes: environment, name, tags.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        deployment: Deployment,
        pinecone_account: str,
        **stack: Any,
    ) -> None:
        if deployment.cmek is None:
            raise ValueError(f"deployment {name} has no cmek")
        super().__init__(
            scope,
            construct_id,
            description=f"Lets Pinecone encrypt with a KMS key of yours ({name}). Keep: a lost key is lost data.",
            termination_protection=True,
            **stack,
        )
        cmek = deployment.cmek
        role = PineconeRole(
            self,
            "PineconeRole",
            pinecone_account=pinecone_account,
            regions=cmek.trust.regions,
            external_id=cmek.trust.presented_id,
            form=cmek.trust.form,
            role_name=role_name_of(name, deployment),
            description=f"Assumed by Pinecone to use the KMS key of {name} (CMEK)",
        )
        role.resource.override_logical_id(ROLE_LOGICAL_ID)
        self._output(Output.ROLE_ARN, role.role_arn, "Pinecone console: Role ARN")
        if cmek.key.adopt is None:
            self._add_key(name=name, cmek=cmek, alias=str(alias_of(name, deployment)), role=role)
        else:
            self._output(Output.KEY_ARN, cmek.key.adopt, "Pinecone console: Key ARN (adopted)")
            self._tell_needed_statements(cmek.key.adopt, role_arn_of(name, deployment))
        self._output(Output.EXTERNAL_ID, cmek.trust.external_id, "Pinecone console: External ID; none: leave blank")

    def _add_key(self, *, name: str, cmek: Cmek, alias: str, role: PineconeRole) -> None:
        key = EncryptionKey(
            self,
            "EncryptionKey",
            key_user=role.role_arn,
            alias=alias,
            administrators=cmek.key.administrators,
            rotation_days=cmek.key.rotation_days,
            multi_region=cmek.key.multi_region,
            deletion_window_days=cmek.key.deletion_window_days,
            description=f"Used by Pinecone to encrypt the project of {name} (CMEK)",
        )
        key.resource.override_logical_id(KEY_LOGICAL_ID)
        key.alias.override_logical_id(ALIAS_LOGICAL_ID)
        self._output(Output.KEY_ARN, key.key_arn, "Pinecone console: Key ARN")
        self._output(Output.KEY_ALIAS, key.alias_name, "The key's alias")

    def _tell_needed_statements(self, key_arn: str, role_arn: str) -> None:
        statements = json.dumps(key_user_statements(role_arn), indent=2)
        Annotations.of(self).add_info(
            f"The policy of the adopted key {key_arn} is yours to keep. It must have these statements:\n{statements}"
        )

    def _output(self, output: Output, value: str, description: str) -> None:
        CfnOutput(self, output.value, value=value, description=description)
