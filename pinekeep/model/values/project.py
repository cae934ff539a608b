"""The Pinecone project: its name, API keys and role bindings."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from pinekeep.model import naming
from pinekeep.model.facts import aws
from pinekeep.model.facts import pinecone_api as api
from pinekeep.model.values import Check, Items, limit, refuse
from pinekeep.model.words import listed, nearest, shown

_EMAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s.]+"
_CONTROL_OR_EDGE: Final = r"\s.*|.*\s|.*[\x00-\x1f\x7f].*"
_NAME_PATTERN: Final = r"^\S(?:.*\S)?$"


def _named(code: str, what: str, most: int) -> Check:
    """Return the check of a name that Pinecone takes as it is: 1 to so many characters."""

    def check(value: str) -> str:
        limit(value, f"{code}-length", what, "shorten it" if value else "give it a name", most=most, least=1)
        if re.fullmatch(_CONTROL_OR_EDGE, value, re.DOTALL):
            message = f"{what} contains no control characters, and no white space at its ends, got {shown(value)}"
            refuse(code, message, "remove them")
        return value

    return Check(check, allowed=f"1 to {most} characters", pattern=_NAME_PATTERN, minLength=1, maxLength=most)


_KEY_NAME: Final = _named("api-key-name", "an API key's name", api.API_KEY_NAME_MAX)


def _api_key_name(value: str) -> str:
    _KEY_NAME.function(value)
    if value.endswith(naming.UNFINISHED):
        refuse(
            "api-key-name-reserved",
            f"names that end in {naming.UNFINISHED} are reserved for keys without a stored value, got {shown(value)}",
            f"write {value.removesuffix(naming.UNFINISHED) or 'another name'}",
        )
    return value


def _api_key_role(value: str) -> str:
    if value not in api.API_KEY_ROLES:
        of_people = value in (*api.ORGANIZATION_ROLES, *api.PROJECT_ROLES)
        refuse(
            "api-key-role",
            f"{shown(value)} is not a role of an API key; the roles are {listed(api.API_KEY_ROLES)}",
            "that role is for users and service accounts; see role_bindings"
            if of_people
            else _meant(value, api.API_KEY_ROLES),
        )
    return value


_ALL_ROLES: Final = (*api.ORGANIZATION_ROLES, *api.PROJECT_ROLES)


def _binding_role(value: str) -> str:
    if value not in _ALL_ROLES:
        refuse(
            "binding-role",
            f"{shown(value)} is not a role of Pinecone; the roles are {listed(_ALL_ROLES)}",
            _meant(value, _ALL_ROLES),
        )
    return value


def _meant(given: str, known: Sequence[str]) -> str:
    """Return a question that names the role that was probably meant, however its letters were written."""
    by_lower = {each.lower(): each for each in known}
    near = nearest(re.sub(r"[^A-Za-z]", "", given), list(by_lower))
    return f"did you mean {by_lower[near]}?" if near else "write one of these"


def _secret_name(value: str) -> str:
    if value.startswith("arn:"):
        refuse("secret-name-arn", f"this must be a secret's name, not its ARN: {shown(value)}", "write the name alone")
    hint = "for example pinecone/search-prod/ingest"
    length_hint = "shorten it" if value else hint
    limit(value, "secret-name-length", "a secret's name", length_hint, most=aws.SECRET_NAME_MAX, least=1)
    if not re.fullmatch(aws.SECRET_NAME_PATTERN, value):
        refuse(
            "secret-name", f"a secret's name contains only letters, digits and any of /_+=.@-, got {shown(value)}", hint
        )
    return value


def _user_email(value: str) -> str:
    if not re.fullmatch(_EMAIL, value) or len(value) > api.EMAIL_MAX:
        refuse(
            "user-email",
            f"a user is named by the e-mail address of its Pinecone account, got {shown(value)}",
            "for a service account write service_account: NAME instead",
        )
    return value


ProjectName = Annotated[str, _named("project-name", "a project's name", api.PROJECT_NAME_MAX)]
ApiKeyName = Annotated[
    str,
    Check(
        _api_key_name,
        allowed=f"{_KEY_NAME.allowed}, not ending in `{naming.UNFINISHED}`",
        **{**_KEY_NAME.schema, "pattern": rf"^(?!.*{naming.UNFINISHED}$)\S(?:.*\S)?$"},
    ),
]
ApiKeyRole = Annotated[
    str, Check(_api_key_role, allowed=listed([f"`{each}`" for each in api.API_KEY_ROLES]), enum=list(api.API_KEY_ROLES))
]
ApiKeyRoles = Annotated[list[ApiKeyRole], Items("api-key-roles", "role", least=1)]
BindingRole = Annotated[
    str, Check(_binding_role, allowed=listed([f"`{each}`" for each in _ALL_ROLES]), enum=list(_ALL_ROLES))
]
SecretName = Annotated[
    str,
    Check(
        _secret_name,
        allowed=f"letters, digits, `/_+=.@-`; at most {aws.SECRET_NAME_MAX}",
        pattern=f"^{aws.SECRET_NAME_PATTERN}$",
        minLength=1,
        maxLength=aws.SECRET_NAME_MAX,
    ),
]
ServiceAccountName = Annotated[
    str, _named("service-account-name", "a service account's name", api.SERVICE_ACCOUNT_NAME_MAX)
]
UserEmail = Annotated[
    str, Check(_user_email, allowed="an e-mail address", pattern=f"^{_EMAIL}$", maxLength=api.EMAIL_MAX)
]
