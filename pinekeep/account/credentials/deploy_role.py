"""The roles that `cdk bootstrap` creates for deployments, used as the CDK CLI uses them."""

from typing import TYPE_CHECKING

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.sessions import ROLE_SESSION_NAME
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.facts.bootstrap import VERSION_NEEDED

if TYPE_CHECKING:
    from pinekeep.account.credentials.access import Access


def as_deploy_role(access: "Access", deployment: Deployment) -> Clients:
    """Return clients that use the bootstrap's deploy role. One call.

    Credentials of the deployment's account that cannot assume it are used themselves, as the CDK CLI does. Raises
    AwsRefusedError if AWS cannot be reached, or credentials of another account cannot assume the role.
    """
    arn = bootstrap_of(deployment).role_arn("deploy")
    with refusals_told():
        try:
            answer = (
                access.own_clients_for(deployment)
                .client("sts")
                .assume_role(RoleArn=arn, RoleSessionName=ROLE_SESSION_NAME)
            )
        except Exception as error:
            if code_of(error) not in DENIED:
                raise
            if access.caller(deployment).by_bootstrap:
                raise AwsRefusedError(
                    f"the current credentials may read in account {deployment.account}, but not assume {arn}",
                    hint="allow them sts:AssumeRole on it, or set profile or assume_role in the deployment",
                ) from None
            return access.clients_for(deployment)
    return access.clients_as(deployment, answer["Credentials"])


def require_bootstrap(clients: Clients, deployment: Deployment) -> None:
    """Require a recent CDK bootstrap, as the CDK CLI does. One call. Raises AwsRefusedError without one."""
    place = f"account {deployment.account} in {deployment.region}"
    named = bootstrap_of(deployment)
    with refusals_told():
        try:
            value = clients.client("ssm").get_parameter(Name=named.version_parameter)["Parameter"]["Value"]
        except Exception as error:
            if code_of(error) != "ParameterNotFound":
                raise
            raise AwsRefusedError(
                f"{place} is not prepared for CDK deployments: there is no parameter {named.version_parameter}",
                hint="`pinekeep preflight` says which bootstrap there is; where there is none: " + named.command,
            ) from None
    if not value.isdigit() or int(value) < VERSION_NEEDED:
        raise AwsRefusedError(
            f"{place} has version {value} of the CDK bootstrap, and {VERSION_NEEDED} is needed", hint=named.command
        )
