"""What a row of the table of breakages is, and the changes that rows are made of."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.operations.verification.conftest import ACCOUNT, EXTERNAL_ID, KEY_ARN, PINECONE, SETTINGS, World

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


def _live(found: World) -> Any:
    """Return what is there; the parts that a change is about are readable."""
    return found.live


def record(name: str, kind: str, **target: Any) -> Change:
    """Add a record to the hosted zone."""
    return lambda found: found.when(
        records=[*_live(found).records, {"Name": f"{name}.{ZONE}.", "Type": kind, **target}]
    )


def also_vpc(vpc: str, region: str) -> Change:
    """Associate one more VPC with the hosted zone."""
    return lambda found: found.changed(
        "zone",
        VPCs=[*_live(found).zone["VPCs"], {"VPCId": vpc, "VPCRegion": region}],
    )


def group(*, cidrs: tuple[str, ...], groups: tuple[str, ...] = ("sg-0c11e475",), **rule: Any) -> Change:
    """Give the security group other rules for clients."""

    def change(found: World) -> World:
        groups_now = deepcopy(_live(found).security_groups)
        groups_now[0]["IpPermissions"] = [
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
