"""The security groups of the clients: that a rule can name them."""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.aws.live import Document, Unreadable
from pinekeep.checks.finding import Verdict, failed, noted, passed
from pinekeep.preflight.check import CheckInfo, Subject, with_link

_WANTED: Final = "security groups of the endpoint's VPC, or of a VPC that is peered with it"


def groups(subject: Subject) -> Iterator[Verdict]:
    """Each group is in the endpoint's VPC, or in one that is peered with it. Of another account's nothing is seen."""
    vpc = subject.existing_vpc
    found = {each["GroupId"]: each["VpcId"] for each in _list(subject.seen.groups)}
    peers = _peers(subject)
    closed = isinstance(subject.seen.peerings, Unreadable)
    wrong: list[str] = []
    unsure: list[str] = []
    for group in subject.link.clients.security_group_ids:
        home = found.get(group)
        if vpc is None and subject.makes_endpoint:
            wrong.append(f"{group} is in {home or 'no VPC here'}, and the endpoint's VPC is not made yet")
        elif vpc is None or home == vpc.id or home in peers:
            continue
        elif home is not None:
            (unsure if closed else wrong).append(f"{group} is in {home}, which is not peered with {vpc.id}")
        elif closed or any(account != subject.deployment.account for account in peers.values()):
            unsure.append(f"{group} is not in this account; a peered VPC of another account may have it")
        else:
            wrong.append(f"there is no {group}")
    if wrong:
        yield failed(
            "; ".join(wrong),
            wanted=_WANTED,
            fix="name the clients' networks under private_link.clients.cidrs instead, or peer the VPCs first",
        )
    if unsure:
        yield noted("; ".join(unsure), wanted=_WANTED, fix="see that the group exists, and that the peering is active")
    if not wrong and not unsure:
        yield passed(", ".join(subject.link.clients.security_group_ids), wanted=_WANTED)


def _peers(subject: Subject) -> dict[str, str]:
    """Return the VPCs that are peered with the endpoint's, each with its account."""
    vpc = subject.existing_vpc
    peers: dict[str, str] = {}
    for each in _list(subject.seen.peerings):
        sides = [each["RequesterVpcInfo"], each["AccepterVpcInfo"]]
        ids = [side["VpcId"] for side in sides]
        if vpc is not None and vpc.id in ids:
            peers |= {side["VpcId"]: side["OwnerId"] for side in sides if side["VpcId"] != vpc.id}
    return peers


def _list(found: Any) -> list[Document]:
    return found if isinstance(found, list) else []


def _with_groups(subject: Subject) -> bool:
    """Clients that are named by their security groups."""
    return with_link(subject) and bool(subject.link.clients.security_group_ids)


CHECKS: Final = (
    CheckInfo(
        id="client-groups",
        title="Security groups of the clients",
        wanted=_WANTED,
        meaning="EC2 refuses a rule that names a group it cannot see from the endpoint's VPC.",
        reads=("groups",),
        uses=("peerings",),
        applies=_with_groups,
        run=groups,
    ),
)
