"""Clients of an embedded AWS, isolated from the user's AWS settings: boto3 sessions and child processes."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session as BotocoreSession

from pinekeep.emulator.errors import LocalAwsError

DEFAULT_ACCOUNT = "111122223333"
DEFAULT_REGION = "us-east-1"
ACCOUNT_DIGITS = 12
# The user's own settings that would lead a process to another account, profile, Region or proxy.
SCRUBBED_PREFIXES = ("AWS_", "CDK_", "BOTO_")
SCRUBBED_SUFFIXES = ("_PROXY", "_proxy")
# botocore's settings that come from the user's environment or files, each cut off from both.
UNREAD_SETTINGS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
    "use_fips_endpoint": (None, None, None, None),
    "use_dualstack_endpoint": (None, None, None, None),
}


# Reading a service's model takes most of the time of a new client; it is the same for every session.
# `AWS_DATA_PATH` plays no part in it.
MODELS = Loader()


def check_account(account: str) -> str:
    """Return the account number. Raises: LocalAwsError, when it has not 12 digits."""
    if len(account) != ACCOUNT_DIGITS or not (account.isascii() and account.isdigit()):
        raise LocalAwsError(
            f"an AWS account number has {ACCOUNT_DIGITS} digits, got: '{account}'",
            hint="keep it a string, or its leading zeros are lost",
        )
    return account


def access_keys(account: str, credentials: Mapping[str, str] | None) -> dict[str, str]:
    """Return the given STS credentials, or the account's root user's. Raises LocalAwsError if they are incomplete."""
    if credentials is None:
        # The emulator takes a 12-digit access key for the root user of that account.
        return {"AccessKeyId": check_account(account), "SecretAccessKey": "embedded"}
    missing = [name for name in ("AccessKeyId", "SecretAccessKey") if not credentials.get(name)]
    if missing:
        raise LocalAwsError(
            f"the credentials have no {' and no '.join(missing)}",
            hint="pass `Credentials` as sts.assume_role returns it",
        )
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return {name: credentials[name] for name in names if credentials.get(name)}


class LocalSession:
    """The part of boto3's Session that this project uses, bound to the embedded AWS."""

    def __init__(self, *, endpoint_url: str, region: str, keys: Mapping[str, str]) -> None:
        core = BotocoreSession(session_vars=UNREAD_SETTINGS)
        core.register_component("data_loader", MODELS)
        self._endpoint_url = endpoint_url
        self._session = boto3.Session(
            botocore_session=core,
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
        )

    @property
    def region_name(self) -> str:
        """The default Region of clients."""
        return self._session.region_name

    def client(self, service_name: str, *, region_name: str | None = None, config: Config | None = None) -> Any:
        """Return a boto3 client of a service, in the session's Region by default. `config` is merged."""
        # No proxies, whatever the environment says; path-style, as no bucket has a host name here.
        bound = Config(proxies={}, s3={"addressing_style": "path"}, retries={"mode": "standard"})
        return self._session.client(  # pyrefly: ignore[no-matching-overload] # any service
            service_name,
            region_name=region_name,
            endpoint_url=self._endpoint_url,
            config=config.merge(bound) if config else bound,
        )

    def get_credentials(self) -> Any:
        """Return the credentials as boto3's Session does."""
        return self._session.get_credentials()


@dataclass(frozen=True)
class Connection:
    """The address of an embedded AWS, and the default caller."""

    endpoint_url: str
    account: str
    region: str
    folder: Path

    @classmethod
    def unknown(cls) -> "Connection":
        """Return a connection to a server that is gone, of which the names of the variables are known."""
        return cls(endpoint_url="", account=DEFAULT_ACCOUNT, region=DEFAULT_REGION, folder=Path())

    def environment(
        self, account: str | None = None, *, credentials: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the full environment of a child process, such as the CDK CLI, without the user's AWS settings.

        It acts as the root user of ``account``, or with credentials of STS. Raises LocalAwsError for invalid ones.
        """
        keys = access_keys(account or self.account, credentials)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(SCRUBBED_PREFIXES) and not name.endswith(SCRUBBED_SUFFIXES)
        }
        path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)])
        token = {"AWS_SESSION_TOKEN": keys["SessionToken"]} if "SessionToken" in keys else {}
        return {
            **inherited,
            **token,
            "PATH": path,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_DISABLE_CLI_TELEMETRY": "1",
            # The CLI remembers which access key belongs to which account; not in the user's home.
            "CDK_HOME": str(self.folder / "cdk-home"),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def session(
        self, account: str | None = None, *, credentials: Mapping[str, str] | None = None, region: str | None = None
    ) -> LocalSession:
        """Return a session whose clients reach this address only, for the caller of :meth:`environment`."""
        keys = access_keys(account or self.account, credentials)
        return LocalSession(endpoint_url=self.endpoint_url, region=region or self.region, keys=keys)
