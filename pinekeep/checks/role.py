"""The role that Pinecone assumes: that it is there, and that it is allowed nothing by itself."""

from collections.abc import Iterator
from typing import Final

from pinekeep.aws.live import Document
from pinekeep.checks.check import CheckInfo, Subject, with_cmek
from pinekeep.checks.finding import Verdict, failed, passed

_EXISTS: Final = "a role of the configured name and ARN"
_NO_INLINE: Final = "no inline policy"
_NO_ATTACHED: Final = "no attached policy"
_NO_BOUNDARY: Final = "no permissions boundary"


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
            fix="the role was made by something else, in a path; choose another role_name, or delete it and deploy",
        )
    else:
        yield passed(subject.role_arn, what=what)


def inline_policies(subject: Subject, names: list[str]) -> Iterator[Verdict]:
    """The role has no inline policy."""
    if not names:
        yield passed(_NO_INLINE)
        return
    role = subject.role_arn.rsplit("/", 1)[-1]
    yield failed(
        f"inline {_count(names)}",
        wanted=_NO_INLINE,
        fix=f"the key policy alone is to grant: aws iam delete-role-policy --role-name {role} --policy-name {names[0]}",
    )


def attached_policies(subject: Subject, policies: list[Document]) -> Iterator[Verdict]:
    """The role has no attached policy."""
    if not policies:
        yield passed(_NO_ATTACHED)
        return
    role = subject.role_arn.rsplit("/", 1)[-1]
    yield failed(
        f"attached {_count([each['PolicyName'] for each in policies])}",
        wanted=_NO_ATTACHED,
        fix="the key policy alone is to grant: aws iam detach-role-policy "
        f"--role-name {role} --policy-arn {policies[0]['PolicyArn']}",
    )


def _count(names: list[str]) -> str:
    return f"{'policy' if len(names) == 1 else 'policies'} {', '.join(names)}"


def boundary(subject: Subject, role: Document) -> Iterator[Verdict]:
    """No permissions boundary takes away what the key policy gives."""
    found = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    if not found:
        yield passed(_NO_BOUNDARY)
        return
    yield failed(
        f"the permissions boundary {found}",
        wanted=_NO_BOUNDARY,
        fix="a boundary that does not allow the use of the key takes it away from Pinecone: "
        f"aws iam delete-role-permissions-boundary --role-name {subject.role_arn.rsplit('/', 1)[-1]}",
    )


CHECKS: Final = (
    CheckInfo(
        id="role-exists",
        title="The role that Pinecone assumes",
        wanted=_EXISTS,
        meaning="Pinecone cannot assume the role, so it cannot read or write the project's data.",
        reads=("role",),
        applies=with_cmek,
        run=exists,
        sees_absence=True,
    ),
    CheckInfo(
        id="role-inline-policies",
        title="Inline policies of the role",
        wanted=_NO_INLINE,
        meaning="Pinecone may do more in the account than use the key.",
        reads=("inline_policies",),
        applies=with_cmek,
        run=inline_policies,
    ),
    CheckInfo(
        id="role-attached-policies",
        title="Attached policies of the role",
        wanted=_NO_ATTACHED,
        meaning="Pinecone may do more in the account than use the key.",
        reads=("attached_policies",),
        applies=with_cmek,
        run=attached_policies,
    ),
    CheckInfo(
        id="role-permissions-boundary",
        title="Permissions boundary of the role",
        wanted=_NO_BOUNDARY,
        meaning="The boundary may take away the use of the key, so Pinecone cannot read or write the project's data.",
        reads=("role",),
        applies=with_cmek,
        run=boundary,
    ),
)
