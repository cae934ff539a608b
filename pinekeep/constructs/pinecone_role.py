"""The IAM role that Pinecone assumes."""

from collections.abc import Sequence
from typing import Literal, cast

import jsii
from aws_cdk import IResolveContext, IStringProducer, Lazy, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from pinekeep.constructs.props import Props, is_token
from pinekeep.model.arns import role_arn
from pinekeep.model.policies.trust import TrustForm, trust_policy
from pinekeep.model.values.accounts import PineconeAccount, accounts_error
from pinekeep.model.values.roles import IamPath, PolicyArn, RoleName, boundary_error
from pinekeep.model.values.trust import (
    NO_EXTERNAL_ID,
    ExternalId,
    TrustRegions,
    all_or_list,
    confused_deputy,
    form_without_all,
    trust_policy_error,
    undocumented_region,
)


@jsii.implements(iam.IGrantable)
class PineconeRole(Construct):
    """A role that Pinecone, and nobody else, may assume.

    It has no permissions policy: for a key in the same account the key policy alone grants.
    The role is retained when it is removed from its stack, because Pinecone knows it by its ARN and cannot be
    given another.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        pinecone_account: Pinecone's own AWS account.
        regions: the Pinecone Regions to trust, or ``all``.
        external_id: what Pinecone must present: a UUID v4, or None for nothing.
        form: how the principal is written for ``all``; see :func:`pinekeep.model.policies.trust.trust_policy`.
        allow_undocumented_regions: whether to trust a Region that Pinecone does not document for keys.
        accept_confused_deputy: whether to allow ``regions="all"`` without an external ID: any Pinecone customer who
            learns the role's ARN could then have Pinecone use it.
        role_name: the role's physical name. Give one: a role that has a name cannot be replaced unnoticed, and stacks
            of other Regions name its ARN without a reference.
        description: what the role is for.
        permissions_boundary: the ARN of a policy beyond which the role may do nothing.
        path: the role's path, with a slash at both ends; a part of its ARN. None is IAM's default, ``/``.

    Attributes:
        role: the role, to give to other constructs.
        role_arn: the role's ARN: a reference that makes its user depend on the role. In a stack of another account or
            Region a role with a fixed name has its ARN written out.

    Raises:
        WrongInputError: a prop is not valid.
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
        allow_undocumented_regions: bool = False,
        accept_confused_deputy: bool = False,
        role_name: str | None = None,
        description: str = "Assumed by Pinecone to use a KMS key (CMEK)",
        permissions_boundary: str | None = None,
        path: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(pinecone_account=pinecone_account, regions=regions)
        props.require(
            pinecone_account=(PineconeAccount, pinecone_account),
            external_id=(ExternalId, external_id),
            role_name=(RoleName, role_name),
            permissions_boundary=(PolicyArn, permissions_boundary),
            path=(IamPath, path),
        )
        if external_id == NO_EXTERNAL_ID:
            props.refuse("external_id: only the configuration file has the word none for no external ID", "give None")
        props.check("regions", lambda: all_or_list(regions))
        if regions != "all":
            props.require(regions=(TrustRegions, regions))
            for region in () if allow_undocumented_regions else regions:
                props.require_none("regions", None if is_token(region) else undocumented_region(region))
        if not accept_confused_deputy:
            props.require_none("external_id", confused_deputy(regions, external_id or NO_EXTERNAL_ID))
        props.require_none("form", form_without_all(regions, form))
        if props.is_account_known:
            props.require_none("pinecone_account", accounts_error(props.stack.account, pinecone_account))
            if permissions_boundary is not None and not is_token(permissions_boundary):
                props.require_none("permissions_boundary", boundary_error(permissions_boundary, props.stack.account))
        trust = trust_policy(pinecone_account=pinecone_account, regions=regions, external_id=external_id, form=form)
        props.require_none("regions", trust_policy_error(trust))
        if role_name is not None:
            why = f"IAM has one role named {role_name} in an account"
            props.claim("role_name", role_name, why=why, hint="give this one another name")
        super().__init__(scope, construct_id)
        # Replaced below by the trust policy that restricts this principal.
        role = iam.Role(
            self,
            "Default",
            assumed_by=cast(iam.IPrincipal, iam.AccountPrincipal(pinecone_account)),
            role_name=role_name,
            path=path,
            description=description,
        )
        # jsii's types do not take a class for its interface, so users' type checkers need the cast.
        self.role = cast(iam.IRole, role)
        self.resource = cast(iam.CfnRole, role.node.default_child)
        self.resource.assume_role_policy_document = trust
        self.resource.permissions_boundary = permissions_boundary
        self.resource.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.role_arn = self.role.role_arn
        if role_name is not None and not is_token(role_name):
            fixed = role_arn(account=props.stack.account, role_name=role_name, path=path or "/")
            self.role_arn = Lazy.uncached_string(_ArnByStack(props.stack, self.resource.attr_arn, fixed))

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role as a grantee, so that it can be given to ``grant_…`` of other constructs."""
        return self.role.grant_principal


@jsii.implements(IStringProducer)
class _ArnByStack:
    """The ARN of a role with a fixed name: a reference in its environment, written out elsewhere.

    For a reference to another Region the CDK creates a custom resource, on which a key policy would then depend.
    """

    def __init__(self, stack: Stack, reference: str, fixed: str) -> None:
        self._environment = (stack.account, stack.region)
        self._reference = reference
        self._fixed = fixed

    def produce(self, context: IResolveContext) -> str:
        stack = Stack.of(context.scope)
        return self._reference if (stack.account, stack.region) == self._environment else self._fixed
