"""The permissions with which a role uses keys in the accounts of the customer's own customers."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from pinekeep.constructs.acknowledgments import acknowledge
from pinekeep.constructs.props import Props
from pinekeep.model.policies.permissions import customer_keys_policy
from pinekeep.model.values.keys import RemovedKey
from pinekeep.model.values.roles import IamPath, RoleName


class CustomerKeysAccess(Construct):
    """Managed policies that let a role use keys in other accounts, as many as IAM's quotas take.

    Each key's own policy must allow the role as well; without it KMS refuses.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        role_name: the role's name, or a reference to it, that the policies are attached to.
        policies: for each policy, the ARNs of keys and patterns that it names; an empty one is left out.
        policy_name: the beginning of the policies' names; the number follows.
        describe: whether the role may also read what a key is.
        path: the policies' path, with a slash at both ends. None is IAM's default, ``/``.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role_name: str,
        policies: Sequence[Sequence[str]],
        policy_name: str,
        describe: bool = False,
        path: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(role_name=role_name, policies=policies, policy_name=policy_name)
        props.require(role_name=(RoleName, role_name), path=(IamPath, path))
        for policy in policies:
            for resource in policy:
                props.require(policies=(RemovedKey, resource))
        why = f"IAM has one managed policy named {policy_name}-1 in an account"
        props.claim("policy_name", policy_name, why=why, hint="give this one another name")
        super().__init__(scope, construct_id)
        self.patterns = [resource for policy in policies for resource in policy if "*" in resource]
        self.policies = [
            iam.CfnManagedPolicy(
                self,
                f"Policy{number}",
                managed_policy_name=f"{policy_name}-{number}",
                path=path,
                description="Lets Pinecone use keys in accounts of customers",
                policy_document=customer_keys_policy(resources, describe=describe),
                roles=[role_name],
            )
            for number, resources in enumerate(policies, start=1)
            if resources
        ]
        acknowledge(self)
