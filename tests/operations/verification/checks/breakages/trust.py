"""What somebody may do by hand to the trust policy, and what `verify` says of it."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

from tests.operations.verification.checks.breakages.changes import (
    EAST,
    NOBODY,
    ORPHAN,
    OTHER_ID,
    REVERT,
    STRANGER,
    WEST,
    Row,
    also_if,
    asking,
    everywhere,
    trust,
    trust_also,
)
from tests.operations.verification.conftest import EXTERNAL_ID, PINECONE


def external_ids_rows() -> Iterator[Row]:
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
        never=("refused", "restore the old one"),
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


def trust_rows() -> Iterator[Row]:
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
        found="excludes nobody who should be allowed",
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
        found="* (everyone) is allowed too",
        meaning="Everyone else who is named",
        fix=REVERT,
        never=("is missing", "cannot assume"),
    )
    yield Row(
        what="Pinecone's whole account",
        change=trust(Principal={"AWS": PINECONE}),
        check=principals,
        status="failed",
        found=f"account {PINECONE} is allowed too",
        meaning="Everyone else who is named",
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
        never=("allowed too",),
    )
    yield Row(
        what="a deleted role besides",
        change=trust(Principal={"AWS": [EAST, WEST, ORPHAN]}),
        check=principals,
        status="note",
        found="which allows nobody",
        meaning=NOBODY,
        fix=None,
        never=("allowed too",),
    )
    yield Row(
        what="an AWS service besides",
        change=trust(Principal={"AWS": [EAST, WEST], "Service": "ec2.amazonaws.com"}),
        check=principals,
        status="failed",
        found="Service:ec2.amazonaws.com is allowed too",
        meaning="Everyone else who is named",
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
        never=("is allowed too", "everyone"),
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
