"""Clients of Pinecone's Admin API and control plane, with plain data in and out. Source: facts.pinecone_api."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from pinekeep.pinecone.credentials import Connection, ServiceAccount
from pinekeep.pinecone.errors import API_KEY, PineconeRefusedError
from pinekeep.pinecone.inventory import Binding, Index, Key, Organization, Principal, PrincipalKind, Project, read_index
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.sdk import ANSWER_SECONDS, Caller, answers_of, make_admin, make_client

if TYPE_CHECKING:
    from pinecone import Admin, Pinecone

UNKNOWN_KEY: Final = 401
NOT_ALLOWED: Final = 403
GONE: Final = 404
_CONFLICT: Final = 409


class PineconeAdmin:
    """The organization of a service account. Use it in a ``with`` block, or call :meth:`close`.

    Every method raises PineconeRefusedError, when Pinecone refuses the call or cannot be reached; those that create
    something raise UnclearError, when it is unknown whether it was created. ``seconds``: how long an answer may take.
    """

    def __init__(
        self, account: ServiceAccount, *, caller: Caller | None = None, seconds: float = ANSWER_SECONDS
    ) -> None:
        self.account = account
        self._call = (caller or Caller()).call
        self._stack = ExitStack()
        self._admin: Admin = self._stack.enter_context(
            # The SDK repeats this call itself, which is harmless: one token more or less.
            self._call("sign in", lambda: make_admin(account, seconds=seconds), attempts=1)
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
        """Return the service account's organization."""
        found = self._call("list the organizations", self._admin.organizations.list)
        return [Organization(each.id, each.name, each.plan) for each in found]

    def projects(self) -> list[Project]:
        """Return the projects that the service account can see."""
        return [_project(each) for each in self._call("list the projects", self._admin.projects.list)]

    def create_project(self, name: str, *, cmek: bool) -> Project:
        """Create a project. ``cmek`` cannot be changed later."""
        return self._call(
            "create the project",
            lambda: _project(self._admin.projects.create(name=name, force_encryption_with_cmek=cmek)),
            makes=True,
        )

    # --- API keys ---

    def api_keys(self, project_id: str) -> list[Key]:
        """Return a project's API keys, without their values."""
        found = self._call("list the project's API keys", lambda: self._admin.api_keys.list(project_id=project_id))
        return [_key(each) for each in found]

    def create_api_key(self, project_id: str, *, name: str, roles: Sequence[str]) -> tuple[Key, Secret]:
        """Create an API key. Returns it with its value, which Pinecone shows this once."""

        def create() -> tuple[Key, Secret]:
            made = self._admin.api_keys.create(project_id=project_id, name=name, roles=list(roles))
            return _key(made.key), Secret(made.value)

        return self._call("create an API key", create, makes=True)

    def update_api_key(self, key_id: str, *, name: str | None = None, roles: Sequence[str] | None = None) -> None:
        """Change an API key's name or roles; None keeps them."""
        new_roles = None if roles is None else list(roles)
        self._call(
            "change an API key", lambda: self._admin.api_keys.update(api_key_id=key_id, name=name, roles=new_roles)
        )

    def delete_api_key(self, key_id: str) -> None:
        """Delete an API key, if it exists."""
        self._unless(GONE, "delete an API key", lambda: self._admin.api_keys.delete(api_key_id=key_id))

    # --- Principals and roles ---

    def users(self, email: str | None = None) -> list[Principal]:
        """Return the organization's users, or the one with an e-mail address."""
        found = self._call("list the users", lambda: list(self._admin.users.list(email=email)))
        return [Principal("user", each.id, each.email) for each in found]

    def service_accounts(self) -> list[Principal]:
        """Return the organization's service accounts."""
        found = self._call("list the service accounts", lambda: list(self._admin.service_accounts.list()))
        return [Principal("service_account", each.id, each.name, each.client_id) for each in found]

    def role_bindings(self, *, project_id: str | None = None, of: Principal | None = None) -> list[Binding]:
        """Return the role bindings, optionally those of one project or of one principal."""
        filters: dict[str, Any] = {}
        if project_id is not None:
            filters |= {"resource_type": "project", "resource_id": project_id}
        if of is not None:
            filters |= {"principal_type": of.kind, "principal_id": of.id}
        found = self._call("list the role bindings", lambda: list(self._admin.role_bindings.list(**filters)))
        return [
            Binding(each.id, each.principal_type, each.principal_id, each.resource_type, each.resource_id, each.role)
            for each in found
        ]

    def create_role_binding(self, kind: PrincipalKind, principal_id: str, *, role: str, project_id: str | None) -> None:
        """Bind a role in a project, or in the organization where that is None, unless the principal has it."""
        resource = (
            {"resource_type": "organization"}
            if project_id is None
            else {"resource_type": "project", "resource_id": project_id}
        )
        # Pinecone refuses a binding that exists, so a repetition creates nothing twice.
        self._unless(
            _CONFLICT,
            "bind a role",
            lambda: self._admin.role_bindings.create(
                principal_type=kind, principal_id=principal_id, role=role, **resource
            ),
        )

    def delete_role_binding(self, binding_id: str) -> None:
        """Remove a role binding, if it exists."""
        self._unless(GONE, "remove a role", lambda: self._admin.role_bindings.delete(role_binding_id=binding_id))

    def _unless(self, status: int, what: str, function: Callable[[], object]) -> None:
        """Make a call; a refusal with the status means that there is nothing to do."""
        try:
            self._call(what, function)
        except PineconeRefusedError as error:
            if error.status != status:
                raise


class ControlPlane:
    """The control plane of an API key's project. Raises PineconeRefusedError if the text cannot be an API key."""

    def __init__(
        self, api_key: Secret, connection: Connection, *, caller: Caller | None = None, seconds: float = ANSWER_SECONDS
    ) -> None:
        self._caller = caller or Caller(who=API_KEY)
        self._client: Pinecone = self._caller.call(
            "use an API key", lambda: make_client(api_key, connection, seconds=seconds), attempts=1
        )

    def __enter__(self) -> "ControlPlane":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def indexes(self) -> list[Index]:
        """Return every index of the project.

        They are read from the raw answer: the SDK drops an index of another shape than its own, and an index that
        remains must not go unnoticed. Raises PineconeRefusedError if the key is unknown (status 401), may not list
        indexes (403), or there is no answer.
        """
        return [read_index(each) for each in self._caller.call("list the indexes", self._raw_indexes)]

    def _raw_indexes(self) -> list[Any]:
        with answers_of(self._client) as answers:
            list(self._client.indexes.list())
        return [each for answer in answers for each in answer["indexes"]]

    def is_known(self) -> bool:
        """Tell whether Pinecone knows the key, whatever its role. Raises PineconeRefusedError if no answer tells."""
        try:
            self.indexes()
        except PineconeRefusedError as error:
            if error.status == UNKNOWN_KEY:
                return False
            if error.status != NOT_ALLOWED:
                raise
        return True


def _project(model: Any) -> Project:
    return Project(model.id, model.name, model.force_encryption_with_cmek, model.organization_id)


def _key(model: Any) -> Key:
    roles: Iterable[Any] = model.roles
    return Key(model.id, model.name or "", tuple(str(getattr(each, "value", each)) for each in roles))
