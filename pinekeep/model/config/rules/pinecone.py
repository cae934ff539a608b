"""Rules about Pinecone's side."""

from collections.abc import Iterator

from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import ApiKey, Deployment, PinekeepFile, RoleBinding
from pinekeep.model.config.partial import UNKNOWN, known_items
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.facts import pinecone_api
from pinekeep.model.words import plain


def api_key_names_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Two keys of a project never have the same name: it is what they are known by."""
    seen: dict[str, int] = {}
    for index, key in _keys(deployment):
        if key.name is UNKNOWN:
            continue
        first = seen.setdefault(key.name, index)
        if first != index:
            yield Problem(
                "api-key-twice",
                f"the name {plain(key.name)} is listed already, as item {first + 1}",
                "keep one, or give one of them another name",
                (*path, "pinecone", "api_keys", index, "name"),
            )


def api_key_roles_are_listed_once(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A key has a role, and each role once."""
    for index, key in _keys(deployment):
        place = (*path, "pinecone", "api_keys", index, "roles")
        if key.roles is UNKNOWN:
            continue
        if not key.roles:
            yield Problem(
                "api-key-roles-few",
                "at least 1 role needed, got 0: Pinecone would make it a ProjectEditor",
                "name what the key may do, for example DataPlaneEditor",
                place,
            )
        seen: dict[str, int] = {}
        for position, role in known_items(key.roles):
            first = seen.setdefault(role, position)
            if first != position:
                yield Problem(
                    "api-key-roles-twice",
                    f"the role {role} is listed already, as item {first + 1}",
                    "keep one",
                    (*place, position),
                )


def api_key_secrets_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Two keys are never kept in the same secret: one would overwrite the other."""
    seen: dict[str, int] = {}
    for index, key in _keys(deployment):
        if key.secret is UNKNOWN:
            continue
        first = seen.setdefault(key.secret, index)
        if first != index:
            yield Problem(
                "secret-twice",
                f"the secret {plain(key.secret)} holds another key already, item {first + 1}",
                "give each key a secret of its own",
                (*path, "pinecone", "api_keys", index, "secret"),
            )


def keys_of_secrets_are_of_the_region(
    _: PinekeepFile, __: str, deployment: Deployment, path: Path
) -> Iterator[Problem]:
    """Secrets Manager encrypts a secret with a key of the secret's own Region; the key may be of another account."""
    for index, key in _keys(deployment):
        arn = KeyArn.parse(key.kms_key) if isinstance(key.kms_key, str) else None
        if arn is not None and deployment.region != arn.region:
            yield Problem(
                "secret-key-region",
                f"the key is in {arn.region}, the secret in {deployment.region}",
                "name a key of the deployment's Region",
                (*path, "pinecone", "api_keys", index, "kms_key"),
            )


def role_bindings_are_of_somebody(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A role is bound to one user or one service account."""
    for index, binding in _bindings(deployment):
        given = [each for each in (binding.user, binding.service_account) if each is not None]
        if len(given) != 1:
            yield Problem(
                "binding-of-nobody" if not given else "binding-of-two",
                "this binds a role to nobody" if not given else "this binds a role to a user and a service account",
                "write user: EMAIL or service_account: NAME"
                if not given
                else "keep one of user and service_account; write a second item for the other",
                (*path, "pinecone", "role_bindings", index),
            )


def role_bindings_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Nothing is bound twice. Pinecone takes e-mail addresses that differ only in case for the same."""
    seen: dict[tuple[str, str, str], int] = {}
    for index, binding in _bindings(deployment):
        if any(each is UNKNOWN for each in (binding.user, binding.service_account, binding.role)):
            continue
        whom = ("user", (binding.user or "").lower()) if binding.user else ("account", binding.service_account or "")
        first = seen.setdefault((*whom, binding.role), index)
        if first != index:
            yield Problem(
                "binding-twice",
                f"the role {binding.role} of {plain(binding.user or binding.service_account or '')} is listed already, "
                f"as item {first + 1}",
                "keep one",
                (*path, "pinecone", "role_bindings", index),
            )


def roles_of_users_are_not_set_over_scim(
    _: PinekeepFile, __: str, deployment: Deployment, path: Path
) -> Iterator[Problem]:
    """Roles of users are bound here only where the file says that no identity provider sets them over SCIM."""
    project = deployment.pinecone
    if project is None or project.scim is UNKNOWN or project.scim is False:
        return
    first = next((index for index, binding in _bindings(deployment) if binding.user is not None), None)
    if first is None:
        return
    place = (*path, "pinecone", "role_bindings", first)
    if project.scim:
        yield Problem(
            "scim-sets-roles",
            "this binds a role to a user, and SCIM sets the roles of users to exactly what the identity provider sends",
            "give users their roles in the identity provider, and keep service accounts here",
            place,
        )
    else:
        yield Problem(
            "scim-not-said",
            "this binds a role to a user, and the file does not say whether SCIM sets the roles of users",
            "write scim: false beside role_bindings if no identity provider does; Pinecone's console shows it under "
            f"{pinecone_api.SET_SSO.page}",
            place,
        )


def _keys(deployment: Deployment) -> Iterator[tuple[int, ApiKey]]:
    project = deployment.pinecone
    if project is not None and isinstance(project.api_keys, list):
        yield from known_items(project.api_keys)


def _bindings(deployment: Deployment) -> Iterator[tuple[int, RoleBinding]]:
    project = deployment.pinecone
    if project is not None and isinstance(project.role_bindings, list):
        yield from known_items(project.role_bindings)
