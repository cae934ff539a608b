"""Who resolves Pinecone's private names by a deployment's DNS, and the steps of a change that keeps it so. Pure.

A VPC takes one private zone of a name, and the endpoint's private DNS name is one. CloudFormation creates and updates
before it deletes. So a name is resolved throughout a deployment where an answer exists before and after, or where the
old one goes with the deletion of its resource.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pinekeep.model.naming import Output, bridge_zone

OUTSIDE: Final = "DNS servers outside AWS"
"""The clients of an inbound resolver."""

Template = Mapping[str, Any]


class Answer(StrEnum):
    """What answers a query for one of the names."""

    PRIVATE_DNS = "the endpoint's private DNS name"
    ZONE = "the private hosted zone"
    BRIDGE = "the bridge zone"
    PROFILE = "the Route 53 Profile"
    RESOLVER = "the inbound resolver"


@dataclass(frozen=True)
class Resolution:
    """The answers that each client gets: of a VPC by its ID, of a VPC that the stack creates, or of :data:`OUTSIDE`.

    ``zone``: the DNS zone of the names.
    """

    zone: str | None = None
    answers: Mapping[str, frozenset[Answer]] = field(default_factory=dict)

    @property
    def mode(self) -> str:
        """The ``dns`` of the configuration that has these answers."""
        found = frozenset[Answer]().union(*self.answers.values())
        if Answer.PRIVATE_DNS in found:
            return "resolver-inbound" if Answer.RESOLVER in found else "endpoint"
        if Answer.ZONE in found:
            return "profile" if Answer.PROFILE in found else "hosted-zone"
        return "none"

    @property
    def has_bridge(self) -> bool:
        """Whether the bridge zone answers."""
        return any(Answer.BRIDGE in each for each in self.answers.values())


@dataclass(frozen=True)
class Step:
    """One deployment on the way from a DNS mode to another, as the file has it."""

    dns: str
    bridge: bool = False
    moved: bool = False

    def __str__(self) -> str:
        settings = [f"dns: {self.dns}"]
        settings += ["dns_bridge: true"] if self.bridge else []
        settings += ["dns_moved: true"] if self.moved else []
        return ", ".join(settings)


_RESOURCES: Final = (Answer.ZONE, Answer.BRIDGE, Answer.RESOLVER)
"""The answers that are resources. The private DNS name is a property, which is updated."""
_PRIVATE: Final = ("endpoint", "resolver-inbound")
_AT_ONCE: Final = (("endpoint", "resolver-inbound"), ("profile", "hosted-zone"))
"""The changes in which every answer stays, or goes last."""
MODES: Final = ("endpoint", "resolver-inbound", "hosted-zone", "profile", "none")


def steps(before: str, after: str) -> list[Step]:
    """Return the deployments that lead from a DNS mode to another while the names keep resolving.

    ``moved`` where it takes the word of the user that clients no longer need what is removed: those outside AWS, or
    those in further VPCs, which the endpoint's private DNS name does not reach.
    """
    if before in (after, "none") or (before, after) in _AT_ONCE:
        return [Step(after)]
    if after == "none" or (before, after) == ("resolver-inbound", "endpoint"):
        return [Step(after, moved=True)]
    if after in _PRIVATE:
        return [Step("none", bridge=True), Step(after, moved=True)]
    return [Step(before, bridge=True), Step(after, moved=before == "resolver-inbound")]


def next_step(before: Resolution, after: str) -> Step | None:
    """Return the first step that is left of a change of the mode; None where no step in between helps."""
    wanted = steps(before.mode, after)
    if before.has_bridge and wanted[0] == Step(before.mode, bridge=True):
        wanted = wanted[1:]
    return wanted[0] if len(wanted) > 1 or wanted[0].moved else None


def resolution_of(template: Template | None) -> Resolution:
    """Return the answers that a template of the endpoint's stack defines; none where there is no template."""
    outputs = (template or {}).get("Outputs") or {}
    zone = (outputs.get(Output.PRIVATE_DNS_ZONE) or {}).get("Value")
    if not isinstance(zone, str):
        return Resolution()
    found: dict[str, set[Answer]] = {}
    for client, answer in _answers(template or {}, zone):
        found.setdefault(client, set()).add(answer)
    return Resolution(zone, {client: frozenset(each) for client, each in found.items()})


def lost(before: Resolution, after: Resolution) -> dict[str, bool]:
    """Return the clients that would not resolve the names, each with whether they would again at the end."""
    if before.zone != after.zone:  # other names: nothing that answered stays
        return dict.fromkeys(before.answers, False)
    remaining = frozenset[Answer]().union(*after.answers.values())
    found: dict[str, bool] = {}
    for client, each in before.answers.items():
        now = after.answers.get(client, frozenset())
        deleted_last = {answer for answer in each if answer in _RESOURCES and answer not in remaining}
        if Answer.PROFILE in each:  # each association is a resource of its own
            deleted_last.add(Answer.PROFILE)
        if not each & now and not (deleted_last and now):
            found[client] = bool(now)
    return found


def conflicts(before: Resolution, after: Resolution) -> list[str]:
    """Return the VPCs in which the private DNS name would be enabled while the private hosted zone is still there."""
    if before.zone != after.zone:
        return []
    return [
        client
        for client, each in after.answers.items()
        if Answer.PRIVATE_DNS in each and Answer.ZONE in before.answers.get(client, frozenset())
    ]


def _answers(template: Template, zone: str) -> Iterator[tuple[str, Answer]]:
    own = _client(((template["Outputs"].get(Output.VPC_ID)) or {}).get("Value"))
    serving = ((template["Outputs"].get(Output.VPC_ENDPOINT_ID)) or {}).get("Value")
    for name, each in (template.get("Resources") or {}).items():
        settings = each.get("Properties") or {}
        match each.get("Type"):
            case "AWS::EC2::VPCEndpoint" if serving == {"Ref": name} and settings.get("PrivateDnsEnabled"):
                yield own, Answer.PRIVATE_DNS
            case "AWS::Route53::HostedZone" if settings.get("Name") in (zone, bridge_zone(zone)):
                answer = Answer.ZONE if settings["Name"] == zone else Answer.BRIDGE
                yield from ((_client(vpc.get("VPCId")), answer) for vpc in settings.get("VPCs") or ())
            case "AWS::Route53::RecordSet" if isinstance(settings.get("HostedZoneId"), str):
                # A zone that exists already; its VPCs are associated outside of the stack.
                yield f"the VPCs of hosted zone {settings['HostedZoneId']}", Answer.ZONE
            case "AWS::Route53Profiles::ProfileAssociation":
                yield _client(settings.get("ResourceId")), Answer.PROFILE
            case "AWS::Route53Resolver::ResolverEndpoint":
                yield OUTSIDE, Answer.RESOLVER
            case _:
                pass


def _client(vpc: Any) -> str:
    """Return the name of a VPC's clients. A VPC that the stack creates is the endpoint's own."""
    if isinstance(vpc, str):
        return vpc
    return "the endpoint's VPC" if isinstance(vpc, Mapping) and "Ref" in vpc else json.dumps(vpc, sort_keys=True)
