"""The security groups and prefix lists of the clients: that rules can name them, and that they are not too many."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.live import Unreadable
from pinekeep.model.facts import pinecone, quotas
from pinekeep.operations.preflight.check import Subject, registry, with_link
from pinekeep.operations.verification.checks.base import items
from pinekeep.operations.verification.checks.endpoint_security_group import EVERYWHERE, rules
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed, unreadable


def _with_groups(subject: Subject) -> bool:
    """Clients that are named by their security groups."""
    return with_link(subject) and bool(subject.link.clients.security_group_ids)


def _with_lists(subject: Subject) -> bool:
    """Clients that are named by prefix lists."""
    return with_link(subject) and bool(subject.link.clients.prefix_list_ids)


def _with_own_groups(subject: Subject) -> bool:
    """An endpoint with security groups that the customer has."""
    return with_link(subject) and bool(subject.link.security_group_ids)


CHECKS: Final = registry(applies=_with_lists)


@CHECKS.add(
    id="client-groups",
    title="Security groups of the clients",
    wanted="security groups of the endpoint's VPC, or of a VPC that is peered with it",
    meaning="EC2 refuses a rule that names a group it cannot see from the endpoint's VPC.",
    reads=("groups",),
    uses=("peerings",),
    applies=_with_groups,
)
def _groups(subject: Subject) -> Iterator[Verdict]:
    """Each group is in the endpoint's VPC, or in one that is peered with it. Of another account's nothing is seen."""
    vpc = subject.existing_vpc
    found = {each["GroupId"]: each["VpcId"] for each in items(subject.seen.groups)}
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
        elif closed or any(account != subject.account for account in peers.values()):
            unsure.append(f"{group} is not in this account; a peered VPC of another account may have it")
        else:
            wrong.append(f"there is no {group}")
    if wrong:
        yield failed(
            "; ".join(wrong),
            fix="name the clients' networks under private_link.clients.cidrs instead, or peer the VPCs first",
        )
    if unsure:
        yield noted("; ".join(unsure), fix="see that the group exists, and that the peering is active")
    if not wrong and not unsure:
        yield passed(", ".join(subject.link.clients.security_group_ids))


@CHECKS.add(
    id="endpoint-groups",
    title="Security groups of the endpoint",
    wanted=f"security groups of the endpoint's VPC that allow port {pinecone.PRIVATE_ENDPOINT_PORT}, not to everyone",
    meaning="EC2 refuses a group of another VPC; without a rule for the port no client reaches Pinecone.",
    reads=("endpoint_groups",),
    applies=_with_own_groups,
)
def _endpoint_groups(subject: Subject) -> Verdict:
    port, vpc_id = pinecone.PRIVATE_ENDPOINT_PORT, subject.link.vpc_id
    found = {str(each["GroupId"]): each for each in items(subject.seen.endpoint_groups)}
    problems = [f"there is no {each}" for each in subject.link.security_group_ids if each not in found]
    for name, each in found.items():
        if vpc_id is None:
            problems.append(f"{name} is in {each['VpcId']}, and the endpoint's VPC is not created yet")
        elif each["VpcId"] != vpc_id:
            problems.append(f"{name} is in {each['VpcId']}, not in {vpc_id}")
    allowing = [each for each in rules(found.values(), "IpPermissions") if each.allows("tcp", port)]
    problems += sorted(f"open to every address: {each}" for each in allowing if each.peer in EVERYWHERE)
    if found and not allowing:
        problems.append(f"none allows port {port}/tcp from anybody")
    return judged(
        problems,
        right=", ".join(sorted({each.peer for each in allowing})),
        fix=f"name security groups of {vpc_id or 'an existing VPC'} that allow port {port} from your clients alone, or "
        "list the clients under private_link.clients in place of security_group_ids",
    )


@CHECKS.add(
    id="client-prefix-lists",
    title="Prefix lists of the clients",
    wanted="managed prefix lists of IPv4 that this account can use",
    meaning="EC2 refuses a rule that names a prefix list it cannot see; one of IPv6 lets nobody in.",
    reads=("prefix_lists",),
)
def _prefix_lists(subject: Subject) -> Verdict:
    found = {str(each["PrefixListId"]): each for each in items(subject.seen.prefix_lists)}
    ids = subject.link.clients.prefix_list_ids
    problems = [f"there is no {each} here" for each in ids if each not in found]
    problems += [
        f"{name} is of {each['AddressFamily']}, and the endpoint speaks IPv4"
        for name, each in found.items()
        if each.get("AddressFamily", _IPV4) != _IPV4
    ]
    problems += [
        f"{name} is in state {each['State']}"
        for name, each in found.items()
        if str(each.get("State", "")).startswith(_GOING)
    ]
    return judged(
        problems,
        right=", ".join(f"{name} ({each.get('PrefixListName', 'no name')})" for name, each in found.items()),
        fix="name managed prefix lists of IPv4 in this account and Region, or shared with it; `aws ec2 "
        f"describe-managed-prefix-lists --region {subject.region}` lists them",
    )


@CHECKS.add(
    id="quota-rules",
    title="Quota of the security group's rules",
    wanted="room for a rule for each client",
    meaning="EC2 reserves as many rules as a prefix list may have entries, and refuses more than the quota.",
    reads=("prefix_lists",),
    uses=("rules_quota",),
)
def _rules(subject: Subject) -> Verdict:
    clients = subject.link.clients
    lists = items(subject.seen.prefix_lists)
    have = len(clients.cidrs) + len(clients.security_group_ids)
    of_lists = {str(each["PrefixListId"]): int(each.get("MaxEntries") or 1) for each in lists}
    quota = subject.seen.rules_quota
    told = isinstance(quota, int | float)
    most = int(quota) if told else quotas.RULES_PER_SECURITY_GROUP.default
    total = have + sum(of_lists.values())
    words = ", ".join(f"{number} for {name}" for name, number in of_lists.items())
    counted = f"{total:,} of {most:,} inbound rules: {have} for networks and groups, {words}"
    source = "" if told else ", by AWS's default: your own quota could not be read"
    if total <= most and isinstance(quota, Unreadable):
        return unreadable(quota, found=f"{counted}{source}")
    if total <= most:
        return passed(f"{counted}{source}")
    code = f"{quotas.RULES_PER_SECURITY_GROUP.service} {quotas.RULES_PER_SECURITY_GROUP.code}"
    return failed(
        f"{counted}{source}",
        fix="lower the lists' most entries (aws ec2 modify-managed-prefix-list --max-entries), name fewer clients, or "
        f"ask for a higher quota in Service Quotas ({code})",
    )


_IPV4: Final = "IPv4"
_GOING: Final = ("delete-", "create-failed")


def _peers(subject: Subject) -> dict[str, str]:
    """Return the VPCs that are peered with the endpoint's, each with its account."""
    vpc = subject.existing_vpc
    peers: dict[str, str] = {}
    for each in items(subject.seen.peerings):
        sides = [each["RequesterVpcInfo"], each["AccepterVpcInfo"]]
        ids = [side["VpcId"] for side in sides]
        if vpc is not None and vpc.id in ids:
            peers |= {side["VpcId"]: side["OwnerId"] for side in sides if side["VpcId"] != vpc.id}
    return peers
