"""The account that administers a fleet's stack set, and the clients for it."""

from collections.abc import Callable

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.identity import WrongAccountError, who_am_i
from pinekeep.account.credentials.source import Source, source_of_role, source_of_the_user
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config.fleet.settings import FleetAdministrator


def administrator_clients(
    name: str,
    administrator: FleetAdministrator,
    *,
    source_of: Callable[[str | None, str], Source] = source_of_the_user,
) -> Clients:
    """Return the clients of the account and Region of a fleet's stack set. One call, two with a role.

    ``source_of`` returns the credentials of a profile, or the current ones. Raises WrongAccountError if the credentials
    belong to another account; AwsRefusedError if there are none, or the role cannot be assumed.
    """
    source = source_of(administrator.profile, administrator.region)
    if administrator.assume_role is not None:
        source = _as_role(source, administrator.assume_role, administrator.region, name=name)
    clients = source.clients_for(administrator.region)
    caller = who_am_i(clients)
    if caller.account != administrator.account:
        raise WrongAccountError(
            f"the stack set of fleet {name} is in account {administrator.account}, but the credentials are for "
            f"{caller.account} ({caller.arn})",
            hint=f"set profile or assume_role under fleet.{name}.administrator of the file, or use credentials of "
            f"account {administrator.account}, for example with AWS_PROFILE",
        )
    return clients


def _as_role(source: Source, role_arn: str, region: str, *, name: str) -> Source:
    with refusals_told():
        try:
            role, _ = source_of_role(source, role_arn, region)
        except Exception as error:
            if code_of(error) not in DENIED:
                raise
            raise AwsRefusedError(
                f"the current credentials may not assume {role_arn}, which fleet {name} names",
                hint="both sides must allow it: a policy of the credentials sts:AssumeRole on the role, and the role's "
                "trust policy the credentials; AWS answers the same where there is no such role",
            ) from None
    return role
