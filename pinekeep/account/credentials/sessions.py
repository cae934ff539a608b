"""boto3 sessions of a profile, a role or keys, with guarded parsing and shared service descriptions."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from typing import Any, Final

ROLE_SESSION_NAME: Final = "pinekeep"

_CREDENTIALS: Final = frozenset(
    {
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_ACCOUNT_ID",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    }
)
"""The environment variables in which the AWS SDKs look for credentials."""

_STARTING: Final = Lock()


class Session:
    """A boto3 session whose clients resolve errors without parsing every description."""

    def __init__(self, core: Any) -> None:
        import boto3  # noqa: PLC0415 - slow to import

        self._session = boto3.Session(botocore_session=core)

    def client(self, service_name: str, **settings: Any) -> Any:
        """Return a client of a service, as boto3 does."""
        from pinekeep.account.client.descriptions import find_errors_quickly  # noqa: PLC0415 - imports botocore

        made = self._session.client(service_name, **settings)  # pyrefly: ignore[no-matching-overload] # any service
        find_errors_quickly(made)
        return made

    def get_credentials(self) -> Any:
        """Return the credentials, or None where there are none."""
        return self._session.get_credentials()


@cache
def _descriptions() -> Any:
    """Return the loader of service descriptions. Each botocore session has its own by default, and reads them again.

    That takes longer than the calls: those of CloudFormation, EC2 and Systems Manager are megabytes.
    """
    from botocore.session import Session as Core  # noqa: PLC0415 - slow to import

    from pinekeep.account.client.descriptions import Descriptions  # noqa: PLC0415 - imports botocore

    # Without botocore's own handlers of events, which are slow to register and of no use to a loader.
    return Descriptions(Core(include_builtin_handlers=False).get_component("data_loader").search_paths)


def _core(profile: str | None = None) -> Any:
    from botocore.session import Session as Core  # noqa: PLC0415 - slow to import

    from pinekeep.account.client.parsing import ParserFactory  # noqa: PLC0415 - imports botocore

    core = Core(profile=profile)
    core.register_component("data_loader", _descriptions())
    core.register_component("response_parser_factory", ParserFactory())
    return core


def new_session(**keys: str | None) -> Session:
    """Return a session. Thread-safe.

    ``keys``: credentials by the names of boto3's Session; without any, those that the AWS SDKs find. Raises
    BotoCoreError if the configuration is invalid; see :mod:`pinekeep.account.client.refusals`.
    """
    with _STARTING:
        core = _core()
        if keys:
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            core.set_credentials(*(keys.get(name) for name in names))
        return Session(core)


def clients_of_nobody(region: str) -> Any:
    """Return clients whose own requests AWS refuses, to be signed for others: see ``client.delegated``.

    They retry without slowing down: a limit of one account does not concern the others.
    """
    from pinekeep.account.client.clients import Clients  # noqa: PLC0415
    from pinekeep.account.client.delegated import NOBODY  # noqa: PLC0415

    session = new_session(aws_access_key_id=NOBODY, aws_secret_access_key=NOBODY)
    return Clients(session, region, retries="standard")


def session_of_profile(profile: str | None, *, region: str, ask_code: Callable[[str], str]) -> Session:
    """Return a session with the credentials that the AWS SDKs find, fetched once.

    Args:
        profile: the profile, whatever the environment variables say; None to follow these.
        region: the Region of STS where the user has set none.
        ask_code: asks for an MFA code; receives botocore's prompt.

    Raises BotoCoreError if there is no such profile, or the configuration cannot be read.
    """
    with _STARTING:
        core = _core(profile)
        if core.get_config_variable("region") is None:
            core.set_config_variable("region", region)
        # botocore offers no other way to say how the code is asked for; a test holds that it asks this way.
        core.get_component("credential_provider").get_provider("assume-role")._prompter = ask_code
        return Session(core)


def session_of_role(assume: Callable[[], Mapping[str, Any]], *, first: Mapping[str, Any]) -> Session:
    """Return a session that uses a role, and assumes it again before its credentials expire.

    ``assume`` assumes the role again; returns the AssumeRole response. ``first``: the first response.
    """
    from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials  # noqa: PLC0415

    def given(answer: Mapping[str, Any]) -> dict[str, str]:
        keys = answer["Credentials"]
        return {
            "access_key": keys["AccessKeyId"],
            "secret_key": keys["SecretAccessKey"],
            "token": keys["SessionToken"],
            "expiry_time": keys["Expiration"].isoformat(),
        }

    credentials = RefreshableCredentials.create_from_metadata(
        given(first), refresh_using=lambda: given(assume()), method="assume-role"
    )

    class Given(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> Any:
            return credentials

    with _STARTING:
        core = _core()
        core.register_component("credential_provider", CredentialResolver([Given()]))
        return Session(core)


def environment_of(session: Any) -> dict[str, str]:
    """Return the environment of a child process that uses a session's current credentials.

    The child gets the keys and no profile. So it never asks for an MFA code, and cannot use other credentials than
    boto3: the AWS SDK for JavaScript prefers a profile to keys, and botocore keys to a profile.
    """
    credentials = session.get_credentials()
    if credentials is None:
        return dict(os.environ)
    keys = credentials.get_frozen_credentials()
    return {
        **{name: value for name, value in os.environ.items() if name not in _CREDENTIALS},
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        **({"AWS_SESSION_TOKEN": keys.token} if keys.token else {}),
    }
