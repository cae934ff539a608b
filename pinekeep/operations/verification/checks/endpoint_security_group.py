"""The security group of the endpoint: the one thing that says who may reach Pinecone through it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from pinekeep.account.reads.answers import physical_ids
from pinekeep.account.reads.live import Document
from pinekeep.model.facts import aws, pinecone
from pinekeep.operations.verification.checks.access import Meanings, gained, lost, same, weighed
from pinekeep.operations.verification.checks.check import (
    Subject,
    registry,
    with_client_rules,
    with_own_endpoint,
    with_own_groups,
)
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged

EVERYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
EVERY_PROTOCOL: Final = "-1"

_UNKNOWN: Final = "Who may reach Pinecone through the endpoint cannot be decided from here."
_GROUP_MEANS: Final = Meanings(
    lost="The rules for the configured clients are not on the endpoint: clients that no other group lets in cannot "
    "reach Pinecone.",
    gained="Clients reach Pinecone as before; the other group's rules let others try to reach it, too.",
    undecided=_UNKNOWN,
)
_CLIENTS_MEAN: Final = Meanings(
    lost="A client that is not allowed cannot reach Pinecone through the endpoint.",
    gained="Clients reach Pinecone as before; everyone else who is allowed can try to, and needs an API key to "
    "succeed.",
    undecided=_UNKNOWN,
)


@dataclass(frozen=True)
class Rule:
    """One rule of a security group: a protocol, ports, and a network, group or prefix list.

    The protocol ``-1`` stands for every protocol, a port None for every port.
    """

    protocol: str
    from_port: int | None
    to_port: int | None
    peer: str

    def allows(self, protocol: str, port: int) -> bool:
        """Tell whether this rule lets its peer connect to a port."""
        return self.covers(Rule(protocol, port, port, self.peer))

    def covers(self, other: "Rule") -> bool:
        """Tell whether this rule lets in all that another one does."""
        if self.protocol not in (EVERY_PROTOCOL, other.protocol):
            return False
        every_port = self.protocol == EVERY_PROTOCOL or self.from_port is None or self.from_port == -1
        if not every_port:
            if None in (self.to_port, other.from_port, other.to_port):
                return False
            if not (self.from_port or 0) <= (other.from_port or 0) <= (other.to_port or 0) <= (self.to_port or 0):
                return False
        return self.peer == other.peer or _takes_in(self.peer, other.peer)

    def __str__(self) -> str:
        if self.protocol == EVERY_PROTOCOL:
            ports = "every port and protocol"
        elif self.from_port == self.to_port:
            ports = f"port {self.from_port}/{self.protocol}"
        else:
            ports = f"ports {self.from_port} to {self.to_port}/{self.protocol}"
        return f"{ports}, {self.peer}"


def _takes_in(network: str, other: str) -> bool:
    """Tell whether a network takes in another; groups and prefix lists take in nothing that is known here."""
    try:
        whole, part = ip_network(network, strict=False), ip_network(other, strict=False)
    except ValueError:
        return False
    return whole.version == part.version and whole.supernet_of(part)  # pyrefly: ignore[bad-argument-type] # of one version


def rules(groups: Iterable[Document], direction: str) -> frozenset[Rule]:
    """Return the single rules of security groups, of ``IpPermissions`` or ``IpPermissionsEgress``."""
    return frozenset(
        Rule(str(each.get("IpProtocol")), each.get("FromPort"), each.get("ToPort"), peer)
        for group in groups
        for each in group.get(direction) or []
        for peer in _peers(each)
    )


def _peers(permission: Document) -> Iterator[str]:
    names = {
        "IpRanges": "CidrIp",
        "Ipv6Ranges": "CidrIpv6",
        "UserIdGroupPairs": "GroupId",
        "PrefixListIds": "PrefixListId",
    }
    for field, name in names.items():
        for each in permission.get(field) or []:
            yield str(each[name])


CHECKS: Final = registry(applies=with_client_rules, promised=True)


@CHECKS.add(
    id="endpoint-security-group",
    applies=with_own_endpoint,
    title="Security group on the endpoint",
    wanted="the configured security groups alone",
    meaning="Another group's rules decide who may reach Pinecone through the endpoint.",
)
def _attached(subject: Subject, endpoint: Document, private_link_resources: list[Document]) -> Verdict:
    ours = set(physical_ids(private_link_resources, "AWS::EC2::SecurityGroup"))
    found = {str(group["GroupId"]) for group in endpoint.get("Groups") or []}
    problems = [gained(f"{each} is on it too") for each in sorted(found - ours)]
    problems += [lost(f"{each} is not on it") for each in sorted(ours - found)]
    if not ours:
        problems.append(lost("the stack has no security group"))
    right = ", ".join(sorted(ours))
    return weighed(problems, wanted=right or None, fix=subject.restore, means=_GROUP_MEANS)


@CHECKS.add(
    id="endpoint-clients",
    title="Who may reach the endpoint",
    wanted=f"port {pinecone.PRIVATE_ENDPOINT_PORT}/tcp from the configured clients alone",
    meaning="A client that is not allowed cannot reach Pinecone; everyone else who is allowed can try to.",
)
def _clients(subject: Subject, security_groups: list[Document]) -> Verdict:
    port = pinecone.PRIVATE_ENDPOINT_PORT
    configured = subject.link.clients
    peers = (*configured.cidrs, *configured.security_group_ids, *configured.prefix_list_ids)
    wanted = frozenset(Rule("tcp", port, port, each) for each in peers)
    found = rules(security_groups, "IpPermissions")
    further = sorted(found - wanted, key=str)
    narrower = [each for each in further if any(one.covers(each) for one in wanted)]
    wider = [each for each in further if each not in narrower]
    problems = [gained(f"OPEN TO EVERY ADDRESS: {each}") for each in wider if each.peer in EVERYWHERE]
    problems += [gained(f"also allowed: {each}") for each in wider if each.peer not in EVERYWHERE]
    problems += [same(f"{each}, which is allowed anyway") for each in narrower]
    problems += [
        lost(f"missing: {each.peer}")
        for each in sorted(wanted - found, key=str)
        if not any(one.covers(each) for one in found)
    ]
    right = f"port {port}/tcp from {', '.join(sorted(each.peer for each in wanted))}"
    return weighed(
        problems,
        wanted=right,
        fix=f"if the configuration was changed: {subject.run('deploy')}; if the group was, {subject.restore}",
        means=_CLIENTS_MEAN,
    )


@CHECKS.add(
    id="endpoint-own-groups",
    title="Rules of your security groups on the endpoint",
    wanted=f"port {pinecone.PRIVATE_ENDPOINT_PORT}/tcp from your clients, and not from every address",
    meaning="Without a rule no client reaches Pinecone; with one for every address, everyone with a route can try to.",
    applies=with_own_groups,
    promised=False,
)
def _own_groups(subject: Subject, security_groups: list[Document], endpoint: Document) -> Verdict:
    port = pinecone.PRIVATE_ENDPOINT_PORT
    allowing = [each for each in rules(security_groups, "IpPermissions") if each.allows("tcp", port)]
    group = next((str(each["GroupId"]) for each in endpoint.get("Groups") or []), "GROUP")
    region, permission = subject.region, "IpProtocol={},FromPort={},ToPort={},{}"
    if not allowing:
        ranges = permission.format("tcp", port, port, "IpRanges=[{CidrIp=CLIENT_NETWORK}]")
        return failed(
            f"no rule allows port {port}/tcp",
            fix=f"aws ec2 authorize-security-group-ingress --group-id {group} --ip-permissions '{ranges}' "
            f"--region {region}",
        )
    return judged(
        sorted(f"OPEN TO EVERY ADDRESS: {each}" for each in allowing if each.peer in EVERYWHERE),
        right=", ".join(sorted({each.peer for each in allowing})),
        fix=f"remove the rule from the group (aws ec2 describe-security-groups --group-ids {group} --region {region}), "
        "and allow the networks of your clients",
    )


@CHECKS.add(
    id="endpoint-egress",
    title="What the endpoint may reach",
    wanted="no rule that lets anything out",
    meaning="Pinecone works on; the group allows more than an endpoint ever needs.",
)
def _no_egress(subject: Subject, security_groups: list[Document]) -> Verdict:
    placeholder = aws.NO_EGRESS
    impossible = Rule(placeholder.ip_protocol, placeholder.from_port, placeholder.to_port, placeholder.cidr_ip)
    found = rules(security_groups, "IpPermissionsEgress") - {impossible}
    problems = [f"let out: {each}" for each in sorted(map(str, found))]
    return judged(problems, fix=subject.restore)
