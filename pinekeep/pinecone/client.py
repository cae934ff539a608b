"""Pinecone's Admin API as this project uses it: what goes in and comes out is plain data.

Source: facts.pinecone_api.ADMIN_API, SDK.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pinekeep.pinecone.calls import Caller
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.errors import PineconeRefusedError
from pinekeep.pinecone.inventory import Binding, Key, Organization, Principal, PrincipalKind, Project
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.sdk import ANSWER_SECONDS, make_admin

if TYPE_CHECKING:
    from pinecone import Admin

GONE: Final = 404
T = TypeVar("T")


class PineconeAdmin:
    """The organization of a service account. Use it in a ``with`` block, or call :meth:`close`.

    Args:
        account: as whom, and where.
        caller: makes the calls.
        seconds: how long an answer may take.

    Every method raises PineconeRefusedError, when Pinecone or the way to it says no; those that make something
    raise UnclearError, when it is not known whether it was made.
    """

    def __init__(
        self, account: ServiceAccount, *, caller: Caller | None = None, seconds: float = ANSWER_SECONDS
    ) -> None:
        self.account = account
        self._caller = caller or Caller()
        self._stack = ExitStack()
        self._admin: Admin = self._stack.enter_context(
            # The SDK itself tries this one several times, which does no harm: a token more or less.
            self._caller.call("sign in", lambda: make_admin(account, seconds=seconds), attempts=1)
        )

    def __enter__(self) -> "PineconeAdmin":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._stack.close()

    # --- The organization and its projects ---

    def organizations(self) -> list[Organization]:
        """Return the organizations that the service account can see: its own."""
        found = self._read("list the organizations", self._admin.organizations.list)
        return [Organization(each.id, each.name, each.plan) for each in found]

    def projects(self) -> list[Project]:
        """Return the projects that the service account can see."""
        return [_project(each) for each in self._read("list the projects", self._admin.projects.list)]

    def create_project(self, name: str, *, cmek: bool) -> Project:
        """Make a project.

        Args:
            name: its name.
            cmek: whether everything in it must be encrypted with the customer's key. It can never be turned off.
        """
        return self._caller.call(
            "make the project",
            lambda: _project(self._admin.projects.create(name=name, force_encryption_with_cmek=cmek)),
            makes=True,
        )

    # --- API keys ---

    def api_keys(self, project_id: str) -> list[Key]:
        """Return a project's API keys, without their values."""
        found = self._read("list the project's API keys", lambda: self._admin.api_keys.list(project_id=project_id))
        return [_key(each) for each in found]

    def create_api_key(self, project_id: str, *, name: str, roles: Sequence[str]) -> tuple[Key, Secret]:
        """Make an API key.

        Returns:
            the key, and its value: Pinecone tells it this once.
        """

        def create() -> tuple[Key, Secret]:
            made = self._admin.api_keys.create(project_id=project_id, name=name, roles=list(roles))
            return _key(made.key), Secret(made.value)

        return self._caller.call("make an API key", create, makes=True)

    def update_api_key(self, key_id: str, *, name: str | None = None, roles: Sequence[str] | None = None) -> None:
        """Give an API key another name or other roles; None leaves them as they are."""
        self._caller.call(
            "change an API key",
            lambda: self._admin.api_keys.update(
                api_key_id=key_id, name=name, roles=None if roles is None else list(roles)
            ),
        )

    def delete_api_key(self, key_id: str) -> None:
        """Delete an API key. One that is gone already is fine."""
        self._delete("delete an API key", lambda: self._admin.api_keys.delete(api_key_id=key_id))

    # --- Who has which role ---

    def users(self, email: str | None = None) -> list[Principal]:
        """Return the organization's users.

        Args:
            email: only the user with this address.
        """
        found = self._read("list the users", lambda: list(self._admin.users.list(email=email)))
        return [Principal("user", each.id, each.email) for each in found]

    def service_accounts(self) -> list[Principal]:
        """Return the organization's service accounts."""
        found = self._read("list the service accounts", lambda: list(self._admin.service_accounts.list()))
        return [Principal("service_account", each.id, each.name, each.client_id) for each in found]

    def role_bindings(self, *, project_id: str | None = None, of: Principal | None = None) -> list[Binding]:
        """Return who has which role.

        Args:
            project_id: for this project alone.
            of: of this user or service account alone.
        """
        filters: dict[str, Any] = {}
        if project_id is not None:
            filters |= {"resource_type": "project", "resource_id": project_id}
        if of is not None:
            filters |= {"principal_type": of.kind, "principal_id": of.id}
        found = self._read("list the role bindings", lambda: list(self._admin.role_bindings.list(**filters)))
        return [
            Binding(each.id, each.principal_type, each.principal_id, each.resource_type, each.resource_id, each.role)
            for each in found
        ]

    def create_role_binding(self, kind: PrincipalKind, principal_id: str, *, role: str, project_id: str | None) -> None:
        """Give somebody a role. One that they have already is fine.

        Args:
            kind: what kind of principal it is.
            principal_id: whose it is to be.
            role: the role.
            project_id: the project it is for; None for the organization.
        """
        scope = {"resource_type": "organization"} if project_id is None else {"resource_type": "project"}
        resource = {} if project_id is None else {"resource_id": project_id}
        # Twice the same binding is refused, so that sending it again makes nothing twice.
        try:
            self._caller.call(
                "bind a role",
                lambda: self._admin.role_bindings.create(
                    principal_type=kind, principal_id=principal_id, role=role, **scope, **resource
                ),
            )
        except PineconeRefusedError as error:
            if error.status != _CONFLICT:
                raise

    def delete_role_binding(self, binding_id: str) -> None:
        """Take a role away. One that is gone already is fine."""
        self._delete("take a role away", lambda: self._admin.role_bindings.delete(role_binding_id=binding_id))

    # --- Helpers ---

    def _read(self, what: str, function: Callable[[], T]) -> T:
        return self._caller.call(what, function)

    def _delete(self, what: str, function: Callable[[], None]) -> None:
        try:
            self._caller.call(what, function)
        except PineconeRefusedError as error:
            if error.status != GONE:
                raise


_CONFLICT: Final = 409


def _project(model: Any) -> Project:
    return Project(model.id, model.name, model.force_encryption_with_cmek, model.organization_id)


def _key(model: Any) -> Key:
    roles: Iterable[Any] = model.roles
    return Key(model.id, model.name or "", tuple(str(getattr(each, "value", each)) for each in roles))
