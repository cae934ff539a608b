"""The rows of a decision table: principals.

A role's session counts as its role: AWS compares that with a policy's principal and with ``aws:PrincipalArn`` (source:
"AWS global condition context keys", docs.aws.amazon.com).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from pinekeep.decisions.access.policies import Agreement, PolicySet, statements_of
from pinekeep.model.arns import access_role_arn, role_arn, root_arn
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies import compare
from pinekeep.model.policies.document import Policy

REGION_TO_COME: Final = "ap-south-1"
"""A Region without Pinecone: stands for one that Pinecone may add."""

OTHER_ROLE: Final = "pinecone_cmek_accessory"
"""A role of Pinecone's account that is not an access role, so similarly named that a truncated pattern matches it."""

OTHER_S3_ROLE: Final = "a-role-of-another-part-of-pinecone"
"""A role of Pinecone's account for S3 that no pattern names."""

ACCESS_ROLE_WORDS: Final = "Pinecone's access role of "
_TO_COME: Final = " (where Pinecone does not run yet)"
_STRANGERS: Final = ("210987654321", "321098765432", "432109876543", "543210987654")
_ARN: Final = re.compile(r"^arn:[a-z-]+:(iam|sts)::(\d{12}):(root$|role/|user/|assumed-role/)(.*)$")
_ARN_PARTS: Final = 6
_ACCOUNT: Final = re.compile(r"^\d{12}$")
_PRINCIPAL_ARN: Final = "aws:principalarn"
_PRINCIPAL_ACCOUNT: Final = "aws:principalaccount"


class Kind(StrEnum):
    """The relation of a principal to the deployment."""

    PINECONE_REGION = "pinecone-region"
    PINECONE_OTHER = "pinecone-other-role"
    PINECONE_ROOT = "pinecone-root"
    PINECONE_S3 = "pinecone-s3"
    STRANGER = "stranger"
    OUR_ROLE = "our-role"
    ADMINISTRATOR = "administrator"
    ROOT = "account-root"
    USER = "account-user"
    CUSTOMER = "customer"
    NAMED = "named-in-policy"


class Identity(StrEnum):
    """The assumed permissions of a principal's IAM policies."""

    EVERYTHING = "everything"
    NOTHING = "nothing"
    OWN = "its permissions policies"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A principal that makes requests.

    ``arn``: its ARN; for a role's session, the role's. ``identity``: the assumed permissions of its IAM policies: the
    worst case for other accounts.
    """

    id: str
    kind: Kind
    arn: str
    words: str
    identity: Identity

    @cached_property
    def account(self) -> str:
        """Its account."""
        return self.arn.split(":")[4]

    @property
    def is_root(self) -> bool:
        """Whether it is the root user of its account."""
        return self.arn.endswith(":root")

    @property
    def type(self) -> str:
        """Its ``aws:PrincipalType``."""
        if self.is_root:
            return "Account"
        return "User" if ":user/" in self.arn else "AssumedRole"


def principals(policies: PolicySet) -> tuple[Principal, ...]:
    """Return the rows of a deployment's table: the standard ones, then further principals that a policy names."""
    rows = [*_pinecone(policies.agreed), _stranger(policies), *_ours(policies), *_customers(policies)]
    known = {row.arn.lower() for row in rows}
    for row in _named(policies):
        # IAM keeps no two names that differ in case alone; which of the two is meant is left undecided.
        if row.arn.lower() not in known:
            known.add(row.arn.lower())
            rows.append(row)
    return tuple(rows)


# --- The standard rows ---


def _row(id_: str, kind: Kind, arn: str, words: str, identity: Identity = Identity.EVERYTHING) -> Principal:
    return Principal(id=id_, kind=kind, arn=arn, words=words, identity=identity)


def _pinecone(agreed: Agreement) -> Iterator[Principal]:
    account = agreed.pinecone_account
    if agreed.principal_arns is not None:
        yield from _pinecone_s3(account, agreed.principal_arns)
        return
    for region in _regions(agreed):
        yield _row(
            f"pinecone/{region}",
            Kind.PINECONE_REGION,
            access_role_arn(pinecone_account=account, region=region),
            f"{ACCESS_ROLE_WORDS}{region}{_TO_COME if region == REGION_TO_COME else ''}",
        )
    yield _row(
        "pinecone/other-role",
        Kind.PINECONE_OTHER,
        role_arn(account=account, role_name=OTHER_ROLE),
        "another role of Pinecone's account",
    )
    yield _row("pinecone/root", Kind.PINECONE_ROOT, root_arn(account), "the root user of Pinecone's account")


def _pinecone_s3(account: str, patterns: tuple[str, ...]) -> Iterator[Principal]:
    """Yield the principals of Pinecone's account for S3: those that fit a pattern, and others."""
    for pattern in dict.fromkeys(patterns):
        arn = _sample_arn(pattern)
        words = (
            f"Pinecone's principal {pattern}" if arn == pattern else f"a principal of Pinecone's that fits {pattern}"
        )
        yield _row(f"pinecone/{pattern.split(':', 5)[-1]}", Kind.PINECONE_S3, arn, words)
    other = role_arn(account=account, role_name=OTHER_S3_ROLE)
    yield _row(
        "pinecone/other-role",
        Kind.PINECONE_OTHER,
        other,
        f"{'another' if patterns else 'any'} role of Pinecone's account {account}",
    )
    yield _row("pinecone/root", Kind.PINECONE_ROOT, root_arn(account), f"the root user of Pinecone's account {account}")


def _regions(agreed: Agreement) -> tuple[str, ...]:
    """Return the configured regions, all others with Pinecone, and one without."""
    configured = () if agreed.regions == "all" else agreed.regions
    return tuple(dict.fromkeys((*configured, *pinecone.REGIONS, REGION_TO_COME)))


def _stranger(policies: PolicySet) -> Principal:
    used = {policies.account, policies.agreed.pinecone_account, *dict(policies.customers)}
    account = next(each for each in _STRANGERS if each not in used)
    if policies.part == "storage":
        (own, *_) = _pinecone(policies.agreed)
        arn = own.arn.replace(policies.agreed.pinecone_account, account)
        return _row("stranger", Kind.STRANGER, arn, "a stranger's role of the same name as Pinecone's")
    region = _regions(policies.agreed)[0]
    return _row(
        "stranger",
        Kind.STRANGER,
        access_role_arn(pinecone_account=account, region=region),
        "a stranger's role of the same name as Pinecone's",
    )


def _ours(policies: PolicySet) -> Iterator[Principal]:
    for role in policies.roles:
        yield _row(role.id, Kind.OUR_ROLE, role.arn, f"the role {role.name}", Identity.OWN)
    for arn in policies.agreed.administrators:
        yield _row(
            f"administrator/{arn.split(':', 5)[5]}",
            Kind.ADMINISTRATOR,
            arn,
            f"the key administrator {arn.split(':', 5)[5]}",
            Identity.NOTHING,
        )
    yield _row("account/root", Kind.ROOT, root_arn(policies.account), f"the root user of account {policies.account}")
    yield _row(
        "account/user",
        Kind.USER,
        f"arn:{aws.PARTITION}:iam::{policies.account}:user/plain-user",
        f"a user of account {policies.account} without permissions",
        Identity.NOTHING,
    )


def _customers(policies: PolicySet) -> Iterator[Principal]:
    for account, name in policies.customers:
        yield _row(
            f"customer/{account}",
            Kind.CUSTOMER,
            role_arn(account=account, role_name="administrator-of-the-account"),
            f"an administrator of the account of {name} ({account})",
        )


# --- Further principals that a policy names ---


def _named(policies: PolicySet) -> Iterator[Principal]:
    spoken_for = {policies.account, policies.agreed.pinecone_account, *dict(policies.customers)}
    found = dict(each for _, policy in policies.resource_policies() for each in _arns(policy))
    for arn, pattern in found.items():
        match = _ARN.match(arn)
        if match is None:
            continue
        _, account, kind, name = match.groups()
        if kind == "root" and account in spoken_for:
            continue  # its rows stand already
        who = arn
        words = arn if pattern == arn else f"a principal that fits {pattern}"
        if kind == "root":
            who = role_arn(account=account, role_name="any-role")
            words = f"a role of account {account}"
        elif kind == "assumed-role/":
            who = role_arn(account=account, role_name=name.split("/")[0])
            words = who
        ours = account == policies.account
        yield _row(who, Kind.NAMED, who, words, Identity.NOTHING if ours else Identity.EVERYTHING)


def _arns(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield the ARNs in principals and in conditions on them, as written, a pattern after an ARN that matches it."""
    for statement in statements_of(policy):
        for name in sorted(statement.principals | statement.not_principals):
            yield name, name
        for condition in sorted(statement.conditions, key=str):
            key = condition.key.lower()
            for value in sorted(condition.values):
                if key == _PRINCIPAL_ARN:
                    yield _sample_arn(value), value
                elif key == _PRINCIPAL_ACCOUNT and _ACCOUNT.match(value):
                    yield root_arn(value), root_arn(value)


def _sample_arn(pattern: str) -> str:
    parts = pattern.split(":", 5)
    if len(parts) == _ARN_PARTS and not _ACCOUNT.match(parts[4]):
        parts[4] = _STRANGERS[0]
    return sample(":".join(parts), filler=REGION_TO_COME)


def sample(pattern: str, *, filler: str) -> str:
    """Return a text that matches an IAM pattern, with its wildcards filled in."""
    return pattern.replace("*", filler).replace("?", filler[0])


def unlisted(policies: PolicySet) -> Iterator[str]:
    """Yield a sentence for each principal that a policy names and that no row represents."""
    for title, policy in policies.resource_policies():
        for name in sorted({name for each in statements_of(policy) for name in each.principals}):
            if compare.is_orphan(name):
                yield f"{title} names {compare.named(name)}: it matches no principal"
            elif name != compare.EVERYONE and not _ARN.match(name):
                yield f"{title} names {name}, which has no row in the table"
