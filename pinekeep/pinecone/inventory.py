"""What is found at Pinecone, as plain data. Nothing here holds a secret."""

from dataclasses import dataclass
from typing import Literal

PrincipalKind = Literal["user", "service_account"]
Scope = Literal["organization", "project"]


@dataclass(frozen=True)
class Organization:
    """The organization that the service account is of.

    Attributes:
        id: its ID.
        name: its name.
        plan: what it pays for, in Pinecone's word: ``Enterprise``, for example.
    """

    id: str
    name: str
    plan: str


@dataclass(frozen=True)
class Project:
    """A project.

    Attributes:
        id: its ID, a UUID.
        name: its name; others may have the same.
        cmek: whether everything in it must be encrypted with the customer's key.
        organization_id: the organization it is of.
    """

    id: str
    name: str
    cmek: bool
    organization_id: str


@dataclass(frozen=True)
class Key:
    """An API key, without its value.

    Attributes:
        id: its ID, a UUID.
        name: its name; nothing says that it is unique.
        roles: what it may do.
    """

    id: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Principal:
    """Who a role may be bound to.

    Attributes:
        kind: a user or a service account.
        id: its ID, a UUID.
        label: the user's e-mail address, or the service account's name.
        client_id: what a service account signs in with; None for a user.
    """

    kind: PrincipalKind
    id: str
    label: str
    client_id: str | None = None


@dataclass(frozen=True)
class Binding:
    """A role that somebody has.

    Attributes:
        id: its ID, a UUID.
        principal_kind: ``user``, ``service_account``, ``api_key`` or ``invite``.
        principal_id: whose it is.
        scope: ``organization`` or ``project``.
        resource_id: which organization or project.
        role: the role.
    """

    id: str
    principal_kind: str
    principal_id: str
    scope: str
    resource_id: str
    role: str


@dataclass(frozen=True)
class Index:
    """An index.

    Attributes:
        name: its name.
        kind: ``managed`` (serverless), ``pod`` or ``byoc``; ``unreadable`` where the answer's shape is not
            known.
        cloud: ``aws``, ``gcp`` or ``azure``; None where the API does not tell.
        region: the cloud's region, or the environment of an index that is not serverless.
        host: where it is reached; None while it is being made.
        private_host: where it is reached through a private endpoint; None where there is none.
        cmek_id: the key it is encrypted with; None where that is Pinecone's own.
        state: Pinecone's word for how it is.
        full_text: whether it has fields for full-text search, which CMEK excludes.
    """

    name: str
    kind: str
    cloud: str | None = None
    region: str | None = None
    host: str | None = None
    private_host: str | None = None
    cmek_id: str | None = None
    state: str = "unknown"
    full_text: bool = False
