"""Facts about Pinecone's Admin API and control plane, and about what only its console can do."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from pinekeep.model.facts import pinecone
from pinekeep.model.facts.source import Source

_CHECKED: Final = date(2026, 11, 25)

ADMIN_API: Final = Source("Pinecone Admin API 2026-04 and 2026-07 (OpenAPI)", "github.com/pinecone-io", _CHECKED)
"""What the latest reference pages send by default is 2026-07 (excerpts, 2026-11-27)."""
CONTROL_PLANE_API: Final = Source("Pinecone Control Plane API 2026-07 (OpenAPI)", "github.com/pinecone-io", _CHECKED)
SDK: Final = Source("Pinecone Python SDK 10.2.0", "the package itself", _CHECKED)
ROLES_PAGE: Final = Source("Manage roles and access", "docs.pinecone.io", _CHECKED)

STATS_PAGE: Final = Source(
    "Get index stats", "docs.pinecone.io", date(2026, 11, 30), "/reference/api/2026-07/data-plane/describeindexstats"
)
"""An excerpt was read. A request that is refused is answered with the word Unauthorized."""

# --- Reading an index without changing it (STATS_PAGE) ---

STATS_METHOD: Final = "POST"
STATS_PATH: Final = "/describe_index_stats"
STATS_API_VERSION: Final = "2026-07"

# --- Names (ADMIN_API) ---

PROJECT_NAME_MAX: Final = 512
"""Project names need not be unique."""
API_KEY_NAME_MAX: Final = 80
SERVICE_ACCOUNT_NAME_MAX: Final = 80
EMAIL_MAX: Final = 254

# --- Roles (ADMIN_API, ROLES_PAGE) ---

API_KEY_ROLES: Final = (
    "ProjectEditor",
    "ProjectViewer",
    "ControlPlaneEditor",
    "ControlPlaneViewer",
    "DataPlaneEditor",
    "DataPlaneViewer",
)
"""What an API key can be. Roles add up."""

CONTROL_PLANE_ROLES: Final = ("ProjectEditor", "ProjectViewer", "ControlPlaneEditor", "ControlPlaneViewer")
"""The roles that may list a project's indexes."""

ORGANIZATION_ROLES: Final = ("OrgOwner", "OrgManager", "OrgBillingAdmin", "OrgMember")
PROJECT_ROLES: Final = ("ProjectOwner", "ProjectManager", "ProjectMember", *API_KEY_ROLES)
"""The roles of users and service accounts. The API takes an organization's role for the organization alone, and a
project's role for a project alone."""

# --- Environment variables and hosts (SDK) ---

CLIENT_ID_VARIABLE: Final = "PINECONE_CLIENT_ID"
CLIENT_SECRET_VARIABLE: Final = "PINECONE_CLIENT_SECRET"  # noqa: S105 - the variable's name
CONTROLLER_HOST_VARIABLE: Final = "PINECONE_CONTROLLER_HOST"
"""Read by the SDK itself."""
API_HOST: Final = "https://api.pinecone.io"
LOGIN_HOST: Final = "https://login.pinecone.io"
TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 - a path

# --- What a key of the customer's means for a project (facts.pinecone.CMEK_PAGE, CONTROL_PLANE_API) ---

CMEK_CLOUD: Final = "aws"
CMEK_DEPLOYMENT_TYPE: Final = "managed"
"""The API's word for serverless."""
CMEK_PLANS: Final = ("Enterprise", "Dedicated")
"""Of the plans that the API names, those at least as high as the one that the page asks for."""


@dataclass(frozen=True)
class ConsoleOnly:
    """Something that no public API does. ``page``: where in the console."""

    what: str
    page: str
    why: str


ADD_SERVICE_ACCOUNT: Final = ConsoleOnly(
    "Make the first service account",
    "Organization settings > Service accounts",
    "its client ID and secret are what Pinekeep signs in with; it needs a role that may manage projects and API keys",
)
SET_SSO: Final = ConsoleOnly(
    "Set up single sign-on",
    "Organization settings > SSO",
    "roles that are bound to users here hold for those who sign in that way, too, unless SCIM sets their roles",
)
SET_AUDIT_LOGS: Final = ConsoleOnly(
    "Set up audit logs",
    pinecone.AUDIT_LOGS_CONSOLE_PATH,
    "they tell who made and deleted API keys, and who changed roles; they need the Enterprise plan or the HIPAA "
    "add-on, and role and bucket can be changed there later",
)
