"""The credentials for each deployment, used by boto3 and by child processes.

A deployment names a profile or a role in the configuration file, or uses the current credentials. Where these belong to
another account, the bootstrap's lookup role gives read access, if it trusts that account.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Final, TypeVar

from pinekeep.account.client.proxies import proxy_for
from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.accounts import credentials_key, once_for_each
from pinekeep.account.credentials.identity import Caller, WrongAccountError, require_account, who_am_i
from pinekeep.account.credentials.source import Source, source_of_role, source_of_the_user
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config.bootstrap import bootstrap_of

if TYPE_CHECKING:
    from pinekeep.account.client.clients import Clients
    from pinekeep.model.config import Deployment

Result = TypeVar("Result")
_ANY_ENDPOINT: Final = "https://sts.amazonaws.com"
"""Stands for AWS's hosts when NO_PROXY is evaluated."""


@dataclass(frozen=True)
class _Reach:
    """The way into a deployment's account: the credentials, their identity, and the user's own credentials.

    The user's own credentials may be others. They assume the bootstrap's roles.
    """

    source: Source
    caller: Caller
    own: Source


class Access:
    """The credentials of a run, for each deployment. Thread-safe.

    ``source_of`` returns the credentials of a profile; of None, the current ones. Called once for each. ``overridden``:
    whether the current credentials apply to every deployment, whatever the file says.
    """

    def __init__(self, source_of: Callable[[str | None], Source], *, overridden: bool = False) -> None:
        self._source_of = source_of
        self._overridden = overridden
        self._sources: dict[str | None, Source] = {}
        self._callers: dict[str | None, Caller] = {}
        self._reach = once_for_each(self._find, lambda each: (*credentials_key(each), each.region))
        self._lock = RLock()

    @classmethod
    def of_the_user(cls, deployments: "Mapping[str, Deployment]") -> "Access":
        """Return the credentials that the file names for the deployments, or those that the AWS SDKs find.

        Each is fetched here, in turn: an MFA code is asked for first, and once. Raises AwsRefusedError if a profile
        does not exist, or its credentials cannot be fetched; WrongInputError if the environment names a proxy that
        cannot be used.
        """
        # The SDKs fail at such a proxy with an exception of their own.
        proxy_for(os.environ.get("AWS_ENDPOINT_URL") or _ANY_ENDPOINT, os.environ, all_proxy=False)
        region = next(iter(deployments.values())).region
        access = cls(lambda profile: source_of_the_user(profile, region))
        for each in deployments.values():
            access._own(each)
        return access

    @classmethod
    def of(cls, source: Source) -> "Access":
        """Return one set of credentials for every deployment, whatever the file says."""
        return cls(lambda _: source, overridden=True)

    def clients_for(self, deployment: "Deployment") -> "Clients":
        """Return the boto3 clients of a deployment's Region, with credentials of its account.

        Raises WrongAccountError if the credentials belong to another account; AwsRefusedError if there are none, the
        role cannot be assumed, or AWS cannot be reached.
        """
        reach = self._reach(deployment)
        require_account(reach.caller, deployment)
        return reach.source.clients_for(deployment.region)

    def own_clients_for(self, deployment: "Deployment") -> "Clients":
        """Return the clients that assume the bootstrap's roles: of :meth:`clients_for`, unless these use one."""
        return self._reach(deployment).own.clients_for(deployment.region)

    def clients_as(self, deployment: "Deployment", credentials: Mapping[str, str]) -> "Clients":
        """Return the clients of a deployment's Region that use the ``Credentials`` of an AssumeRole response."""
        return self._own(deployment).clients_as(deployment.region, credentials)

    def environment_for(self, deployment: "Deployment") -> Mapping[str, str]:
        """Return the environment of a child process, such as the CDK CLI, for a deployment.

        It holds the credentials as they are now. Those of another account are for assuming the bootstrap's roles.
        Raises AwsRefusedError as :meth:`clients_for`.
        """
        reach = self._reach(deployment)
        require_account(reach.caller, deployment)
        with refusals_told():
            return reach.own.environment()

    def caller(self, deployment: "Deployment") -> Caller:
        """Return the identity of a deployment's credentials, which may belong to another account.

        Raises AwsRefusedError if there are none, the role cannot be assumed, or AWS cannot be reached.
        """
        return self._reach(deployment).caller

    def require_accounts(self, deployments: "Mapping[str, Deployment]", *, changing: bool = False) -> None:
        """Require credentials of its account for every deployment. One call for each set of credentials.

        ``changing``: whether something will be changed by other means than CloudFormation. The bootstrap's lookup role
        is then not enough. Raises WrongAccountError if the credentials belong to another account; AwsRefusedError if
        there are none, a role cannot be assumed, AWS cannot be reached, or they can only read.
        """
        for name, deployment in deployments.items():
            caller = self.caller(deployment)
            require_account(caller, deployment, name=name)
            if changing and caller.by_bootstrap:
                raise AwsRefusedError(
                    f"deployment {name} is in account {deployment.account}, where the current credentials can only act "
                    "as the roles of the CDK bootstrap: these read and plan, and change nothing but stacks",
                    hint=f"set profile or assume_role in deployment {name} of the file, or use credentials of account "
                    f"{deployment.account} and run again with --deployment {name}",
                )

    def reading(
        self, deployments: "Mapping[str, Deployment]", read: "Callable[[Callable[[Deployment], Clients]], Result]"
    ) -> Result:
        """Return what is read of deployments, without a call for the identity where responses show the account.

        That saves a call where all deployments use the current credentials and one account, as most do. ``read``
        receives a function that returns the clients of a deployment. It raises WrongAccountError where a response shows
        another account. Raises AwsRefusedError as :meth:`require_accounts`, or raised by the read.
        """
        if None not in self._callers and len({credentials_key(each) for each in deployments.values()}) == 1:
            try:
                return read(self._presumed_clients_for)
            except WrongAccountError:
                pass
        self.require_accounts(deployments)
        return read(self.clients_for)

    def _presumed_clients_for(self, deployment: "Deployment") -> "Clients":
        if deployment.profile or deployment.assume_role:
            return self.clients_for(deployment)
        return self._own(deployment).clients_for(deployment.region)

    def _own(self, deployment: "Deployment") -> Source:
        profile = None if self._overridden else deployment.profile
        with self._lock:
            if profile not in self._sources:
                self._sources[profile] = self._source_of(profile)
            return self._sources[profile]

    def _own_caller(self, deployment: "Deployment") -> Caller:
        profile = None if self._overridden else deployment.profile
        own = self._own(deployment)
        with self._lock:
            if profile not in self._callers:
                self._callers[profile] = who_am_i(own.clients_for(deployment.region))
            return self._callers[profile]

    def _find(self, deployment: "Deployment") -> _Reach:
        own = self._own(deployment)
        if deployment.assume_role and not self._overridden:
            return _as_role(own, deployment, deployment.assume_role)
        caller = self._own_caller(deployment)
        if caller.account == deployment.account or deployment.profile or self._overridden:
            return _Reach(own, caller, own)
        return _by_bootstrap(own, deployment) or _Reach(own, caller, own)


def _as_role(own: Source, deployment: "Deployment", role_arn: str) -> _Reach:
    """Return the way through the role that the file names."""
    with refusals_told():
        try:
            role, arn = source_of_role(own, role_arn, deployment.region)
        except Exception as error:
            if code_of(error) not in DENIED:
                raise
            caller = who_am_i(own.clients_for(deployment.region))
            raise AwsRefusedError(
                f"the current credentials ({caller.arn}) may not assume {role_arn}, which the file names",
                hint=_BOTH_SIDES,
            ) from None
    return _Reach(role, Caller(account=_account_of(arn), arn=arn), role)


_BOTH_SIDES: Final = (
    "both sides must allow it: a policy of the credentials sts:AssumeRole on the role, and the role's trust policy the "
    "credentials; AWS answers the same where there is no such role"
)


def _by_bootstrap(own: Source, deployment: "Deployment") -> _Reach | None:
    """Return the way through the bootstrap's lookup role; None where it does not trust the credentials."""
    with refusals_told():
        try:
            role, arn = source_of_role(own, bootstrap_of(deployment).role_arn("lookup"), deployment.region)
        except Exception as error:
            if code_of(error) not in DENIED:
                raise
            return None
    return _Reach(role, Caller(account=_account_of(arn), arn=arn, by_bootstrap=True), own)


def _account_of(arn: str) -> str:
    return arn.split(":")[4]
