"""Rules about storage integrations, and about the roles of Pinecone's S3 account."""

from collections.abc import Iterator

from pinekeep.model.config.models import role_name_of, storage_role_names_of
from pinekeep.model.config.partial import UNKNOWN, known
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.storage import at, integrations_of
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.config.storage import AuditLogs
from pinekeep.model.facts import aws
from pinekeep.model.words import plain


def integrations_differ(here: Subject) -> Iterator[Problem]:
    """No two integrations have the same use of the same place."""
    seen: dict[tuple[str, str], str] = {}
    for name, each in integrations_of(here):
        if any(value is UNKNOWN for value in (each.use, each.bucket, each.prefix)):
            continue
        first = seen.setdefault((each.use, each.location), name)
        if first != name:
            message = f"{plain(first)} already is the {each.use} of {plain(each.location)}"
            yield here.problem("integration-twice", message, "keep one, or change its prefix", *at(name), "bucket")


def integrations_spare_audit_logs(here: Subject) -> Iterator[Problem]:
    """No import reads audit logs, and no export writes among them."""
    for name, each in integrations_of(here):
        if each.bucket is UNKNOWN or each.prefix is UNKNOWN:
            continue
        for owner, other in here.file.deployments.items():
            logs = None if other is UNKNOWN else other.audit_logs
            if logs is None or logs is UNKNOWN or logs.prefix is UNKNOWN or _bucket_of(logs) != each.bucket:
                continue
            if _overlap(each.prefix, logs.prefix):
                does = "read them" if each.use == "import" else "write among them"
                message = f"the audit logs of {plain(owner)} are in {plain(each.bucket)}: Pinecone could {does}"
                hint = "name another bucket, or prefixes of which none contains the other"
                yield here.problem("integration-of-audit-logs", message, hint, *at(name), "bucket")
                break


def exports_have_backups(here: Subject) -> Iterator[Problem]:
    """An export beside CMEK deserves a warning."""
    if here.deployment.cmek is None:
        return
    for name, each in integrations_of(here):
        if each.use == "export":
            message = "Pinecone can make no backups in a project with CMEK, so there is nothing to export from it"
            hint = "remove the integration, unless another project of the organization uses it"
            yield here.problem("export-beside-cmek", message, hint, *at(name), "use", warn=True)


def role_names_fit(here: Subject) -> Iterator[Problem]:
    """The default name of a role contains that of the deployment, and IAM limits its length."""
    for setting, role in storage_role_names_of(known(here.name), here.deployment).items():
        if role is not UNKNOWN and len(role) > aws.ROLE_NAME_MAX:
            message = f"the role would be named {role}, with {len(role)} characters; IAM allows {aws.ROLE_NAME_MAX}"
            yield here.problem("storage-role-length", message, "set role_name", *setting.split("."))


def role_names_differ(here: Subject) -> Iterator[Problem]:
    """No two roles of a deployment have the same name. IAM ignores case."""
    owners: dict[str, str] = {}
    if here.deployment.cmek is not None:
        owners[role_name_of(here.name, here.deployment).lower()] = "cmek"
    for setting, role in storage_role_names_of(here.name, here.deployment).items():
        first = owners.setdefault(known(role).lower(), setting)
        if first != setting:
            message = f"{first} already has the role {plain(role)}"
            yield here.problem(
                "role-name-twice", message, "give each a role_name of its own", *setting.split("."), "role_name"
            )


def _bucket_of(logs: AuditLogs) -> str | None:
    """Return the name of an audit bucket, or None where it is invalid."""
    name = UNKNOWN if logs.bucket is UNKNOWN else logs.bucket_name
    return None if name is UNKNOWN else name


def _overlap(one: str | None, other: str | None) -> bool:
    """Return whether one prefix contains the other."""
    first, second = (f"{each}/" if each else "" for each in (one, other))
    return first.startswith(second) or second.startswith(first)
