"""Rules about the Pinecone project."""

from collections.abc import Iterator

from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import ApiKey, RoleBinding
from pinekeep.model.config.partial import UNKNOWN, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.facts import pinecone_api
from pinekeep.model.values import repeats
from pinekeep.model.words import plain

_KEYS = ("pinecone", "api_keys")
_BINDINGS = ("pinecone", "role_bindings")


def api_key_names_differ(here: Subject) -> Iterator[Problem]:
    """No two API keys of a project have the same name."""
    for index, first, name in _repeated(here, "name"):
        message = f"the name {plain(name)} is already listed, as item {first + 1}"
        yield here.problem("api-key-twice", message, "keep one, or rename one of them", *_KEYS, index, "name")


def api_key_secrets_differ(here: Subject) -> Iterator[Problem]:
    """No two API keys are stored in the same secret: one would overwrite the other."""
    for index, first, secret in _repeated(here, "secret"):
        message = f"the secret {plain(secret)} already holds another key, item {first + 1}"
        yield here.problem("secret-twice", message, "give each key a secret of its own", *_KEYS, index, "secret")


def _repeated(here: Subject, setting: str) -> Iterator[tuple[int, int, str]]:
    values = ((index, getattr(key, setting)) for index, key in _keys(here))
    return repeats((index, value) for index, value in values if value is not UNKNOWN)


def api_key_roles_are_listed_once(here: Subject) -> Iterator[Problem]:
    """An API key has at least one role, and each role once."""
    for index, key in _keys(here):
        place = (*_KEYS, index, "roles")
        if key.roles is UNKNOWN:
            continue
        if not key.roles:
            message = "at least 1 role needed, got 0: Pinecone would make it a ProjectEditor"
            hint = "name what the key may do, for example DataPlaneEditor"
            yield here.problem("api-key-roles-few", message, hint, *place)
        for position, first, role in repeats(known_items(key.roles)):
            message = f"the role {role} is already listed, as item {first + 1}"
            yield here.problem("api-key-roles-twice", message, "keep one", *place, position)


def keys_of_secrets_are_of_the_region(here: Subject) -> Iterator[Problem]:
    """Secrets Manager encrypts a secret with a key of the secret's own Region; the key may be in another account."""
    for index, key in _keys(here):
        arn = KeyArn.parse(key.kms_key) if isinstance(key.kms_key, str) else None
        if arn is not None and here.deployment.region != arn.region:
            message = f"the key is in {arn.region}, the secret in {here.deployment.region}"
            hint = "name a key of the deployment's Region"
            yield here.problem("secret-key-region", message, hint, *_KEYS, index, "kms_key")


def role_bindings_are_of_somebody(here: Subject) -> Iterator[Problem]:
    """A role is bound to one user or one service account."""
    for index, binding in _bindings(here):
        given = [each for each in (binding.user, binding.service_account) if each is not None]
        if not given:
            message, hint = "this binds a role to nobody", "write user: EMAIL or service_account: NAME"
            yield here.problem("binding-of-nobody", message, hint, *_BINDINGS, index)
        elif len(given) > 1:
            message = "this binds a role to a user and a service account"
            hint = "keep one of user and service_account; add a second item for the other"
            yield here.problem("binding-of-two", message, hint, *_BINDINGS, index)


def role_bindings_differ(here: Subject) -> Iterator[Problem]:
    """No role is bound twice. Pinecone treats e-mail addresses that differ only in case as the same."""
    members: dict[int, str] = {}
    bound: list[tuple[int, tuple[str, str, str]]] = []
    for index, binding in _bindings(here):
        if any(each is UNKNOWN for each in (binding.user, binding.service_account, binding.role)):
            continue
        members[index] = binding.user or binding.service_account or ""
        kind, member = ("user", members[index].lower()) if binding.user else ("account", members[index])
        bound.append((index, (kind, member, binding.role)))
    for index, first, (_kind, _member, role) in repeats(bound):
        message = f"the role {role} of {plain(members[index])} is already listed, as item {first + 1}"
        yield here.problem("binding-twice", message, "keep one", *_BINDINGS, index)


def roles_of_users_are_not_set_over_scim(here: Subject) -> Iterator[Problem]:
    """Roles of users are bound here only where the file says that no identity provider sets them over SCIM."""
    scim = here.project.scim
    if scim is UNKNOWN or scim is False:
        return
    first = next((index for index, binding in _bindings(here) if binding.user is not None), None)
    if first is None:
        return
    place = (*_BINDINGS, first)
    if scim:
        message = (
            "this binds a role to a user, and SCIM sets the roles of users to exactly what the identity provider sends"
        )
        hint = "assign the roles of users in the identity provider, and keep service accounts here"
        yield here.problem("scim-sets-roles", message, hint, *place)
    else:
        message = "this binds a role to a user, and the file does not say whether SCIM sets the roles of users"
        hint = (
            "write scim: false beside role_bindings if no identity provider does; Pinecone's console shows it under "
            f"{pinecone_api.SET_SSO.page}"
        )
        yield here.problem("scim-not-said", message, hint, *place)


def _keys(here: Subject) -> Iterator[tuple[int, ApiKey]]:
    keys = here.project.api_keys
    return known_items(keys) if isinstance(keys, list) else iter(())


def _bindings(here: Subject) -> Iterator[tuple[int, RoleBinding]]:
    bindings = here.project.role_bindings
    return known_items(bindings) if isinstance(bindings, list) else iter(())
