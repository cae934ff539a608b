"""Facts about Pinecone on AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from pinekeep.model.facts.source import Source

_CHECKED: Final = date(2026, 11, 27)

_SITE: Final = "docs.pinecone.io"

CMEK_PAGE: Final = Source(
    "Configure customer-managed encryption keys", _SITE, _CHECKED, "/guides/production/configure-cmek"
)
"""A stored copy was read whole."""
PRIVATE_ENDPOINTS_PAGE: Final = Source(
    "Configure private endpoints", _SITE, _CHECKED, "/guides/production/configure-private-endpoints"
)
"""A stored copy was read whole."""
SCIM_PAGE: Final = Source(
    "SCIM provisioning with Okta", _SITE, _CHECKED, "/admin/security/configure-single-sign-on/okta-scim-provisioning"
)
"""An excerpt was read. Part of the Enterprise plan, on top of single sign-on over SAML; other identity providers are
set up alike."""
PROJECT_UPDATE_PAGE: Final = Source(
    "Update a project", _SITE, _CHECKED, "/reference/api/2026-07/admin/projects/update-a-project"
)
"""An excerpt was read. The project update takes `force_encryption_with_cmek`, as the specification 2026-04 does, which
was read whole: it turns CMEK on for an existing project, and cannot be undone."""
AUDIT_LOGS_PAGE: Final = Source("Configure audit logs", _SITE, _CHECKED, "/guides/assistant/admin/configure-audit-logs")
"""An excerpt was read. Needs the Enterprise plan; the edition for Assistant also names the HIPAA add-on."""
AUDIT_LOGS_SETUP_PAGE: Final = Source(
    "Configure audit logs", _SITE, date(2026, 11, 30), "/guides/production/configure-audit-logs"
)
"""A stored copy was read whole. Key layout, file extension and framing of the files are not documented."""
STORAGE_PAGE: Final = Source(
    "Integrate with Amazon S3", _SITE, _CHECKED, "/guides/storage-integrations/integrate-with-amazon-s3"
)
"""The newest edition was not found; an earlier one was read. No external ID is documented."""
SECURITY_PAGE: Final = Source("Security overview", _SITE, date(2026, 11, 30), "/guides/production/security-overview")
"""Two stored copies were read whole. Their tables of audit events are :data:`pinekeep.model.audit.events.EVENT_KINDS`.
"""

# --- The role that Pinecone calls from (CMEK_PAGE) ---

ACCESS_ROLE_PREFIX: Final = "pinecone_cmek_access_"
"""Pinecone calls from one IAM role per Pinecone region, named with this and the region."""

ACCOUNT_PLACE: Final = "Manage > CMEK > Add CMEK"
"""Where the Pinecone console shows Pinecone's own AWS account number; it is published nowhere else."""

DOCUMENTED_ACCESS_REGIONS: Final = ("us-east-1", "us-west-2", "eu-west-1")
"""The regions whose access role the page names. IAM refuses a trust policy that names a role which does
not exist, so any other region may fail the whole deployment."""

PLACEHOLDER_ACCOUNTS: Final = ("000000000000", "123456789012")
"""Account numbers that stand in documentation for a real one."""

# --- Audit logs and storage integrations (AUDIT_LOGS_SETUP_PAGE, STORAGE_PAGE) ---

STORAGE_ACCOUNT: Final = "713131977538"
"""Pinecone's account for S3; a different one from the CMEK account, and often confused. Other parts of Pinecone use it
as well, so trusting its root is wide."""


@dataclass(frozen=True)
class StorageActions:
    """What a role of Pinecone's S3 account needs for one use: actions on the bucket, and on its objects."""

    bucket: tuple[str, ...]
    objects: tuple[str, ...]


STORAGE_USES: Final[Mapping[str, StorageActions]] = MappingProxyType(
    {
        "audit": StorageActions(("s3:ListBucket",), ("s3:PutObject",)),
        "import": StorageActions(("s3:ListBucket",), ("s3:GetObject",)),
        "export": StorageActions(("s3:ListBucket",), ("s3:PutObject",)),
    }
)
"""The uses of a bucket. Audit logs belong to an organization, imports and exports to a project."""

AUDIT_TEST_OBJECT: Final = "audit-log-access-test"
"""The object that Pinecone writes when audit logs are enabled, to see that it can. Whether it stays is not documented
for S3; for Google Cloud Storage it is deleted."""
AUDIT_INTERVAL_MINUTES: Final = 30
"""About how often Pinecone writes a file. Each has a name of its own, and is never changed."""

# --- Private endpoints (PRIVATE_ENDPOINTS_PAGE) ---


@dataclass(frozen=True)
class PrivateLinkRegion:
    """What Pinecone offers for private access in one region.

    ``service_name``: the endpoint service to connect to. ``private_zone``: the DNS zone in which the private host names
    of indexes live.
    """

    service_name: str
    private_zone: str


def _region(region: str, service: str, zone: str) -> tuple[str, PrivateLinkRegion]:
    return region, PrivateLinkRegion(f"com.amazonaws.vpce.{region}.vpce-svc-{service}", f"private.{zone}.pinecone.io")


PRIVATE_LINK: Final[Mapping[str, PrivateLinkRegion]] = MappingProxyType(
    dict(
        (
            _region("us-east-1", "05ef6f1f0b9130b54", "aped-4627-b74a"),
            _region("us-west-2", "04ecb9a0e0d5aab01", "apw5-4e34-81fa"),
            _region("eu-west-1", "03c6b7e17ff02a70f", "apu-57e2-42f6"),
            _region("eu-central-1", "037997ff6b3d25e34", "apec-a2ee-38c6"),
            _region("ap-southeast-1", "0c12f00812e786068", "aps-d9bb-582b"),
        )
    )
)
"""The regions in which Pinecone runs on AWS, each with its endpoint service and private zone."""

REGIONS: Final = tuple(PRIVATE_LINK)
"""The AWS regions in which Pinecone runs."""

INDEX_LABEL: Final = "svc"
"""The label between an index's own name and the zone: an index's private host is ``NAME.svc.private.…``."""
PRIVATE_ENDPOINT_PORT: Final = 443
MAX_PRIVATE_ENDPOINTS_PER_PROJECT: Final = 10

# --- The console (CMEK_PAGE, PRIVATE_ENDPOINTS_PAGE) ---

CONSOLE: Final = "https://app.pinecone.io"
NEW_PROJECT_CONSOLE_PATH: Final = "Settings > Organization settings > Projects > Create project"
KEYS_CONSOLE_PATH: Final = "Manage > CMEK"
CMEK_CONSOLE_PATH: Final = "Manage > CMEK > Add CMEK"
ENDPOINTS_CONSOLE_PATH: Final = "Settings > Network > PRIVATE ENDPOINTS"
"""Where the endpoints are listed, and removed."""
ENDPOINT_CONSOLE_PATH: Final = f"{ENDPOINTS_CONSOLE_PATH} > Add an endpoint"
ACCESS_CONSOLE_PATH: Final = "Settings > Network > ACCESS"
"""Where access is restricted to private endpoints."""
RESTRICT_ACCESS: Final = "Restrict access to only private endpoints"
"""The console's words for it. It holds for the whole project."""
CONFIRM_RESTRICTION: Final = "Confirm and proceed"
"""What the console asks for before it restricts access."""
ENDPOINT_CONSOLE_PATH_OLDER: Final = "Manage > Network"
AUDIT_LOGS_CONSOLE_PATH: Final = "Settings > Audit logs"
"""Where audit logs are enabled, changed and disabled (AUDIT_LOGS_SETUP_PAGE)."""
STORAGE_CONSOLE_PATH: Final = "Manage > Storage integrations"
"""Where a project's storage integrations are added (STORAGE_PAGE)."""
