"""The network ACLs of the endpoint's subnets: they let clients' requests in, and the answers out.

Sources: "Control subnet traffic with network access control lists" and "Ephemeral ports" (docs.aws.amazon.com, checked
2026-11-29): rules are evaluated from the lowest number on, the first that matches decides, what none matches is denied;
an ACL keeps no state, so answers need a rule of their own; traffic within a subnet is not looked at. Clients' ports:
Linux 32768-60999, Windows 49152-65535.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from pinekeep.account.reads.live import Document, NotAsked
from pinekeep.model.facts import pinecone
from pinekeep.operations.verification.checks.check import Subject, registry, with_link
from pinekeep.operations.verification.checks.finding import Verdict, judged, noted

EPHEMERAL: Final = (32768, 65535)
"""The ports that a client of any current system may have an answer sent to."""

_TCP: Final = ("6", "-1")
_Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class _Flow:
    """Some traffic: the network on the other side, and a range of ports."""

    network: _Network
    first: int
    last: int

    def __str__(self) -> str:
        ports = f"port {self.first}" if self.first == self.last else f"ports {self.first}-{self.last}"
        return f"{ports} of {self.network}" if self.first != self.last else f"{ports} from {self.network}"


CHECKS: Final = registry()


@CHECKS.add(
    id="endpoint-network-acl",
    title="Network ACLs of the endpoint's subnets",
    wanted="the network ACLs let the clients' requests in and the answers out",
    meaning="The connections of clients to Pinecone time out, although the security group allows them.",
    applies=with_link,
)
def _acls(subject: Subject, network_acls: list[Document] | NotAsked, endpoint: Document) -> Verdict:
    if isinstance(network_acls, NotAsked):
        return noted(f"not checked: {network_acls.reason}", fix=subject.run("verify --drift"))
    subnets = set(endpoint.get("SubnetIds") or [])
    problems: list[str] = []
    fixes: list[str] = []
    for acl in network_acls:
        on = sorted(each["SubnetId"] for each in acl.get("Associations") or [] if each["SubnetId"] in subnets)
        told = list(_denied(subject, acl))
        if on and told:
            problems.append(f"{acl['NetworkAclId']} on {', '.join(on)} denies {'; '.join(told)}")
            show = f"aws ec2 describe-network-acls --network-acl-ids {acl['NetworkAclId']}"
            fixes.append(f"{show} --region {subject.region}")
    return judged(
        problems,
        fix=f"let in port {pinecone.PRIVATE_ENDPOINT_PORT}/tcp from the clients, and out to them ports "
        f"{EPHEMERAL[0]}-{EPHEMERAL[1]}/tcp; the rules are in: {'; '.join(fixes)}",
    )


def _denied(subject: Subject, acl: Document) -> Iterator[str]:
    port = pinecone.PRIVATE_ENDPOINT_PORT
    for cidr in subject.link.clients.cidrs:
        network = ip_network(cidr)
        if denied := _first_denied(_rules(acl, egress=False), _Flow(network, port, port)):
            yield f"requests to {denied}"
        if denied := _first_denied(_rules(acl, egress=True), _Flow(network, *EPHEMERAL)):
            yield f"answers to {denied}"
    if subject.link.clients.security_group_ids:
        # Where the members of a group are is not known, so only what shuts out every address is told.
        everywhere = ip_network("0.0.0.0/0")
        if _denies_all(_rules(acl, egress=False), _Flow(everywhere, port, port)):
            yield f"requests to port {port} from every address"
        if _denies_all(_rules(acl, egress=True), _Flow(everywhere, *EPHEMERAL)):
            yield "answers to every address"


def _rules(acl: Document, *, egress: bool) -> list[Document]:
    found = [each for each in acl.get("Entries") or [] if bool(each.get("Egress")) == egress]
    return sorted(
        (each for each in found if str(each.get("Protocol")) in _TCP), key=lambda each: int(each["RuleNumber"])
    )


def _first_denied(rules: Iterable[Document], flow: _Flow) -> _Flow | None:
    """Return a part of some traffic that is denied, or None where all of it is let through."""
    left = [flow]
    for rule in rules:
        over = _of_rule(rule)
        rest: list[_Flow] = []
        for each in left:
            part = over and _common(over, each)
            if not part:
                rest.append(each)
            elif rule.get("RuleAction") != "allow":
                return part
            else:
                rest += _without(each, part)
        left = rest
    return left[0] if left else None


def _denies_all(rules: Iterable[Document], flow: _Flow) -> bool:
    """Tell whether no rule lets anything of some traffic through before one that denies all of it."""
    for rule in rules:
        over = _of_rule(rule)
        part = over and _common(over, flow)
        if part and rule.get("RuleAction") == "allow":
            return False
        if part == flow:
            return True
    return True


def _of_rule(rule: Document) -> _Flow | None:
    cidr = rule.get("CidrBlock") or rule.get("Ipv6CidrBlock")
    if not cidr:
        return None
    ports = rule.get("PortRange") or {}
    every = str(rule.get("Protocol")) == "-1" or not ports
    first, last = (0, 65535) if every else (int(ports["From"]), int(ports["To"]))
    return _Flow(ip_network(cidr, strict=False), first, last)


def _common(one: _Flow, other: _Flow) -> _Flow | None:
    first, last = max(one.first, other.first), min(one.last, other.last)
    if one.network.version != other.network.version or not one.network.overlaps(other.network) or first > last:
        return None
    smaller = max(one.network, other.network, key=lambda each: each.prefixlen)
    return _Flow(smaller, first, last)


def _without(whole: _Flow, part: _Flow) -> list[_Flow]:
    """Return what is left of some traffic without a part of it."""
    left: list[_Flow] = []
    if part.network != whole.network:
        rest = whole.network.address_exclude(part.network)  # pyrefly: ignore[bad-argument-type] # of one version
        left = [_Flow(each, whole.first, whole.last) for each in rest]
    if whole.first < part.first:
        left.append(_Flow(part.network, whole.first, part.first - 1))
    if part.last < whole.last:
        left.append(_Flow(part.network, part.last + 1, whole.last))
    return left
