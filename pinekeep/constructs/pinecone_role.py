"""The IAM role that Pinecone assumes."""

from collections.abc import Sequence
from typing import Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct

from pinekeep.model.policies.trust import TrustForm, trust_policy


class PineconeRole(Construct):
    """A role that Pinecone, and nobody else, may assume.

    It carries no permissions policy: for a key in the same account the key policy alone grants.
    The role is kept when it is removed from its stack, because Pinecone knows it by its ARN and cannot be
    given another.

    Args:
        scope: the construct to add this one to.
        construct_id: its name there.
        pinecone_account: Pinecone's own AWS account.
        regions: the Pinecone regions to trust, or ``all``.
        external_id: what Pinecone must present, or None for nothing.
        form: how the principal is written for ``all``; see :func:`pinekeep.model.policies.trust.trust_policy`.
        role_name: the role's physical name. Give one: a role that has a name cannot be replaced unnoticed.
        description: what the role is for.
        permissions_boundary: the ARN of a policy beyond which the role may do nothing.
        path: the role's path, with a slash at both ends; a part of its ARN. None is IAM's default, ``/``.

    Attributes:
        role_arn: the role's ARN, as a reference that makes its user depend on the role.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pinecone_account: str,
        regions: Sequence[str] | Literal["all"],
        external_id: str | None,
        form: TrustForm = "documented",
        role_name: str | None = None,
        description: str = "Assumed by Pinecone to use a KMS key (CMEK)",
        permissions_boundary: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.resource = iam.CfnRole(
            self,
            "Resource",
            role_name=role_name,
            path=path,
            description=description,
            permissions_boundary=permissions_boundary,
            assume_role_policy_document=trust_policy(
                pinecone_account=pinecone_account, regions=regions, external_id=external_id, form=form
            ),
        )
        self.resource.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.role_arn = self.resource.attr_arn
