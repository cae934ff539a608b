"""What somebody may do to a live deployment by hand, and what `verify` has to say about it: one row each.

Each row makes one thing wrong in an otherwise right deployment. ``words`` are parts of what is found, of what it means
and of the fix; ``never`` are words that would contradict what is so.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.checks.conftest import (
    ACCOUNT,
    ADMINISTRATOR,
    EXTERNAL_ID,
    KEY_ARN,
    PINECONE,
    REGIONAL,
    ROLE_ARN,
    SETTINGS,
    World,
    acl_rule,
    network_acl,
)

OTHER_ID: Final = "11112222-3333-4444-8555-666677778888"
STRANGER: Final = "arn:aws:iam::999988887777:role/Sneaky"
EAST: Final = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_us-east-1"
WEST: Final = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_us-west-2"
ORPHAN: Final = "AROA1234567890EXAMPLE"
NAME: Final = "pinekeep-prod-us-east-1"
ZONE: Final = "private.aped-4627-b74a.pinecone.io"
REVERT: Final = "pinekeep deploy --revert-drift --deployment prod"
NOBODY: Final = "Nobody gains or loses access."
REFUSED: Final = "cannot read or write the project's data"

Change = Callable[[World], World]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One breakage.

    Attributes:
        what: what was done.
        change: does it.
        check: the check that tells it.
        status: what the check says.
        found: part of what is found.
        meaning: part of what it means.
        fix: part of the fix; None where nothing has to be done.
        never: words that must not stand in found, meaning or fix.
        among: tells the finding from others of the check, where it gives several.
    """

    what: str
    change: Change
    check: str
    status: str
    found: str
    meaning: str
    fix: str | None
    never: tuple[str, ...] = ()
    among: str = ""


def world() -> World:
    """Return the deployment in which everything is right."""
    return World(SETTINGS)


# --- Changes ---


def trust(**changes: Any) -> Change:
    """Change the one statement of the trust policy; None takes a part out."""

    def change(document: dict[str, Any]) -> None:
        statement = document["Statement"][0]
        statement.update(changes)
        for key in [key for key, value in statement.items() if value is None]:
            del statement[key]

    return lambda found: found.trusting(change)


def trust_also(**statement: Any) -> Change:
    """Add a statement to the trust policy."""
    return lambda found: found.trusting(lambda document: document["Statement"].append(statement))


def asking(**operators: Any) -> Change:
    """Give the trust policy another condition on the external ID."""
    return trust(Condition={name.replace("_", ":"): {"sts:ExternalId": ids} for name, ids in operators.items()})


def also_if(operator: str, key: str, value: Any) -> Change:
    """Give the trust policy a further condition."""
    return trust(
        Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}, operator: {key: value}}
        if operator != "StringEquals"
        else {"StringEquals": {"sts:ExternalId": EXTERNAL_ID, key: value}}
    )


def everywhere(change: Change) -> Change:
    """Do it to a deployment that trusts all Regions."""
    return lambda found: change(found.configured(cmek={"trust": {"regions": "all"}}))


def key(sid: str, **changes: Any) -> Change:
    """Change a statement of the key policy; None takes the statement out."""

    def change(statements: list[dict[str, Any]]) -> None:
        found = next(each for each in statements if each["Sid"] == sid)
        if not changes:
            statements.remove(found)
        found.update(changes)
        for name in [name for name, value in found.items() if value is None]:
            del found[name]

    return lambda found: found.keyed(change)


def key_also(**statement: Any) -> Change:
    """Add a statement to the key policy."""
    return lambda found: found.keyed(lambda statements: statements.append({"Resource": "*", **statement}))


def live(**changes: Any) -> Change:
    """Have something else live."""
    return lambda found: found.when(**changes)


def of(part: str, **changes: Any) -> Change:
    """Change a part of one live thing."""
    return lambda found: found.changed(part, **changes)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a permissions policy."""
    return {"Version": "2012-10-17", "Statement": [{"Resource": "*", **each} for each in statements]}


def inline(**documents: Any) -> Change:
    """Put inline policies on the role."""
    return live(inline_policies=list(documents), inline_documents=documents)


def attached(name: str, document: Any) -> Change:
    """Attach a policy to the role."""
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    return live(attached_policies=[{"PolicyName": name, "PolicyArn": arn}], attached_documents={arn: document})


def record(name: str, kind: str, **target: Any) -> Change:
    """Add a record to the hosted zone."""
    return lambda found: found.when(
        records=[*(found.live.records or []), {"Name": f"{name}.{ZONE}.", "Type": kind, **target}]  # type: ignore[misc]
    )


def also_vpc(vpc: str, region: str) -> Change:
    """Associate one more VPC with the hosted zone."""
    return lambda found: found.changed(
        "zone",
        VPCs=[*found.live.zone["VPCs"], {"VPCId": vpc, "VPCRegion": region}],  # type: ignore[index]
    )


def group(*, cidrs: tuple[str, ...], groups: tuple[str, ...] = ("sg-0c11e475",), **rule: Any) -> Change:
    """Give the security group other rules for clients."""

    def change(found: World) -> World:
        groups_now = deepcopy(found.live.security_groups)
        groups_now[0]["IpPermissions"] = [  # type: ignore[index]
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": each} for each in cidrs],
                "UserIdGroupPairs": [{"GroupId": each} for each in groups],
                **rule,
            }
        ]
        return found.when(security_groups=groups_now)

    return change


def adopted(change: Change) -> Change:
    """Do it to a deployment with an adopted key."""
    return lambda found: change(
        found.configured(cmek={"key": {"adopt": KEY_ARN, "administrators": [], "rotation_days": 365}})
    )


def bounded(change: Change) -> Change:
    """Do it to a deployment with a permissions boundary."""
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/Boundary"
    return lambda found: change(replace(found, settings={**found.settings, "permissions_boundary": boundary}))


# --- Rows ---


def rows() -> Iterator[Row]:
    """Yield every row."""
    yield from _external_ids()
    yield from _trust()
    yield from _key_policy()
    yield from _adopted_key()
    yield from _role()
    yield from _key()
    yield from _network()
    yield from _dns()


def _external_ids() -> Iterator[Row]:
    check = "trust-policy-external-id"
    let_in = "Pinecone works on with its external ID"
    yield Row(
        what="another external ID in place of the agreed one",
        change=asking(StringEquals=OTHER_ID),
        check=check,
        status="failed",
        found="another external ID is asked for: 11112222…",
        meaning="so it is refused",
        fix=REVERT,
        never=("too", "works on"),
    )
    yield Row(
        what="a further external ID",
        change=asking(StringEquals=[EXTERNAL_ID, OTHER_ID]),
        check=check,
        status="failed",
        found="other external IDs are accepted too: 11112222…",
        meaning=let_in,
        fix=REVERT,
        never=("refused", "bring the old one back"),
    )
    yield Row(
        what="a pattern that the agreed one fits",
        change=asking(StringLike="3f2b*"),
        check=check,
        status="failed",
        found="every external ID like 3f2b* is accepted too",
        meaning=let_in,
        fix=REVERT,
        never=("refused", "another external ID is asked for"),
    )
    yield Row(
        what="no external ID",
        change=trust(Condition=None),
        check=check,
        status="failed",
        found="no external ID is asked for",
        meaning=let_in,
        fix=REVERT,
        never=("refused",),
    )
    yield Row(
        what="the condition if it is there",
        change=asking(StringEqualsIfExists=EXTERNAL_ID),
        check=check,
        status="failed",
        found="lets in callers who present no external ID at all",
        meaning=let_in,
        fix=REVERT,
        never=("refused",),
    )
    yield Row(
        what="all but the agreed one",
        change=asking(StringNotEquals=EXTERNAL_ID),
        check=check,
        status="failed",
        found="StringNotEquals refuses the configured external ID",
        meaning="so it is refused",
        fix=REVERT,
        never=("works on",),
    )
    yield Row(
        what="the agreed one in capitals",
        change=asking(StringEquals=EXTERNAL_ID.upper()),
        check=check,
        status="failed",
        found="in upper and lower case",
        meaning="so it is refused",
        fix=REVERT,
        never=("works on",),
    )
    for operator in ("StringLike", "ForAnyValue_StringEquals"):
        yield Row(
            what=f"{operator} with the exact ID",
            change=asking(**{operator: EXTERNAL_ID}),
            check=check,
            status="note",
            found="another form of the same: ",
            meaning=NOBODY,
            fix=None,
            never=("pattern", "refused"),
        )
    yield Row(
        what="the file's external ID was changed alone",
        change=lambda found: replace(
            found.configured(cmek={"trust": {"external_id": OTHER_ID}}),
            changes={name: getattr(found.live, name) for name in ("role", "cmek_stack", "parameters")},
        ),
        check=check,
        status="failed",
        found="another external ID is asked for: 3f2b8a54…",
        meaning="so it is refused",
        fix="change cmek.trust.external_id of prod back",
        never=("--revert-drift",),
    )


def _trust() -> Iterator[Row]:
    statement, principals, conditions = "trust-policy-statement", "trust-policy-principals", "trust-policy-conditions"
    refused = "Pinecone cannot assume the role"
    yield Row(
        what="a second statement for a stranger",
        change=trust_also(Sid="More", Effect="Allow", Principal={"AWS": STRANGER}, Action="sts:AssumeRole"),
        check=statement,
        status="failed",
        found=f"it lets in {STRANGER}",
        meaning="others may assume the role",
        fix=REVERT,
        never=("external ID", "none", refused),
    )
    yield Row(
        what="the same is no external ID lost",
        change=trust_also(Effect="Allow", Principal={"AWS": STRANGER}, Action="sts:AssumeRole"),
        check="trust-policy-external-id",
        status="ok",
        found="the configured external ID",
        meaning="",
        fix=None,
    )
    yield Row(
        what="a second statement for Pinecone without the external ID",
        change=trust_also(Effect="Allow", Principal={"AWS": EAST}, Action="sts:AssumeRole"),
        check=statement,
        status="failed",
        found="it lets in Pinecone on other terms",
        meaning="others may assume the role",
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="the one statement twice",
        change=lambda found: found.trusting(
            lambda document: document["Statement"].append(deepcopy(document["Statement"][0]))
        ),
        check=statement,
        status="note",
        found="another statement, which says nothing more",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="a statement that denies everyone",
        change=trust_also(Effect="Deny", Principal="*", Action="sts:AssumeRole"),
        check=statement,
        status="failed",
        found="Pinecone's access roles of us-east-1, us-west-2 can no longer assume the role",
        meaning=refused,
        fix=REVERT,
        never=("others may", "let in"),
    )
    yield Row(
        what="a statement that denies a stranger",
        change=trust_also(Effect="Deny", Principal={"AWS": STRANGER}, Action="sts:*"),
        check=statement,
        status="note",
        found="shuts out nobody who is to be let in",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="a denial on a condition that nobody can decide",
        change=trust_also(
            Effect="Deny",
            Principal="*",
            Action="sts:AssumeRole",
            Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        ),
        check=statement,
        status="failed",
        found="cannot be decided",
        meaning="cannot be decided from here",
        fix=REVERT,
    )
    yield Row(
        what="every action of STS",
        change=trust(Action="sts:*"),
        check=statement,
        status="failed",
        found="it allows sts:* too",
        meaning="do more with the role",
        fix=REVERT,
        never=("does not allow", refused),
    )
    yield Row(
        what="another action alone",
        change=trust(Action="sts:TagSession"),
        check=statement,
        status="failed",
        found="it does not allow sts:AssumeRole",
        meaning=refused,
        fix=REVERT,
    )
    yield Row(
        what="everyone as principal",
        change=trust(Principal="*"),
        check=principals,
        status="failed",
        found="* (everyone) is let in too",
        meaning="Whoever is named too",
        fix=REVERT,
        never=("is missing", "cannot assume"),
    )
    yield Row(
        what="Pinecone's whole account",
        change=trust(Principal={"AWS": PINECONE}),
        check=principals,
        status="failed",
        found=f"account {PINECONE} is let in too",
        meaning="Whoever is named too",
        fix=REVERT,
        never=("is missing", "cannot assume"),
    )
    yield Row(
        what="a Region less",
        change=trust(Principal={"AWS": EAST}),
        check=principals,
        status="failed",
        found=f"{WEST} is missing",
        meaning="cannot assume the role",
        fix=REVERT,
        never=("too",),
    )
    yield Row(
        what="a deleted role in place of Pinecone's",
        change=trust(Principal={"AWS": [EAST, ORPHAN]}),
        check=principals,
        status="failed",
        found=f"it names {ORPHAN}",
        meaning="was deleted",
        fix=REVERT,
        never=("let in too",),
    )
    yield Row(
        what="a deleted role besides",
        change=trust(Principal={"AWS": [EAST, WEST, ORPHAN]}),
        check=principals,
        status="note",
        found="which lets in nobody",
        meaning=NOBODY,
        fix=None,
        never=("let in too",),
    )
    yield Row(
        what="an AWS service besides",
        change=trust(Principal={"AWS": [EAST, WEST], "Service": "ec2.amazonaws.com"}),
        check=principals,
        status="failed",
        found="Service:ec2.amazonaws.com is let in too",
        meaning="Whoever is named too",
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="one Region where all are trusted",
        change=everywhere(trust(Principal={"AWS": EAST})),
        check=principals,
        status="failed",
        found=f"of Pinecone's access roles {EAST} may assume the role",
        meaning="cannot assume the role",
        fix=REVERT,
        never=("is let in too", "everyone"),
    )
    yield Row(
        what="an address as a condition",
        change=also_if("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
        check=conditions,
        status="failed",
        found="aws:SourceIp 192.0.2.0/24 too",
        meaning="may keep Pinecone out",
        fix=REVERT,
        never=("others than Pinecone",),
    )
    yield Row(
        what="Pinecone's own account as a condition",
        change=also_if("StringEquals", "aws:PrincipalAccount", PINECONE),
        check=conditions,
        status="note",
        found="which Pinecone fulfils",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="another account as a condition",
        change=also_if("StringEquals", "aws:PrincipalAccount", "999988887777"),
        check=conditions,
        status="failed",
        found="aws:PrincipalAccount 999988887777 too",
        meaning=refused,
        fix=REVERT,
        never=("they may assume",),
    )
    yield Row(
        what="ArnEquals for StringLike on the callers",
        change=everywhere(
            also_if("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_*")
        ),
        check=conditions,
        status="ok",
        found="aws:PrincipalArn",
        meaning="",
        fix=None,
    )
    yield Row(
        what="callers of any account",
        change=everywhere(also_if("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/pinecone_cmek_access_*")),
        check=conditions,
        status="failed",
        found="is missing",
        meaning="they may assume the role",
        fix=REVERT,
        never=(refused,),
    )


def _key_policy() -> Iterator[Row]:
    users, others, root = "key-policy-users", "key-policy-nothing-wider", "key-policy-root"
    administrators = "key-policy-administrators"
    refused, more = "KMS refuses Pinecone the use of the key", "Pinecone works on; beyond what is configured"
    use = "AllowUseOfTheKey"
    yield Row(
        what="kms:* for the role",
        change=key(use, Action="kms:*"),
        check=users,
        status="failed",
        found="it allows kms:* too",
        meaning=more,
        fix=REVERT,
        never=("lacks", refused),
    )
    yield Row(
        what="kms:* for the role in a second statement",
        change=key_also(Effect="Allow", Principal={"AWS": ROLE_ARN}, Action="kms:*"),
        check=others,
        status="failed",
        found="Allow kms:*",
        meaning=more,
        fix=REVERT,
        never=(refused, "missing"),
    )
    yield Row(
        what="a use in place of which another statement gives all",
        change=lambda found: key(use)(key_also(Effect="Allow", Principal={"AWS": ROLE_ARN}, Action="kms:*")(found)),
        check=users,
        status="ok",
        found="the role may use the key",
        meaning="",
        fix=None,
    )
    yield Row(
        what="a use less",
        change=key(use, Action=["kms:Encrypt", "kms:DescribeKey"]),
        check=users,
        status="failed",
        found="it lacks kms:Decrypt",
        meaning=refused,
        fix=REVERT,
        never=("too", more),
    )
    yield Row(
        what="the use taken out",
        change=key(use),
        check=users,
        status="failed",
        found=f"{use} is missing",
        meaning=refused,
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="a further user",
        change=key(use, Principal={"AWS": [ROLE_ARN, STRANGER]}),
        check=users,
        status="failed",
        found=f"it names {STRANGER} too",
        meaning=more,
        fix=REVERT,
        never=(refused, "lacks"),
    )
    yield Row(
        what="grants for anyone",
        change=key("AllowAttachmentOfPersistentResources", Condition=None),
        check=users,
        status="failed",
        found="it lacks the condition Bool kms:GrantIsForAWSResource true",
        meaning=more,
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="the use through one service alone",
        change=key(use, Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
        check=users,
        status="failed",
        found="kms:ViaService",
        meaning=refused,
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="the caller's own account as a condition",
        change=key(use, Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}}),
        check=users,
        status="note",
        found="kms:CallerAccount",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="another account as a condition",
        change=key(use, Condition={"StringEquals": {"kms:CallerAccount": "999988887777"}}),
        check=users,
        status="failed",
        found="kms:CallerAccount",
        meaning=refused,
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="a deleted role in place of the role",
        change=key(use, Principal={"AWS": ORPHAN}),
        check=users,
        status="failed",
        found=f"it names {ORPHAN}",
        meaning="names a role that was deleted",
        fix=REVERT,
    )
    yield Row(
        what="a denial of decrypting for everyone",
        change=key_also(Sid="No", Effect="Deny", Principal="*", Action="kms:Decrypt"),
        check=others,
        status="failed",
        found=f"with which the role {NAME} and",
        meaning=refused,
        fix=REVERT,
        never=("may use", "Others may", more),
    )
    yield Row(
        what="a denial for a stranger",
        change=key_also(Effect="Deny", Principal={"AWS": STRANGER}, Action="kms:*"),
        check=others,
        status="note",
        found="there is a statement (Deny kms:*",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="a denial for whoever does not come over TLS",
        change=key_also(
            Effect="Deny", Principal="*", Action="kms:*", Condition={"Bool": {"aws:SecureTransport": "false"}}
        ),
        check=others,
        status="note",
        found="aws:SecureTransport",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="a denial of administration for an administrator",
        change=key_also(Effect="Deny", Principal={"AWS": ADMINISTRATOR}, Action="kms:PutKeyPolicy"),
        check=others,
        status="failed",
        found="can no longer",
        meaning="Pinecone works on",
        fix=REVERT,
        never=(refused, "may use"),
    )
    yield Row(
        what="a stranger who may decrypt",
        change=key_also(Sid="Sneaky", Effect="Allow", Principal={"AWS": STRANGER}, Action="kms:Decrypt"),
        check=others,
        status="failed",
        found="there is statement Sneaky",
        meaning=more,
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="a statement that repeats a part of another",
        change=key_also(Effect="Allow", Principal={"AWS": ROLE_ARN}, Action="kms:Decrypt"),
        check=others,
        status="note",
        found="which says nothing more",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="the root statement for everyone",
        change=key("EnableIamUserPermissions", Principal="*"),
        check=root,
        status="failed",
        found="it names * (everyone) too",
        meaning=more,
        fix=REVERT,
        never=("lock everyone out", "does not name"),
    )
    yield Row(
        what="the root statement taken out",
        change=key("EnableIamUserPermissions"),
        check=root,
        status="failed",
        found="EnableIamUserPermissions is missing",
        meaning="could lock everyone out",
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="administrators who are not kept from using the key",
        change=key("DenyUseByKeyAdministrators"),
        check=administrators,
        status="failed",
        found="DenyUseByKeyAdministrators is missing",
        meaning="the wrong people may administer the key, or use it",
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="the role among those who are denied the use",
        change=key("DenyUseByKeyAdministrators", Principal={"AWS": [ADMINISTRATOR, ROLE_ARN]}),
        check=administrators,
        status="failed",
        found=f"it names {ROLE_ARN} too",
        meaning=refused,
        fix=REVERT,
        never=("Pinecone works on",),
    )


def _adopted_key() -> Iterator[Row]:
    users, wider = "adopted-key-policy-users", "adopted-key-policy-nothing-wider"
    yield Row(
        what="kms:* for the role on an adopted key",
        change=adopted(key("AllowUseOfTheKey", Action="kms:*")),
        check=wider,
        status="failed",
        found="the role may kms:* too",
        meaning="may do more with the key",
        fix="take that out of the key's policy",
        never=("lacks", "not allowed"),
    )
    yield Row(
        what="the same is enough",
        change=adopted(key("AllowUseOfTheKey", Action="kms:*")),
        check=users,
        status="ok",
        found="the role may use the key",
        meaning="",
        fix=None,
    )
    yield Row(
        what="a denial on an adopted key",
        change=adopted(key_also(Effect="Deny", Principal={"AWS": ROLE_ARN}, Action="kms:Decrypt")),
        check=users,
        status="failed",
        found="takes the key away from the role",
        meaning="KMS refuses Pinecone",
        fix="take the statement that denies out",
        never=("add the two statements",),
    )
    yield Row(
        what="the caller's own account as a condition on an adopted key",
        change=adopted(key("AllowUseOfTheKey", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})),
        check=users,
        status="ok",
        found="the role may use the key",
        meaning="",
        fix=None,
    )


def _role() -> Iterator[Row]:
    by_hand = f"aws iam delete-role-policy --role-name {NAME} --policy-name more"
    detach = f"aws iam detach-role-policy --role-name {NAME} --policy-arn arn:aws:iam::{ACCOUNT}:policy/more"
    allow, deny = policy({"Effect": "Allow", "Action": "s3:*"}), policy({"Effect": "Deny", "Action": "kms:*"})
    kms = policy({"Effect": "Allow", "Action": "kms:*"})
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/Boundary"
    yield Row(
        what="an inline policy that allows",
        change=inline(more=allow),
        check="role-inline-policies",
        status="failed",
        found="inline policy more, which allows s3:*",
        meaning="may do more in the account",
        fix=by_hand,
        never=("--revert-drift", "denies"),
    )
    yield Row(
        what="an inline policy that denies",
        change=inline(more=deny),
        check="role-inline-policies",
        status="failed",
        found="which denies the role kms:*",
        meaning="denies Pinecone the use of the key",
        fix=by_hand,
        never=("--revert-drift", "may do more"),
    )
    yield Row(
        what="an inline policy with kms:*",
        change=inline(more=kms),
        check="decisions-as-planned",
        status="failed",
        found="can now administer the key",
        meaning="",
        fix=by_hand,
        never=("--revert-drift",),
    )
    yield Row(
        what="an attached policy that allows",
        change=attached("more", kms),
        check="role-attached-policies",
        status="failed",
        found="attached policy more, which allows kms:*",
        meaning="may do more in the account",
        fix=detach,
        never=("--revert-drift",),
    )
    yield Row(
        what="an attached policy that denies",
        change=attached("more", deny),
        check="role-attached-policies",
        status="failed",
        found="which denies the role kms:*",
        meaning="denies Pinecone the use of the key",
        fix=detach,
        never=("--revert-drift", "may do more"),
    )
    yield Row(
        what="the same, by what it comes to",
        change=attached("more", deny),
        check="decisions-as-planned",
        status="failed",
        found="can no longer use the key",
        meaning="",
        fix=detach,
        never=("--revert-drift",),
    )
    yield Row(
        what="a permissions boundary by hand",
        change=of("role", PermissionsBoundary={"PermissionsBoundaryArn": boundary}),
        check="role-permissions-boundary",
        status="failed",
        found=boundary,
        meaning="may take away",
        fix=f"aws iam delete-role-permissions-boundary --role-name {NAME}",
        never=("--revert-drift",),
    )
    yield Row(
        what="the configured permissions boundary taken off",
        change=bounded(live()),
        check="role-permissions-boundary",
        status="failed",
        found="no permissions boundary",
        meaning="Pinecone works on",
        fix=REVERT,
        never=("may take away",),
    )
    yield Row(
        what="longer sessions",
        change=of("role", MaxSessionDuration=43200),
        check="role-settings",
        status="note",
        found="a session lasts up to 720 minutes",
        meaning="holds them longer",
        fix=f"aws iam update-role --role-name {NAME} --max-session-duration 3600",
    )
    yield Row(
        what="another description",
        change=of("role", Description="x"),
        check="role-settings",
        status="note",
        found="the description is 'x'",
        meaning="decides nothing",
        fix="aws iam update-role",
    )
    yield Row(
        what="tags taken off the role",
        change=of("role", Tags=[]),
        check="role-settings",
        status="note",
        found="pinekeep:deployment is missing",
        meaning="whose it is",
        fix="aws iam tag-role",
    )
    yield Row(
        what="the role in a path",
        change=of("role", Arn=f"arn:aws:iam::{ACCOUNT}:role/team/{NAME}"),
        check="role-exists",
        status="failed",
        found=f"role/team/{NAME}",
        meaning="cannot assume the role",
        fix="in a path",
    )


def _key() -> Iterator[Row]:
    yield Row(
        what="a disabled key",
        change=of("key", KeyState="Disabled"),
        check="key-state",
        status="failed",
        found="is disabled",
        meaning="no data is lost",
        fix=f"aws kms enable-key --key-id {KEY_ARN} --region us-east-1",
    )
    yield Row(
        what="a key that waits for its deletion",
        change=of("key", KeyState="PendingDeletion"),
        check="key-state",
        status="failed",
        found="will be deleted on",
        meaning="lost for good",
        fix=f"aws kms cancel-key-deletion --key-id {KEY_ARN} --region us-east-1",
    )
    yield Row(
        what="a key without material",
        change=of("key", KeyState="PendingImport", Origin="EXTERNAL"),
        check="key-state",
        status="failed",
        found="has no key material",
        meaning="imported again",
        fix=f"--key-id {KEY_ARN}",
    )
    yield Row(
        what="a key store that is not connected",
        change=of("key", KeyState="Unavailable", CustomKeyStoreId="cks-0123456789abcdef0"),
        check="key-state",
        status="failed",
        found="is not connected",
        meaning="connected again",
        fix="--custom-key-store-id cks-0123456789abcdef0 --region us-east-1",
    )
    yield Row(
        what="imported material",
        change=of("key", Origin="EXTERNAL"),
        check="key-kind",
        status="failed",
        found="its material comes from EXTERNAL",
        meaning="Pinecone works on as long as the material is there",
        fix="ask Pinecone's support",
        never=("cannot encrypt",),
    )
    yield Row(
        what="a multi-Region key",
        change=of("key", MultiRegion=True),
        check="key-kind",
        status="failed",
        found="it is a multi-Region key",
        meaning="Pinecone works on",
        fix="change the configuration",
        never=("cannot encrypt",),
    )
    yield Row(
        what="rotation off",
        change=live(rotation={"KeyRotationEnabled": False}),
        check="key-rotation",
        status="failed",
        found="rotation is off",
        meaning="gets older",
        fix=f"--key-id {KEY_ARN} --region",
    )
    yield Row(
        what="rotation more often",
        change=of("rotation", RotationPeriodInDays=90),
        check="key-rotation",
        status="failed",
        found="every 90 days",
        meaning="rotates more often",
        fix="--region us-east-1",
        never=("older",),
    )
    yield Row(
        what="the alias deleted",
        change=live(alias_key=None),
        check="key-alias",
        status="failed",
        found="there is no such alias",
        meaning="Pinecone works on",
        fix="aws kms create-alias --alias-name alias/pinecone/prod --target-key-id",
    )
    yield Row(
        what="termination protection off",
        change=of("cmek_stack", EnableTerminationProtection=False),
        check="cmek-stack-protection",
        status="failed",
        found="is off",
        meaning="deleted by mistake",
        fix="--region us-east-1",
    )
    for status in (
        "UPDATE_ROLLBACK_FAILED",
        "UPDATE_FAILED",
        "ROLLBACK_COMPLETE",
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
        "REVIEW_IN_PROGRESS",
    ):
        yield Row(
            what=f"the stack in state {status}",
            change=of("cmek_stack", StackStatus=status),
            check="cmek-stack-state",
            status="failed",
            found=status,
            meaning="half made",
            fix="",
        )


def _network() -> Iterator[Row]:
    clients, settings = "endpoint-clients", "endpoint-settings"
    yield Row(
        what="clients from everywhere",
        change=group(cidrs=("0.0.0.0/0",)),
        check=clients,
        status="failed",
        found="OPEN TO EVERY ADDRESS",
        meaning="Clients reach Pinecone as before",
        fix=REVERT,
        never=("missing", "cannot reach"),
    )
    yield Row(
        what="clients from a wider network",
        change=group(cidrs=("10.0.0.0/8",)),
        check=clients,
        status="failed",
        found="let in too",
        meaning="Clients reach Pinecone as before",
        fix=REVERT,
        never=("missing", "cannot reach"),
    )
    yield Row(
        what="every port",
        change=group(cidrs=("10.0.0.0/16",), FromPort=0, ToPort=65535),
        check=clients,
        status="failed",
        found="let in too",
        meaning="Clients reach Pinecone as before",
        fix=REVERT,
        never=("missing",),
    )
    yield Row(
        what="a narrower network",
        change=group(cidrs=("10.0.1.0/24",)),
        check=clients,
        status="failed",
        found="missing: 10.0.0.0/16",
        meaning="kept out cannot reach Pinecone",
        fix=REVERT,
        never=("as before", "too"),
    )
    yield Row(
        what="a network that is let in anyway",
        change=group(cidrs=("10.0.0.0/16", "10.0.1.0/24")),
        check=clients,
        status="note",
        found="which is let in anyway",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="another security group besides",
        change=of("endpoint", Groups=[{"GroupId": "sg-09090909"}, {"GroupId": "sg-11111111"}]),
        check="endpoint-security-group",
        status="failed",
        found="sg-11111111 is on it too",
        meaning="Clients reach Pinecone as before",
        fix=REVERT,
        never=("cannot reach",),
    )
    yield Row(
        what="another security group instead",
        change=of("endpoint", Groups=[{"GroupId": "sg-11111111"}]),
        check="endpoint-security-group",
        status="failed",
        found="sg-09090909 is not on it",
        meaning="cannot reach Pinecone",
        fix=REVERT,
    )
    yield Row(
        what="a subnet more",
        change=of("endpoint", SubnetIds=["subnet-0a1b2c3d", "subnet-1a2b3c4d", "subnet-99999999"]),
        check="endpoint-place",
        status="failed",
        found="subnet-99999999 too",
        meaning="Clients reach Pinecone as before",
        fix=REVERT,
        never=("lose the way",),
    )
    yield Row(
        what="a subnet less",
        change=of("endpoint", SubnetIds=["subnet-0a1b2c3d"]),
        check="endpoint-place",
        status="failed",
        found="it is not in subnet-1a2b3c4d",
        meaning="lose the way",
        fix=REVERT,
    )
    yield Row(
        what="an endpoint policy",
        change=of("endpoint", PolicyDocument=json.dumps(policy({"Effect": "Deny", "Principal": "*", "Action": "*"}))),
        check=settings,
        status="note",
        found="policy of its own",
        meaning="It keeps nobody out",
        fix="aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-0123456789abcdef0 --region us-east-1 --reset-policy",
        never=("cannot reach",),
    )
    yield Row(
        what="addresses of both types",
        change=of("endpoint", IpAddressType="dualstack"),
        check=settings,
        status="note",
        found="of type dualstack",
        meaning="IPv4 works on",
        fix="--ip-address-type ipv4",
    )
    yield Row(
        what="private DNS on",
        change=of("endpoint", PrivateDnsEnabled=True),
        check="endpoint-private-dns",
        status="failed",
        found="the private DNS name is on",
        meaning="two answers",
        fix="--region us-east-1",
    )
    yield Row(
        what="a network ACL that denies all",
        change=live(network_acls=[network_acl("subnet-0a1b2c3d", entries=[acl_rule(1, "deny")])]),
        check="endpoint-network-acl",
        status="failed",
        found="acl-0a1b2c3d on subnet-0a1b2c3d denies requests",
        meaning="time out",
        fix="--network-acl-ids acl-0a1b2c3d --region us-east-1",
    )


def _dns() -> Iterator[Row]:
    check = "hosted-zone-record"
    delete = "aws route53 change-resource-record-sets --hosted-zone-id Z1"
    elsewhere = {"AliasTarget": {"DNSName": "other.example.com.", "HostedZoneId": "Z2"}}
    for name, kind in (
        ("myindex.svc", "A"),
        ("*.svc", "AAAA"),
        ("myindex.svc", "CNAME"),
        ("svc", "HTTPS"),
        ("x.svc", "TXT"),
    ):
        target = elsewhere if kind == "A" else {"ResourceRecords": [{"Value": "x"}]}
        yield Row(
            what=f"a record {name} ({kind})",
            change=record(name, kind, **target),
            check=check,
            status="failed",
            found=f"{name}.{ZONE} ({kind})",
            meaning="led elsewhere than to the endpoint",
            fix=delete,
            among="besides",
        )
    yield Row(
        what="a record that leads to the endpoint too",
        change=record("myindex.svc", "A", AliasTarget={"DNSName": f"{REGIONAL}."}),
        check=check,
        status="note",
        found="leads to the endpoint too",
        meaning="all the same",
        fix=None,
        among="besides",
    )
    yield Row(
        what="a service record at the wildcard",
        change=record("*", "HTTPS", ResourceRecords=[{"Value": "1 x.example.com"}]),
        check=check,
        status="failed",
        found="the HTTPS record tells clients",
        meaning="something else than the endpoint",
        fix=REVERT,
    )
    for vpc, region in (("vpc-12345678", "us-east-1"), ("vpc-12345678", "us-west-2")):
        yield Row(
            what=f"a VPC of {region} besides",
            change=also_vpc(vpc, region),
            check="hosted-zone-vpcs",
            status="note",
            found="which the configuration does not name",
            meaning="led to the endpoint's private",
            fix=f"--hosted-zone-id Z1 --vpc VPCRegion={region},VPCId={vpc}",
            among="Other VPCs",
        )
    yield Row(
        what="a client VPC taken off",
        change=of("zone", VPCs=[{"VPCId": "vpc-0a1b2c3d", "VPCRegion": "us-east-1"}]),
        check="hosted-zone-vpcs",
        status="failed",
        found="vpc-9f8e7d6c is not associated",
        meaning="do not find",
        fix="aws route53 associate-vpc-with-hosted-zone --hosted-zone-id Z1 --vpc VPCRegion=us-east-1",
    )
    yield Row(
        what="DNS off in the VPC",
        change=live(dns_support=False),
        check="vpc-dns",
        status="failed",
        found="DNS resolution is off",
        meaning="do not find",
        fix="aws ec2 modify-vpc-attribute --vpc-id vpc-0a1b2c3d --enable-dns-support --region us-east-1",
    )
