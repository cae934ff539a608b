"""Rules about a deployment as a whole."""

from collections.abc import Iterator
from typing import Final

from pinekeep.model.config.partial import UNKNOWN, known
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.values.accounts import PINECONE_ACCOUNT_PLACE, accounts_error
from pinekeep.model.values.roles import boundary_error
from pinekeep.model.words import listed, shown


def has_something_to_deploy(here: Subject) -> Iterator[Problem]:
    """A deployment has a part to deploy."""
    deployment = here.deployment
    if any(each is not None for each in (deployment.cmek, deployment.private_link, deployment.audit_logs)):
        return
    if deployment.storage_integrations:
        return
    hint = f"add one or more of {listed(PARTS)}"
    if deployment.monitoring is None:
        yield here.problem("nothing-to-deploy", "there is nothing to deploy", hint)
    else:
        yield here.problem("nothing-to-monitor", "there is nothing to monitor", hint, "monitoring")


PARTS: Final = ("cmek", "private_link", "audit_logs", "storage_integrations")
"""The settings of which a deployment needs one."""


def knows_pinecones_account(here: Subject) -> Iterator[Problem]:
    """A role can trust Pinecone only when Pinecone's account is known."""
    if here.deployment.cmek is not None and here.file.pinecone_account is None:
        message = "cmek requires pinecone_account at the top of the file: it is the account that the role trusts"
        yield here.problem("pinecone-account-missing", message, PINECONE_ACCOUNT_PLACE, "cmek")


def is_not_pinecones_account(here: Subject) -> Iterator[Problem]:
    """The deployment's account differs from Pinecone's."""
    yield from here.invalid(accounts_error(here.deployment.account, here.file.pinecone_account), "account")


def tag_names_differ(here: Subject) -> Iterator[Problem]:
    """IAM treats tag names that differ only in case as the same."""
    seen: dict[str, str] = {}
    for key in here.deployment.tags:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            message = f"IAM treats the tags {shown(first)} and {shown(key)} as the same"
            yield here.problem("tag-twice", message, "keep one", "tags", key)


def bootstrap_roles_are_of_the_account(here: Subject) -> Iterator[Problem]:
    """CloudFormation acts in one account, as a role of that account. Templates may be published to another."""
    common = here.deployment.bootstrap is None
    settings = here.file.bootstrap if common else here.deployment.bootstrap
    if settings is None or settings is UNKNOWN:
        return
    for name in ("deploy_role_arn", "execution_role_arn", "lookup_role_arn"):
        arn = getattr(settings, name)
        account = arn.split(":iam::")[1].partition(":")[0] if isinstance(arn, str) else ""
        if account.isdigit() and here.deployment.account != account:
            yield Problem(
                "bootstrap-role-account",
                _other_account("role", account, here),
                "write ${AWS::AccountId} for the deployment's account, or set bootstrap in each deployment",
                ("bootstrap", name) if common else ("deployments", here.name, "bootstrap", name),
            )


def boundary_is_of_the_account(here: Subject) -> Iterator[Problem]:
    """A permissions boundary is a policy of the roles' own account, or one that AWS manages."""
    if here.deployment.permissions_boundary is not None:
        error = boundary_error(known(here.deployment.permissions_boundary), here.deployment.account)
        yield from here.invalid(error, "permissions_boundary")


def role_is_of_the_account(here: Subject) -> Iterator[Problem]:
    """The role to assume is in the deployment's account."""
    if here.deployment.assume_role is None:
        return
    account = known(here.deployment.assume_role).split(":")[4]
    if here.deployment.account != account:
        hint = "use a role of the deployment's own account that the current credentials may assume"
        yield here.problem("assume-role-account", _other_account("role", account, here), hint, "assume_role")


def _other_account(what: str, account: str, here: Subject) -> str:
    return f"the {what} is in account {account}, the deployment in {here.deployment.account}"


def profile_or_role(here: Subject) -> Iterator[Problem]:
    """Credentials come from a profile or from a role; a profile can itself assume a role."""
    if here.deployment.profile is not None and here.deployment.assume_role is not None:
        yield here.problem(
            "profile-and-role",
            "profile and assume_role are both set, and the credentials come from one of them",
            "keep one; a profile can itself assume a role: role_arn and source_profile in the AWS configuration",
            "assume_role",
        )
