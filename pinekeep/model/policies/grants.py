"""Grants on a KMS key: ways to use it beside its key policy, which no policy and no template shows.

A grant lets one principal use one key. It lasts until it is revoked or retired, whatever becomes of the key policy; an
explicit denial in a policy outdoes it.

Sources: "Grants in AWS KMS", "Creating grants", "Viewing grants" of the KMS Developer Guide; GrantListEntry,
GrantConstraints and CreateGrant of the KMS API reference (docs.aws.amazon.com, checked 2026-11-29).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from pinekeep.model.policies.compare import is_orphan, named, shortened
from pinekeep.model.policies.document import Statement

_ACCOUNT: Final = re.compile(r"^(?:(\d{12})|arn:[a-z-]+:iam::(\d{12}):root)$")
_ARN_ACCOUNT: Final = re.compile(r"^arn:[a-z-]+:(?:iam|sts)::(\d{12}):")
_PRINCIPAL: Final = re.compile(
    r"^(\d{12}|arn:[a-z-]+:(iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+)|sts::\d{12}:assumed-role/[\w+=,.@-]+/.+))$"
)
_SERVICE: Final = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$")
_OF_SERVICE: Final = re.compile(
    r"^arn:[a-z-]+:(sts::\d{12}:assumed-role/aws:[\w-]+(/.*)?|iam::\d{12}:role/aws-service-role/[\w.-]+\.amazonaws\.com/.+)$"
)
"""Roles in which AWS services act. Nobody else can make one: IAM takes no colon in a name, and keeps that path."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A grant on a key.

    Attributes:
        key_arn: the key.
        grantee: who may use the key: an ARN, the ID of a deleted principal, an account, or a service principal.
        operations: what it allows, in KMS's words, such as ``Decrypt``.
        retiring: who may end it besides the key's account, or None.
        issuing_account: the account that made it; None where KMS does not tell.
        created: when it was made; None where KMS does not tell.
        subset: what the encryption context of a request must have; empty where nothing is asked.
        equals: what it must be, and nothing else; None where that is not asked.
        source_arn: on behalf of which resource a service must ask, or None.
    """

    id: str
    key_arn: str
    grantee: str
    operations: tuple[str, ...]
    name: str = ""
    retiring: str | None = None
    issuing_account: str | None = None
    created: datetime | None = None
    subset: Pairs = ()
    equals: Pairs | None = None
    source_arn: str | None = None

    @classmethod
    def parse(cls, entry: Mapping[str, Any], *, key_arn: str) -> Self:
        """Return a grant on the key from an entry of ``Grants`` in ListGrants."""
        constraints = entry.get("Constraints") or {}
        equals = constraints.get("EncryptionContextEquals")
        issuer = _ARN_ACCOUNT.match(str(entry.get("IssuingAccount"))) or _ACCOUNT.match(
            str(entry.get("IssuingAccount"))
        )
        created = entry.get("CreationDate")
        return cls(
            id=str(entry["GrantId"]),
            key_arn=key_arn,
            grantee=str(entry.get("GranteeServicePrincipal") or entry.get("GranteePrincipal") or "nobody KMS names"),
            operations=tuple(map(str, entry.get("Operations") or ())),
            name=str(entry.get("Name") or ""),
            retiring=entry.get("RetiringPrincipal") or entry.get("RetiringServicePrincipal"),
            issuing_account=issuer.group(1) if issuer else None,
            created=created if isinstance(created, datetime) else None,
            subset=_pairs(constraints.get("EncryptionContextSubset")),
            equals=None if equals is None else _pairs(equals),
            source_arn=constraints.get("SourceArn"),
        )

    @property
    def grantee_account(self) -> str | None:
        """The account that the grantee is of; None for a service, and for a principal that was deleted."""
        match = _ARN_ACCOUNT.match(self.grantee)
        return match.group(1) if match else self.whole_account

    @property
    def whole_account(self) -> str | None:
        """The account that is let in as a whole, or None."""
        match = _ACCOUNT.match(self.grantee)
        return (match.group(1) or match.group(2)) if match else None

    @property
    def names_service(self) -> bool:
        """Whether the grantee is an AWS service, or a role in which one acts."""
        return bool(_SERVICE.match(self.grantee) or _OF_SERVICE.match(self.grantee))

    def is_for_service(self, account: str) -> bool:
        """Tell whether an AWS service holds it for an account; ListGrants names the asking account, no principal."""
        return (
            self.names_service and self.grantee_account in (None, account) and self.issuing_account in (None, account)
        )

    @property
    def statement(self) -> Statement:
        """The grant as a policy statement, without constraints on the encryption context: the caller chooses it."""
        kind = "AWS" if _PRINCIPAL.match(self.grantee) or is_orphan(self.grantee) else "Federated"
        return {
            "Effect": "Allow",
            "Principal": {"Service" if self.names_service else kind: self.grantee},
            "Action": [f"kms:{each}" for each in self.operations],
            "Resource": "*",
        }

    # --- In words ---

    @property
    def title(self) -> str:
        """What a sentence calls it."""
        return f"grant {shortened(self.id)}{f' ({self.name})' if self.name else ''}"

    @property
    def constraints(self) -> str:
        """What it asks of a request, in words; empty where it asks nothing."""
        asked = []
        if self.subset:
            asked.append(f"the encryption context has {_written(self.subset)}")
        if self.equals is not None:
            asked.append(f"the encryption context is {_written(self.equals) or 'empty'}")
        if self.source_arn:
            asked.append(f"it is for {self.source_arn}")
        return f"where {' and '.join(asked)}" if asked else ""

    def __str__(self) -> str:
        return " ".join(
            filter(None, (f"{self.title} lets {named(self.grantee)} {', '.join(self.operations)}", self.constraints))
        )

    @property
    def origin(self) -> str:
        """Who made it and when, and who may retire it, in words."""
        parts = [
            f"made by account {self.issuing_account}" if self.issuing_account else "",
            f"on {self.created:%Y-%m-%d}" if self.created else "",
        ]
        made = " ".join(filter(None, parts))
        return ", ".join(filter(None, (made, f"{self.retiring} may retire it" if self.retiring else "")))

    @property
    def revoke_command(self) -> str:
        """The command that ends it, to be pasted."""
        region = self.key_arn.split(":")[3]
        return f"aws kms revoke-grant --key-id {self.key_arn} --grant-id {self.id} --region {region}"


def parse_grants(entries: Iterable[Mapping[str, Any]], *, key_arn: str) -> tuple[Grant, ...]:
    """Return the grants on a key from the ``Grants`` of all pages of ListGrants."""
    return tuple(Grant.parse(each, key_arn=key_arn) for each in entries)


def _pairs(found: Mapping[str, Any] | None) -> Pairs:
    return tuple(sorted((key, str(value)) for key, value in (found or {}).items()))


def _written(pairs: Pairs) -> str:
    return ", ".join(f"{key}={value}" for key, value in pairs)
