"""Acting as the role that `cdk bootstrap` makes for deployments, as the CDK command line does."""

from pinekeep.aws.access import Access
from pinekeep.aws.clients import Clients
from pinekeep.aws.refusal_codes import DENIED, code_of
from pinekeep.aws.refusals import refusals_told
from pinekeep.config import Deployment
from pinekeep.config.bootstrap import bootstrap_of


def deploy_role_arn(deployment: Deployment) -> str:
    """Return the ARN of the bootstrap's role for deployments."""
    return bootstrap_of(deployment).role_arn("deploy")


def as_deploy_role(access: Access, deployment: Deployment) -> Clients:
    """Return clients that act as the bootstrap's role for deployments.

    Whoever may not assume it acts as themselves, as with the CDK command line. One call.

    Args:
        access: the credentials.
        deployment: tells account and Region.

    Raises:
        AwsRefusedError: AWS cannot be asked.
    """
    own = access.clients_for(deployment.region)
    with refusals_told():
        try:
            answer = own.client("sts").assume_role(RoleArn=deploy_role_arn(deployment), RoleSessionName="pinekeep")
        except Exception as error:
            if code_of(error) in DENIED:
                return own
            raise
    return access.clients_as(deployment.region, answer["Credentials"])
