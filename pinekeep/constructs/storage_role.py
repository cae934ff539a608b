"""The IAM role with which Pinecone uses an S3 bucket."""

from typing import cast

import jsii
from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct

from pinekeep.constructs.acknowledgments import acknowledge
from pinekeep.constructs.props import Props, is_token
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import storage_policy
from pinekeep.model.policies.storage import StorageUse, objects_arn, storage_permissions, storage_trust
from pinekeep.model.values.accounts import OwnAccount
from pinekeep.model.values.keys import KeyArnText
from pinekeep.model.values.roles import IamPath, PolicyArn, RoleName, boundary_error
from pinekeep.model.values.storage import BucketName, Prefix, StoragePrincipal


@jsii.implements(iam.IGrantable)
class StorageRole(Construct):
    """A role that Pinecone's S3 account may assume, with the permissions of one use of one bucket.

    Pinecone documents no external ID for S3, so whoever can have Pinecone use the role can use the bucket through it.
    Give ``principal_arn`` if Pinecone names a principal, and keep the role's ARN to yourself.

    The role and its policy are retained when they are removed from their stack.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        use: ``audit`` writes audit logs, ``import`` reads objects, ``export`` writes backups.
        bucket: the bucket's name.
        prefix: the prefix of the objects, without slashes at its ends; None for the whole bucket.
        bucket_account: the account that owns the bucket; by default the stack's.
        kms_key: the ARN of the key that encrypts the objects, if the role's own policy is to allow its use. The key's
            policy must leave that to IAM policies of the account, as the default key policy does.
        principal_arn: a pattern for the principals of Pinecone's account that may assume the role; None for all.
        role_name: the role's physical name. Give one: a role that has a name cannot be replaced unnoticed.
        description: what the role is for.
        permissions_boundary: the ARN of a policy beyond which the role may do nothing.
        path: the path of role and policy, with a slash at both ends. None is IAM's default, ``/``.

    Attributes:
        role: the role, to give to other constructs.
        role_arn: the role's ARN, as a reference.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        use: StorageUse,
        bucket: str,
        prefix: str | None = None,
        bucket_account: str | None = None,
        kms_key: str | None = None,
        principal_arn: str | None = None,
        role_name: str | None = None,
        description: str = "Assumed by Pinecone to use an S3 bucket",
        permissions_boundary: str | None = None,
        path: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(use=use, bucket=bucket)
        props.require(
            bucket=(BucketName, bucket),
            prefix=(Prefix, prefix),
            bucket_account=(OwnAccount, bucket_account),
            kms_key=(KeyArnText, kms_key),
            principal_arn=(StoragePrincipal, principal_arn),
            role_name=(RoleName, role_name),
            permissions_boundary=(PolicyArn, permissions_boundary),
            path=(IamPath, path),
        )
        if props.is_account_known and permissions_boundary is not None and not is_token(permissions_boundary):
            props.require_none("permissions_boundary", boundary_error(permissions_boundary, props.stack.account))
        if role_name is not None:
            why = f"IAM has one role named {role_name} in an account"
            props.claim("role_name", role_name, why=why, hint="give this one another name")
        super().__init__(scope, construct_id)
        self.use, self.bucket, self.prefix = use, bucket, prefix
        self.patterns = [objects_arn(bucket, prefix)]
        # Replaced below by the trust policy that restricts this principal.
        role = iam.Role(
            self,
            "Default",
            assumed_by=cast(iam.IPrincipal, iam.AccountPrincipal(pinecone.STORAGE_ACCOUNT)),
            role_name=role_name,
            path=path,
            description=description,
        )
        self.role = cast(iam.IRole, role)
        self.resource = cast(iam.CfnRole, role.node.default_child)
        self.resource.assume_role_policy_document = storage_trust(principal_arn=principal_arn)
        self.resource.permissions_boundary = permissions_boundary
        self.policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=None if role_name is None else storage_policy(role_name),
            path=path,
            description=f"Lets Pinecone use an S3 bucket ({use})",
            policy_document=storage_permissions(
                use=use,
                bucket=bucket,
                prefix=prefix,
                account=bucket_account or props.stack.account,
                region=props.stack.region,
                kms_key=kms_key,
            ),
            roles=[self.resource.ref],
        )
        for resource in (self.resource, self.policy):
            resource.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.role_arn = self.resource.attr_arn
        acknowledge(self)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role as a grantee, so that it can be given to ``grant_…`` of other constructs."""
        return self.role.grant_principal
