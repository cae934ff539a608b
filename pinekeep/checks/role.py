"""The role that Pinecone assumes: that it is there, and that it is allowed nothing by itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.arns import path_of
from pinekeep.aws.live import Document
from pinekeep.checks.check import CheckInfo, Subject, with_cmek
from pinekeep.checks.cut_off import is_cut_off
from pinekeep.checks.finding import Verdict, failed, judged, passed
from pinekeep.policies.revocation import REVOKED_POLICY_NAME

_EXISTS: Final = "a role of the configured name and ARN"
_NO_INLINE: Final = "no inline policy"
_NO_ATTACHED: Final = "no attached policy"
_PLANNED: Final = "no attached policy but those with customers' keys"
_NO_BOUNDARY: Final = "no permissions boundary"
_CONFIGURED_BOUNDARY: Final = "the configured permissions boundary, or none"


def exists(subject: Subject, role: Document | None) -> Iterator[Verdict]:
    """The role is there, with the ARN that Pinecone was given."""
    what = f"role {subject.role_arn.rsplit('/', 1)[-1]}"
    if role is None:
        yield failed(
            "there is no such role",
            wanted=subject.role_arn,
            what=what,
            fix="deploy it: pinekeep deploy. If it was deleted, the key policy names a role that is no more: "
            f"{subject.restore}",
        )
    elif role["Arn"] != subject.role_arn:
        yield failed(
            f"its ARN is {role['Arn']}",
            wanted=subject.role_arn,
            what=what,
            fix=f"if Pinecone was given it, write iam_path: {path_of(role['Arn'])}; else something else made it: "
            "choose another role_name",
        )
    else:
        yield passed(subject.role_arn, what=what)


def inline_policies(subject: Subject, names: list[str], documents: Mapping[str, Any] | None) -> Iterator[Verdict]:
    """The role has no inline policy; that of ``revoke`` has a check of its own."""
    if is_cut_off(documents):
        names = [each for each in names if each != REVOKED_POLICY_NAME]
    if not names:
        yield passed(_NO_INLINE)
        return
    yield failed(
        f"inline {_count(names)}",
        wanted=_NO_INLINE,
        fix=f"{_granting(subject)}: aws iam delete-role-policy --role-name {subject.role.name} "
        f"--policy-name {names[0]}",
    )


def attached_policies(subject: Subject, policies: list[Document]) -> Iterator[Verdict]:
    """The role has the policies with customers' keys, and no other."""
    planned = {arn: arn.rsplit("/", 1)[-1] for arn in subject.role.policies}
    others = [each for each in policies if each["PolicyArn"] not in planned]
    attached = {each["PolicyArn"] for each in policies}
    missing = [name for arn, name in planned.items() if arn not in attached]
    wanted = _count(list(planned.values())) if planned else _NO_ATTACHED
    problems: list[str] = []
    fixes: list[str] = []
    if missing:
        problems.append(f"{_count(missing)} not attached")
        fixes.append(subject.redeploy)
    if others:
        problems.append(f"attached {_count([each['PolicyName'] for each in others])}{' too' if planned else ''}")
        fixes.append(
            f"{_granting(subject)}: aws iam detach-role-policy --role-name {subject.role.name} "
            f"--policy-arn {others[0]['PolicyArn']}"
        )
    yield judged(problems, right=wanted, wanted=wanted, fix="; then ".join(fixes))


def _granting(subject: Subject) -> str:
    if subject.cmek.customer_keys:
        return "the policies with customers' keys alone are to grant"
    return "the key policy alone is to grant"


def _count(names: list[str]) -> str:
    return f"{'policy' if len(names) == 1 else 'policies'} {', '.join(names)}"


def boundary(subject: Subject, role: Document) -> Iterator[Verdict]:
    """The role has the configured permissions boundary, or none that takes away what the key policy gives."""
    found = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    planned = subject.deployment.permissions_boundary
    wanted = f"the permissions boundary {planned}" if planned else _NO_BOUNDARY
    if (found or None) == planned:
        yield passed(wanted)
    elif planned:
        yield failed(f"the permissions boundary {found}" if found else _NO_BOUNDARY, wanted=wanted, fix=subject.restore)
    else:
        yield failed(
            f"the permissions boundary {found}",
            wanted=wanted,
            fix="a boundary that does not allow the use of the key takes it away from Pinecone: "
            f"aws iam delete-role-permissions-boundary --role-name {subject.role.name}",
        )


CHECKS: Final = (
    CheckInfo(
        id="role-exists",
        title="The role that Pinecone assumes",
        wanted=_EXISTS,
        meaning="Pinecone cannot assume the role, so it cannot read or write the project's data.",
        reads=("role",),
        applies=with_cmek,
        of_each_role=True,
        run=exists,
        sees_absence=True,
    ),
    CheckInfo(
        id="role-inline-policies",
        title="Inline policies of the role",
        wanted=_NO_INLINE,
        meaning="Pinecone may do more in the account than use the key.",
        reads=("inline_policies", "inline_documents"),
        applies=with_cmek,
        of_each_role=True,
        run=inline_policies,
    ),
    CheckInfo(
        id="role-attached-policies",
        title="Attached policies of the role",
        wanted=_PLANNED,
        meaning="Pinecone may do more in the account than use the keys, or may not use those of all customers.",
        reads=("attached_policies",),
        applies=with_cmek,
        of_each_role=True,
        run=attached_policies,
    ),
    CheckInfo(
        id="role-permissions-boundary",
        title="Permissions boundary of the role",
        wanted=_CONFIGURED_BOUNDARY,
        meaning="The boundary may take away the use of the key, so Pinecone cannot read or write the project's data.",
        reads=("role",),
        applies=with_cmek,
        of_each_role=True,
        run=boundary,
    ),
)
