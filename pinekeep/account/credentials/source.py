"""One set of credentials: its clients, its child processes, and the roles that it assumes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.accounts import once_for_each
from pinekeep.account.credentials.mfa import mfa_prompter
from pinekeep.errors import AwsRefusedError

if TYPE_CHECKING:
    from pinekeep.account.client.clients import Clients


def _clients_of_keys(region: str, credentials: Mapping[str, str]) -> "Clients":
    from pinekeep.account.client.clients import Clients  # noqa: PLC0415
    from pinekeep.account.credentials.sessions import new_session  # noqa: PLC0415

    session = new_session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return Clients(session, region)


@dataclass(frozen=True)
class Source:
    """One set of credentials.

    Attributes:
        environment: returns the environment of a child process, such as the CDK CLI.
        clients_for: returns the boto3 clients of a Region.
        clients_as: returns the boto3 clients of a Region for other credentials: ``Credentials`` of AssumeRole.
    """

    environment: Callable[[], Mapping[str, str]]
    clients_for: "Callable[[str], Clients]"
    clients_as: "Callable[[str, Mapping[str, str]], Clients]" = _clients_of_keys


def source_of_the_user(profile: str | None, region: str) -> Source:
    """Return the credentials of a profile, or those that the AWS SDKs find: environment, profile, SSO, instance.

    They are fetched here, so that a prompt for an MFA code comes first, and once. ``profile``: the profile that the
    configuration file names; None where it names none. ``region``: a Region for STS. Raises AwsRefusedError if there is
    no such profile, or its credentials cannot be fetched. Having none at all is reported by the first call.
    """
    import os  # noqa: PLC0415

    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415 - slow to import

    from pinekeep.account.client.clients import Clients  # noqa: PLC0415
    from pinekeep.account.credentials.sessions import environment_of, session_of_profile  # noqa: PLC0415

    named = profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    ask_code = mfa_prompter(named, of_the_file=profile is not None)
    with refusals_told():
        try:
            session = session_of_profile(profile, region=region, ask_code=ask_code)
            credentials = session.get_credentials()
        except ProfileNotFound:
            if profile is None:
                raise
            raise AwsRefusedError(
                f"there is no AWS profile {profile!r}, which the file names",
                hint="`aws configure list-profiles` lists them; each machine has its own",
            ) from None
        if credentials is not None:
            credentials.get_frozen_credentials()
    return Source(environment=partial(environment_of, session), clients_for=once_a_region(partial(Clients, session)))


def source_of_role(own: Source, role_arn: str, region: str) -> tuple[Source, str]:
    """Assume a role; return renewed credentials and the session's ARN. One call. Raises ClientError if AWS refuses."""
    from pinekeep.account.client.clients import Clients  # noqa: PLC0415
    from pinekeep.account.credentials.sessions import ROLE_SESSION_NAME, environment_of, session_of_role  # noqa: PLC0415

    def assume() -> Mapping[str, Any]:
        sts = own.clients_for(region).client("sts")
        answer: Mapping[str, Any] = sts.assume_role(RoleArn=role_arn, RoleSessionName=ROLE_SESSION_NAME)
        return answer

    first = assume()
    session = session_of_role(assume, first=first)
    source = Source(environment=partial(environment_of, session), clients_for=once_a_region(partial(Clients, session)))
    return source, str(first["AssumedRoleUser"]["Arn"])


def once_a_region(clients_for: "Callable[[str], Clients]") -> "Callable[[str], Clients]":
    """Return the same function, called once for each Region. Thread-safe."""
    return once_for_each(clients_for, str)
