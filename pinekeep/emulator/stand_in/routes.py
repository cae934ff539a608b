"""The stand-in's requests, by method and path."""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pinekeep.emulator.stand_in.organization import Json, Organization, RefusedError
from pinekeep.model.facts import pinecone_api as api

Answer = tuple[int, Json | None]


@dataclass(frozen=True)
class Request:
    """A request. ``ids``: the IDs of the path, in order; ``headers`` have names in lower case."""

    ids: tuple[str, ...]
    query: Mapping[str, str]
    body: Json
    headers: Mapping[str, str]


Operation = Callable[[Organization, Request], Answer]

_ID: Final = re.compile(r"\{[a-z_]+\}")
_BINDING: Final = ("principal_type", "principal_id", "resource_type", "resource_id", "role")


def route(method: str, path: str) -> tuple[str, Operation, tuple[str, ...]] | None:
    """Return the path as Pinecone documents it, the operation and the IDs; None for an unknown path."""
    for (each_method, template), operation in ROUTES.items():
        match = re.fullmatch(_ID.sub("([^/]+)", template), path)
        if match and each_method == method:
            return template, operation, match.groups()
    return None


def answer(organization: Organization, operation: Operation, request: Request) -> Answer:
    """Carry out a request. Raises RefusedError, if its token is invalid or it cannot be done."""
    if operation not in (_token, _indexes):
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in organization.tokens:
            raise RefusedError((401, "UNAUTHENTICATED"), "Invalid token")
    return operation(organization, request)


def _token(organization: Organization, request: Request) -> Answer:
    return 200, organization.token(request.body)


def _indexes(organization: Organization, request: Request) -> Answer:
    project, roles = organization.project_of(request.headers.get("api-key", ""))
    if not set(roles) & set(api.CONTROL_PLANE_ROLES):
        raise RefusedError((403, "PERMISSION_DENIED"), "Access denied: Permission control::indexes::list is required")
    return 200, {"indexes": organization.indexes_of(project["id"])}


def _page(organization: Organization, request: Request, all_found: Iterable[Json]) -> Answer:
    """Return one page of a list, with the token of the next one."""
    found = list(all_found)
    given = request.query.get("paginationToken")
    start = int(base64.b64decode(given)) if given else 0
    end = start + min(int(request.query.get("limit", organization.page)), organization.page)
    more = {"pagination": {"next": base64.b64encode(str(end).encode()).decode()}} if end < len(found) else {}
    return 200, {"data": found[start:end], **more}


def _users(organization: Organization, request: Request) -> Answer:
    email = request.query.get("email", "").lower()
    found = (each for each in organization.users.values() if not email or each["email"].lower() == email)
    return _page(organization, request, found)


def _role_bindings(organization: Organization, request: Request) -> Answer:
    wanted = {name: request.query[name] for name in _BINDING if name in request.query}
    found = (each for each in organization.bindings.values() if wanted.items() <= each.items())
    return _page(organization, request, found)


def _create_project(organization: Organization, request: Request) -> Answer:
    given = request.body
    return 200, organization.create_project(given["name"], cmek=given.get("force_encryption_with_cmek", False))


def _keys(organization: Organization, request: Request) -> Answer:
    project = organization.project(request.ids[0])
    return 200, {"data": [key for key in organization.keys.values() if key["project_id"] == project["id"]]}


def _create_key(organization: Organization, request: Request) -> Answer:
    roles = request.body.get("roles", ["ProjectEditor"])
    return 201, organization.create_key(request.ids[0], request.body["name"], roles)


def _deletion(delete: Callable[[Organization, str], None]) -> Operation:
    def operation(organization: Organization, request: Request) -> Answer:
        delete(organization, request.ids[0])
        return 202, None

    return operation


ROUTES: Final[dict[tuple[str, str], Operation]] = {
    ("POST", "/oauth/token"): _token,
    ("GET", "/admin/organizations"): lambda organization, _: (200, {"data": [organization.as_json()]}),
    ("GET", "/admin/projects"): lambda organization, _: (200, {"data": list(organization.projects.values())}),
    ("POST", "/admin/projects"): _create_project,
    ("GET", "/admin/projects/{project_id}/api-keys"): _keys,
    ("POST", "/admin/projects/{project_id}/api-keys"): _create_key,
    ("PATCH", "/admin/api-keys/{api_key_id}"): lambda organization, request: (
        200,
        organization.update_key(request.ids[0], request.body),
    ),
    ("DELETE", "/admin/api-keys/{api_key_id}"): _deletion(Organization.delete_key),
    ("GET", "/admin/users"): _users,
    ("GET", "/admin/service-accounts"): lambda organization, request: _page(
        organization, request, organization.service_accounts.values()
    ),
    ("GET", "/admin/role-bindings"): _role_bindings,
    ("POST", "/admin/role-bindings"): lambda organization, request: (
        200,
        organization.create_binding(**{name: request.body.get(name, "") for name in _BINDING}),
    ),
    ("DELETE", "/admin/role-bindings/{role_binding_id}"): _deletion(Organization.delete_binding),
    ("GET", "/indexes"): _indexes,
}
"""The operations, by method and documented path."""
