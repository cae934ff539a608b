"""Rules about a deployment as a whole."""

from collections.abc import Iterator
from typing import Final

from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import UNKNOWN, known
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.values.accounts import PINECONE_ACCOUNT_PLACE
from pinekeep.model.words import shown


def has_something_to_deploy(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A deployment has a part to deploy."""
    if deployment.cmek is None and deployment.private_link is None:
        yield Problem("nothing-to-deploy", "this deploys nothing", "add cmek, private_link or both", path)


def knows_pinecones_account(file: PinekeepFile, _: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A role can trust Pinecone only when Pinecone's account is known."""
    if deployment.cmek is not None and file.pinecone_account is None:
        yield Problem(
            "pinecone-account-missing",
            "cmek needs pinecone_account at the top of the file: without it the role could trust nobody",
            PINECONE_ACCOUNT_PLACE,
            (*path, "cmek"),
        )


def is_not_pinecones_account(file: PinekeepFile, _: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The two accounts are two."""
    if deployment.account == file.pinecone_account:
        yield Problem(
            "same-account",
            f"{deployment.account} stands for both your account and Pinecone's",
            PINECONE_ACCOUNT_PLACE,
            (*path, "account"),
        )


def tag_names_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """IAM takes tag names that differ only in case for the same."""
    seen: dict[str, str] = {}
    for key in deployment.tags:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            yield Problem(
                "tag-twice",
                f"IAM takes the tags {shown(first)} and {shown(key)} for the same",
                "keep one",
                (*path, "tags", key),
            )


def bootstrap_roles_are_of_the_account(
    file: PinekeepFile, _: str, deployment: Deployment, path: Path
) -> Iterator[Problem]:
    """CloudFormation works in one account, as a role of that account. Templates may be published to another."""
    place = (*path, "bootstrap")
    settings = deployment.bootstrap
    if settings is None:
        settings, place = file.bootstrap, ("bootstrap",)
    if settings is None or settings is UNKNOWN:
        return
    for name in ("deploy_role_arn", "execution_role_arn", "lookup_role_arn"):
        arn = getattr(settings, name)
        account = arn.split(":iam::")[1].partition(":")[0] if isinstance(arn, str) else ""
        if account.isdigit() and deployment.account != account:
            yield Problem(
                "bootstrap-role-account",
                f"the role is of account {account}, the deployment is in {deployment.account}",
                "write ${AWS::AccountId} for the deployment's account, or name the bootstrap in each deployment",
                (*place, name),
            )


def boundary_is_of_the_account(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A permissions boundary is a policy of the roles' own account, or one that AWS manages."""
    if deployment.permissions_boundary is None:
        return
    account = known(deployment.permissions_boundary).split(":")[4]
    if account != _AWS and account != deployment.account:  # noqa: PLR1714 - an unknown account has no hash
        yield Problem(
            "boundary-account",
            f"the policy is of account {account}, the deployment is in {deployment.account}",
            "name a policy of the deployment's own account, or one that AWS manages (arn:aws:iam::aws:policy/NAME)",
            (*path, "permissions_boundary"),
        )


_AWS: Final = "aws"
"""What stands in place of the account in the ARN of a policy that AWS manages."""


def role_is_of_the_account(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """What acts for a deployment is a role of its account."""
    if deployment.assume_role is None:
        return
    account = known(deployment.assume_role).split(":")[4]
    if deployment.account != account:
        yield Problem(
            "assume-role-account",
            f"the role is of account {account}, the deployment is in {deployment.account}",
            "name a role of the deployment's own account, which the current credentials may assume",
            (*path, "assume_role"),
        )


def profile_or_role(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A profile names a role itself, where it takes one."""
    if deployment.profile is not None and deployment.assume_role is not None:
        yield Problem(
            "profile-and-role",
            "the credentials come from a profile or from a role, and both are given",
            "keep one; a profile itself can name a role in the AWS configuration: role_arn, with source_profile",
            (*path, "assume_role"),
        )
