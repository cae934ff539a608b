"""The stand-in's state: one organization with its projects, keys, principals and roles."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pinekeep.model.facts import pinecone_api as api

Json = dict[str, Any]

NOT_FOUND: Final = (404, "NOT_FOUND")
CONFLICT: Final = (409, "ALREADY_EXISTS")
INVALID: Final = (400, "INVALID_ARGUMENT")
FORBIDDEN: Final = (403, "FORBIDDEN")


class RefusedError(Exception):
    """A refused request. ``kind``: the status and Pinecone's error code."""

    def __init__(self, kind: tuple[int, str], message: str) -> None:
        super().__init__(message)
        self.status, self.code = kind
        self.message = message


@dataclass
class Organization:
    """An organization.

    Attributes:
        unique_key_names: whether a project refuses two API keys of the same name, which Pinecone does not document.
        cmek_allowed: whether projects can have CMEK.
        index_shape: the JSON of indexes: as in API 2026-07, or as in earlier versions, with ``spec``.
        values: the ID of the API key by its value.
        indexes: by project.
    """

    plan: str = "Enterprise"
    client_id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    unique_key_names: bool = False
    cmek_allowed: bool = True
    page: int = 100
    index_shape: Literal["deployment", "spec"] = "deployment"
    id: str = field(default_factory=lambda: f"-{secrets.token_urlsafe(14)}")
    projects: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, Json] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    users: dict[str, Json] = field(default_factory=dict)
    service_accounts: dict[str, Json] = field(default_factory=dict)
    bindings: dict[str, Json] = field(default_factory=dict)
    indexes: dict[str, list[Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = self.add_service_account("pinekeep", client_id=self.client_id)
        self.create_binding("service_account", first["id"], "organization", None, "OrgOwner")

    # --- Sign-in ---

    def token(self, body: Json) -> Json:
        """Return a token for a service account's ID and secret."""
        if (body.get("client_id"), body.get("client_secret")) != (self.client_id, self.client_secret):
            raise RefusedError((401, "access_denied"), "Unauthorized")
        token = secrets.token_urlsafe(32)
        self.tokens.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": 1800}

    def project_of(self, api_key: str) -> tuple[Json, list[str]]:
        """Return the project and the roles of an API key."""
        key = self.keys.get(self.values.get(api_key, ""))
        if key is None:
            raise RefusedError((401, "UNAUTHENTICATED"), "Invalid API Key")
        return self.projects[key["project_id"]], key["roles"]

    # --- Projects and indexes ---

    def as_json(self) -> Json:
        """Return the organization's JSON."""
        return {
            "id": self.id,
            "name": "An organization of the stand-in",
            "plan": self.plan,
            "payment_status": "Active",
            "created_at": _now(),
            "support_tier": "Enterprise",
        }

    def create_project(self, name: str, *, cmek: bool = False) -> Json:
        """Create a project. Names are not unique."""
        if cmek and not self.cmek_allowed:
            raise RefusedError(FORBIDDEN, "CMEK is not enabled for this organization")
        project: Json = {
            "id": str(uuid.uuid4()),
            "name": name,
            "max_pods": 0,
            "force_encryption_with_cmek": cmek,
            "organization_id": self.id,
            "created_at": _now(),
        }
        self.projects[project["id"]] = project
        self.indexes[project["id"]] = []
        return project

    def project(self, project_id: str) -> Json:
        """Return a project."""
        return _found(self.projects, project_id, "project")

    def add_index(self, project_id: str, name: str, **settings: Any) -> Json:
        """Add an index, as a client would. ``settings``: its differences from a serverless index in us-east-1."""
        index: Json = {
            "name": name,
            "host": f"{name}-abc1234.svc.aped-4627-b74a.pinecone.io",
            "private_host": f"{name}-abc1234.svc.private.aped-4627-b74a.pinecone.io",
            "status": {"ready": True, "state": "Ready"},
            "deployment": {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"},
            "read_capacity": {"mode": "OnDemand", "status": {"state": "Ready"}},
            "schema": {"fields": {"embedding": {"type": "dense_vector", "dimension": 8, "metric": "cosine"}}},
            "deletion_protection": "disabled",
            **settings,
        }
        self.indexes[project_id].append({name: value for name, value in index.items() if value is not None})
        return index

    def indexes_of(self, project_id: str) -> list[Json]:
        """Return a project's indexes in the organization's shape."""
        found = self.indexes[project_id]
        return [_with_spec(each) for each in found] if self.index_shape == "spec" else found

    # --- API keys ---

    def create_key(self, project_id: str, name: str, roles: list[str]) -> Json:
        """Create an API key. Returns it with its value."""
        self.project(project_id)
        names = {(key["project_id"], key["name"]) for key in self.keys.values()}
        if self.unique_key_names and (project_id, name) in names:
            raise RefusedError(CONFLICT, "An API key of this name exists")
        self._require(roles, api.API_KEY_ROLES)
        key: Json = {"id": str(uuid.uuid4()), "name": name, "project_id": project_id, "roles": roles}
        value = f"pcsk_{secrets.token_hex(3)}_{secrets.token_hex(30)}"
        self.keys[key["id"]], self.values[value] = key, key["id"]
        return {"key": key, "value": value}

    def update_key(self, key_id: str, body: Json) -> Json:
        """Change a key's name or roles."""
        key = _found(self.keys, key_id, "API key")
        self._require(body.get("roles", []), api.API_KEY_ROLES)
        key.update({name: body[name] for name in ("name", "roles") if name in body})
        return key

    def delete_key(self, key_id: str) -> None:
        """Delete a key with its value."""
        _found(self.keys, key_id, "API key")
        del self.keys[key_id]
        self.values = {value: owner for value, owner in self.values.items() if owner != key_id}

    # --- Principals and roles ---

    def add_user(self, email: str) -> Json:
        """Add a user, as an accepted invitation would."""
        user: Json = {"id": str(uuid.uuid4()), "email": email}
        self.users[user["id"]] = user
        self.create_binding("user", user["id"], "organization", None, "OrgMember")
        return user

    def add_service_account(self, name: str, *, client_id: str = "") -> Json:
        """Add a service account, as the console would."""
        account: Json = {
            "id": str(uuid.uuid4()),
            "name": name,
            "client_id": client_id or secrets.token_urlsafe(24),
            "created_at": _now(),
            "updated_at": _now(),
        }
        self.service_accounts[account["id"]] = account
        return account

    def create_binding(
        self, principal_type: str, principal_id: str, resource_type: str, resource_id: str | None, role: str
    ) -> Json:
        """Bind a role to a principal."""
        principals = {"user": self.users, "service_account": self.service_accounts, "api_key": self.keys}
        _found(principals.get(principal_type, {}), principal_id, "principal")
        of_project = resource_type == "project"
        self._require([role], api.PROJECT_ROLES if of_project else api.ORGANIZATION_ROLES)
        if of_project:
            self.project(resource_id or "")
        binding: Json = {
            "principal_type": principal_type,
            "principal_id": principal_id,
            "resource_type": resource_type,
            "resource_id": resource_id if of_project else self.id,
            "role": role,
        }
        if any(binding.items() <= each.items() for each in self.bindings.values()):
            raise RefusedError(CONFLICT, "A role binding with these attributes already exists.")
        made = {"id": str(uuid.uuid4()), **binding, "created_at": _now()}
        self.bindings[made["id"]] = made
        return made

    def delete_binding(self, binding_id: str) -> None:
        """Delete a role binding, other than the last owner's."""
        binding = _found(self.bindings, binding_id, "role binding")
        owners = [each for each in self.bindings.values() if each["role"] == "OrgOwner"]
        if owners == [binding]:
            raise RefusedError((409, "ABORTED"), "Cannot delete the last OrgOwner role binding for this organization.")
        del self.bindings[binding_id]

    @staticmethod
    def _require(roles: list[str], known: tuple[str, ...]) -> None:
        if wrong := [role for role in roles if role not in known]:
            raise RefusedError(INVALID, f"The role {wrong[0]} cannot be used here")


def _with_spec(index: Json) -> Json:
    """Return an index in the shape of API versions before 2026-07."""
    earlier = {name: value for name, value in index.items() if name not in ("deployment", "read_capacity", "schema")}
    where = dict(index["deployment"])
    kind = {"managed": "serverless"}.get(where.pop("deployment_type"), index["deployment"]["deployment_type"])
    fields = index["schema"]["fields"].values()
    nothing: Mapping[str, Any] = {}
    vector = next((each for each in fields if each["type"] == "dense_vector"), nothing)
    shape = {"dimension": vector.get("dimension"), "metric": vector.get("metric"), "vector_type": "dense"}
    return {**earlier, **shape, "spec": {kind: where}}


def _found(things: dict[str, Json], identifier: str, what: str) -> Json:
    if identifier not in things:
        raise RefusedError(NOT_FOUND, f"There is no such {what}")
    return things[identifier]


def _now() -> str:
    return datetime.now(UTC).isoformat()
