"""What the role's permissions policies say, as far as it has not been read already."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.answers import part
from pinekeep.account.reads.calls import call, managed_policy
from pinekeep.account.reads.live import Live, LiveRole, Unreadable
from pinekeep.operations.verification.analyzer.calls import answered


@dataclass(frozen=True, kw_only=True)
class PermissionsPolicy:
    """One permissions policy of a role; ``read`` gives its document, or what stands in the way."""

    about: str
    read: Callable[[], Any]


def permissions_policies(role: Live | LiveRole, *, role_name: str, clients: Clients) -> Iterable[PermissionsPolicy]:
    """Yield the permissions policies of a role. Nothing is read yet."""
    known = role.customer_policies if isinstance(role.customer_policies, Mapping) else {}
    for name in role.inline_policies if isinstance(role.inline_policies, list) else []:
        yield PermissionsPolicy(
            about=f"inline policy {name} of role {role_name}", read=_inline(role_name, name, clients)
        )
    for each in role.attached_policies if isinstance(role.attached_policies, list) else []:
        arn = each["PolicyArn"]
        found = known.get(arn)
        yield PermissionsPolicy(
            about=f"policy {arn.rpartition('/')[2]} of role {role_name}",
            read=_given(found) if found is not None else _attached(arn, clients),
        )


def unreadable_lists(role: Live | LiveRole) -> list[Unreadable]:
    """Return why the names of some of the role's policies are not known."""
    return [each for each in (role.inline_policies, role.attached_policies) if isinstance(each, Unreadable)]


def _given(document: Any) -> Callable[[], Any]:
    return lambda: document


def _inline(role_name: str, name: str, clients: Clients) -> Callable[[], Any]:
    return lambda: part(_ask(clients, "iam:GetRolePolicy", RoleName=role_name, PolicyName=name), "PolicyDocument")


def _attached(arn: str, clients: Clients) -> Callable[[], Any]:
    return lambda: managed_policy(partial(_ask, clients), arn)


def _ask(clients: Clients, permission: str, **arguments: Any) -> Any:
    return answered(partial(call, clients, permission, **arguments), permission=permission, clients=clients)
