"""From a request's method and path to what the stand-in's organization does."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pinekeep.emulator.stand_in.organization import Json, Organization, RefusedError
from pinekeep.model.facts import pinecone_api as api

Answer = tuple[int, Json | None]


@dataclass(frozen=True)
class Request:
    """A request, as far as routes need it.

    Attributes:
        ids: the parts of the path that are IDs, in order.
        query: the query's values.
        body: the JSON that was sent.
        headers: the headers, their names in lower case.
    """

    ids: tuple[str, ...]
    query: Mapping[str, str]
    body: Json
    headers: Mapping[str, str]


Do = Callable[[Organization, Request], Answer]

_ID: Final = re.compile(r"\{[a-z_]+\}")


def route(method: str, path: str) -> tuple[str, Do, tuple[str, ...]] | None:
    """Return what belongs to a method and a path: the path as the documents write it, what it does, and the IDs."""
    for (each_method, template), do in ROUTES.items():
        match = re.fullmatch(_ID.sub("([^/]+)", template), path)
        if match and each_method == method:
            return template, do, match.groups()
    return None


def answer(organization: Organization, do: Do, request: Request) -> Answer:
    """Carry a request out, if whoever sends it may.

    Raises:
        RefusedError: they may not, or it cannot be done.
    """
    if do not in (_token, _indexes):
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in organization.tokens:
            raise RefusedError((401, "UNAUTHENTICATED"), "Invalid token")
    return do(organization, request)


def _token(organization: Organization, request: Request) -> Answer:
    return 200, organization.token(request.body)


def _indexes(organization: Organization, request: Request) -> Answer:
    project, roles = organization.project_of(request.headers.get("api-key", ""))
    if not set(roles) & set(api.CONTROL_PLANE_ROLES):
        raise RefusedError((403, "PERMISSION_DENIED"), "Access denied: Permission control::indexes::list is required")
    return 200, {"indexes": organization.indexes_of(project["id"])}


def _page(organization: Organization, request: Request, found: list[Json]) -> Answer:
    """Return one page of a list, with a mark where the next one begins."""
    given = request.query.get("paginationToken")
    start = int(base64.b64decode(given)) if given else 0
    end = start + min(int(request.query.get("limit", organization.page)), organization.page)
    more = {"pagination": {"next": base64.b64encode(str(end).encode()).decode()}} if end < len(found) else {}
    return 200, {"data": found[start:end], **more}


def _users(organization: Organization, request: Request) -> Answer:
    email = request.query.get("email", "").lower()
    found = [each for each in organization.users.values() if not email or each["email"].lower() == email]
    return _page(organization, request, found)


def _role_bindings(organization: Organization, request: Request) -> Answer:
    names = ("principal_type", "principal_id", "resource_type", "resource_id", "role")
    wanted = {name: request.query[name] for name in names if name in request.query}
    return _page(
        organization, request, [each for each in organization.bindings.values() if wanted.items() <= each.items()]
    )


def _create_role_binding(organization: Organization, request: Request) -> Answer:
    given = request.body
    return 200, organization.create_binding(
        given["principal_type"], given["principal_id"], given["resource_type"], given.get("resource_id"), given["role"]
    )


def _create_project(organization: Organization, request: Request) -> Answer:
    given = request.body
    return 200, organization.create_project(given["name"], cmek=given.get("force_encryption_with_cmek", False))


def _keys(organization: Organization, request: Request) -> Answer:
    project = organization.project(request.ids[0])
    return 200, {"data": [key for key in organization.keys.values() if key["project_id"] == project["id"]]}


def _create_key(organization: Organization, request: Request) -> Answer:
    roles = request.body.get("roles", ["ProjectEditor"])
    return 201, organization.create_key(request.ids[0], request.body["name"], roles)


def _delete_key(organization: Organization, request: Request) -> Answer:
    organization.delete_key(request.ids[0])
    return 202, None


def _delete_role_binding(organization: Organization, request: Request) -> Answer:
    organization.delete_binding(request.ids[0])
    return 202, None


ROUTES: Final[dict[tuple[str, str], Do]] = {
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
    ("DELETE", "/admin/api-keys/{api_key_id}"): _delete_key,
    ("GET", "/admin/users"): _users,
    ("GET", "/admin/service-accounts"): lambda organization, request: _page(
        organization, request, list(organization.service_accounts.values())
    ),
    ("GET", "/admin/role-bindings"): _role_bindings,
    ("POST", "/admin/role-bindings"): _create_role_binding,
    ("DELETE", "/admin/role-bindings/{role_binding_id}"): _delete_role_binding,
    ("GET", "/indexes"): _indexes,
}
"""What the stand-in knows, by method and path as the documents write them."""
