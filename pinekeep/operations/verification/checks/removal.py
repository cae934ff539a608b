"""The commands that take off a role what its stack did not put on it, and so does not take off."""

from collections.abc import Iterable


def of_inline(role: str, names: Iterable[str]) -> list[str]:
    """Return a command for each inline policy."""
    return [f"aws iam delete-role-policy --role-name {role} --policy-name {each}" for each in names]


def of_attached(role: str, arns: Iterable[str]) -> list[str]:
    """Return a command for each attached policy."""
    return [f"aws iam detach-role-policy --role-name {role} --policy-arn {each}" for each in arns]


def of_boundary(role: str) -> str:
    """Return the command for a permissions boundary."""
    return f"aws iam delete-role-permissions-boundary --role-name {role}"
