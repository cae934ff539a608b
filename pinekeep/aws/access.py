"""With which credentials AWS is called: by boto3 and by child processes alike."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from pinekeep.aws.identity import Caller, require_account, who_am_i
from pinekeep.proxies import proxy_for

if TYPE_CHECKING:
    from pinekeep.aws.clients import Clients
    from pinekeep.config import Deployment

_ANY_ENDPOINT: Final = "https://sts.amazonaws.com"
"""Stands for AWS's hosts where NO_PROXY is looked at."""


def _clients_of_a_session(region: str, credentials: "Mapping[str, str]") -> "Clients":
    from pinekeep.aws.clients import Clients  # noqa: PLC0415
    from pinekeep.aws.sessions import new_session  # noqa: PLC0415

    session = new_session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return Clients(session, region)


@dataclass(frozen=True)
class Access:
    """One set of credentials.

    Attributes:
        environment: what a child process, such as the CDK command line, needs to use them.
        clients_for: gives the boto3 clients of a Region that use them.
        clients_as: gives the boto3 clients of a Region that use others: the ``Credentials`` of AssumeRole.
    """

    environment: Mapping[str, str]
    clients_for: "Callable[[str], Clients]"
    clients_as: "Callable[[str, Mapping[str, str]], Clients]" = _clients_of_a_session

    @classmethod
    def of_the_user(cls) -> "Access":
        """Return the credentials that the AWS SDKs find: environment, profile, SSO, instance.

        Raises:
            WrongInputError: the environment names a proxy that cannot be used.
        """
        # The SDKs fail at such a proxy with an exception of their own.
        proxy_for(os.environ.get("AWS_ENDPOINT_URL") or _ANY_ENDPOINT, os.environ, all_proxy=False)
        return cls(environment=dict(os.environ), clients_for=_shared(_clients_of_the_user))

    def caller(self, deployments: "Mapping[str, Deployment]") -> Caller:
        """Return whose credentials they are. One call.

        Raises:
            AwsRefusedError: there are none, or AWS cannot be asked.
        """
        return who_am_i(self.clients_for(next(iter(deployments.values())).region))

    def require_accounts(self, deployments: "Mapping[str, Deployment]") -> Caller:
        """See that the credentials are of the account of every deployment, and return whose they are. One call.

        Raises:
            AwsRefusedError: they are of another, there are none, or AWS cannot be asked.
        """
        caller = self.caller(deployments)
        for name, deployment in deployments.items():
            require_account(caller, account=deployment.account, deployment=name)
        return caller


def _clients_of_the_user(region: str) -> "Clients":
    from pinekeep.aws.clients import Clients  # noqa: PLC0415
    from pinekeep.aws.sessions import new_session  # noqa: PLC0415

    return Clients(new_session(), region)


def _shared(clients_for: "Callable[[str], Clients]") -> "Callable[[str], Clients]":
    """Return the same, asked once for each Region. Safe in threads."""
    made: dict[str, Clients] = {}
    lock = Lock()

    def get(region: str) -> "Clients":
        with lock:
            if region not in made:
                made[region] = clients_for(region)
            return made[region]

    return get
