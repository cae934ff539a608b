"""The interface endpoint: state, endpoint service, VPC and subnets, and settings.

Sources: "Control access to VPC endpoints using endpoint policies" and "VpcEndpoint" of the EC2 API reference
(docs.aws.amazon.com, checked 2026-11-29): an endpoint policy holds requests to AWS services alone.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pinekeep.account.reads.answers import physical_ids
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import endpoint_service_of
from pinekeep.model.config.private_link import AdoptedEndpoint, ExistingVpc
from pinekeep.model.facts import pinecone
from pinekeep.model.policies.compare import EVERYONE, PolicyFormatError, parse
from pinekeep.operations.verification.checks.check import Subject, registry, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed
from pinekeep.operations.verification.checks.role import tags

AVAILABLE: Final = "available"

_MAKE_ANEW: Final = (
    "it cannot be recovered: delete it (aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {endpoint} --region {region}), "
    "then create another: {anew}"
)

_IN_MORE: Final = (
    "Clients reach Pinecone as before; the endpoint has addresses in a subnet that nobody configured, and costs more."
)
_NOTHING_YET: Final = "Nothing gets through the endpoint to Pinecone yet."
_NOTHING: Final = "Nothing gets through the endpoint to Pinecone, and it will not come back."

STATES: Final = {
    "pendingAcceptance": (
        "Pinecone has not accepted the connection yet",
        f"register the endpoint in Pinecone: {pinecone.ENDPOINT_CONSOLE_PATH}; if it stays so, ask Pinecone's support",
        "Nothing gets through the endpoint until Pinecone accepts it.",
    ),
    "pending": ("it is being created", "wait a few minutes, then verify again", _NOTHING_YET),
    AVAILABLE: ("it works", None, None),
    "deleting": ("it is being deleted", f"find out who; then {_MAKE_ANEW}", _NOTHING),
    "deleted": ("it was deleted", _MAKE_ANEW, _NOTHING),
    "rejected": ("Pinecone rejected the connection", f"ask Pinecone's support why; then {_MAKE_ANEW}", _NOTHING),
    "failed": ("it could not be created", f"see the stack's events; then {_MAKE_ANEW}", _NOTHING),
    "expired": ("Pinecone did not accept the connection in time", _MAKE_ANEW, _NOTHING),
    "partial": (
        "it works in some of its subnets only",
        "see in the VPC console which network interface is missing; take that subnet out, or ask AWS",
        "Clients reach Pinecone through some zones and not through others.",
    ),
}
"""What each of facts.aws.ENDPOINT_STATES is, what to do where something is to be done, and what it means."""

_BY_LOWER: Final = {state.lower(): state for state in STATES}
"""The service writes a state's first letter now small, now capital."""


def anew(subject: Subject) -> str:
    """Return how another endpoint is made in the place of one that is gone, and what is to be done with it."""
    if subject.link.adopted:
        return (
            f"create one, write its ID under private_link.vpc.adopt, {subject.run('deploy')}, register it in Pinecone "
            f"({pinecone.ENDPOINT_CONSOLE_PATH}), and record it: {subject.run('handoff --record')}"
        )
    return (
        f"{subject.run('deploy --revert-drift')}, register the new endpoint in Pinecone "
        f"({pinecone.ENDPOINT_CONSOLE_PATH}), and record it: {subject.run('handoff --record')}"
    )


def _make_anew(subject: Subject, endpoint: Document, fix: str = _MAKE_ANEW) -> str:
    return fix.format(endpoint=endpoint["VpcEndpointId"], region=subject.region, anew=anew(subject))


CHECKS: Final = registry(applies=with_link)


@CHECKS.add(
    id="endpoint-exists",
    title="The endpoint",
    wanted="the endpoint of the stack",
    meaning="Clients have no private connection to Pinecone, and Pinecone has an endpoint registered that no "
    "longer exists.",
    sees_absence=True,
    promised=True,
)
def _exists(subject: Subject, endpoint: Document | None, private_link_stack: Document | None) -> Verdict:
    if endpoint is not None:
        return passed(endpoint["VpcEndpointId"])
    found = "there is no endpoint" if private_link_stack is None else "the stack's endpoint is gone"
    fix = subject.make(None) if private_link_stack is None else f"create another: {anew(subject)}"
    return failed(found, fix=fix)


@CHECKS.add(
    id="endpoint-state",
    title="State of the endpoint",
    wanted=AVAILABLE,
    meaning="Nothing, or not everything, gets through the endpoint to Pinecone.",
)
def _state(subject: Subject, endpoint: Document) -> Verdict:
    found = str(endpoint.get("State"))
    name = _BY_LOWER.get(found.lower(), found)
    words, fix, meaning = STATES.get(name, ("an unknown state", "look at it in the VPC console", None))
    if fix is None:
        return passed(name)
    error = (endpoint.get("LastError") or {}).get("Code")
    found = f"{name}: {words}" + (f" ({error})" if error else "")
    return failed(found, fix=_make_anew(subject, endpoint, fix), meaning=meaning)


@CHECKS.add(
    id="endpoint-service",
    title="Endpoint service of the endpoint",
    wanted="an interface endpoint to Pinecone's endpoint service of the Region",
    meaning="The endpoint leads somewhere else than to the Region's Pinecone indexes.",
    promised=True,
)
def _service(subject: Subject, endpoint: Document) -> Verdict:
    wanted = endpoint_service_of(subject.deployment).service_name
    problems: list[str] = []
    if endpoint["ServiceName"] != wanted:
        problems.append(f"it leads to {endpoint['ServiceName']}")
    if endpoint.get("VpcEndpointType") != "Interface":
        problems.append(f"it is of type {endpoint.get('VpcEndpointType')}, not Interface")
    fix = f"neither can be changed in an endpoint; {_make_anew(subject, endpoint)}"
    return judged(problems, wanted=wanted, fix=fix)


@CHECKS.add(
    id="endpoint-place",
    title="VPC and subnets of the endpoint",
    wanted="the configured VPC and subnets",
    meaning="Clients in a missing subnet's zone lose the way to Pinecone, or others have gained one.",
    promised=True,
)
def _place(subject: Subject, endpoint: Document, private_link_resources: list[Document]) -> Verdict:
    vpc = subject.link.vpc
    if isinstance(vpc, AdoptedEndpoint):
        elsewhere = [] if endpoint["VpcId"] == vpc.id else [f"it is in {endpoint['VpcId']}"]
        return judged(elsewhere, wanted=vpc.id, fix="write the endpoint's VPC under private_link.vpc.id")
    if isinstance(vpc, ExistingVpc):
        vpc_ids, subnet_ids, count = [vpc.id], list(vpc.subnet_ids), len(vpc.subnet_ids)
    else:
        vpc_ids = physical_ids(private_link_resources, "AWS::EC2::VPC")
        subnet_ids = physical_ids(private_link_resources, "AWS::EC2::Subnet")
        count = len(vpc.availability_zones)
    found = set(endpoint.get("SubnetIds") or [])
    problems: list[str] = []
    if endpoint["VpcId"] not in vpc_ids:
        problems.append(f"it is in {endpoint['VpcId']}, not in {_listed(vpc_ids) or 'a VPC of the stack'}")
    if len(subnet_ids) != count:
        problems.append(f"the stack has {len(subnet_ids)} subnets, the configuration {count}")
    further = [f"it is in {each} too" for each in sorted(found - set(subnet_ids))]
    missing = [f"it is not in {each}" for each in sorted(set(subnet_ids) - found)]
    alone = bool(further) and not missing and not problems
    problems += [*further, *missing]
    wanted = f"{_listed(vpc_ids) or 'a VPC of the stack'}, {_listed(sorted(subnet_ids)) or f'{count} subnets'}"
    return judged(
        problems,
        wanted=wanted,
        fix=f"if the configuration was changed: {subject.run('deploy')}; if the endpoint was, {subject.restore}",
        meaning=_IN_MORE if alone else None,
    )


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)


ADDRESS_TYPE: Final = "ipv4"


@CHECKS.add(
    id="endpoint-settings",
    title="Settings of the endpoint",
    wanted="address type, DNS options, endpoint policy and tags as in the template",
    meaning="It is noted: the security group alone says who may reach Pinecone through the endpoint.",
)
def _settings(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    # The settings of an adopted endpoint are its owner's, save for what keeps clients from it.
    parts = (_policy, _dns_options) if subject.link.adopted else (_policy, _address_type, _dns_options, _tags)
    yield from [verdict for part in parts for verdict in part(subject, endpoint)] or [passed()]


def _modify(subject: Subject, endpoint: Document, option: str) -> str:
    where = f"--vpc-endpoint-id {endpoint['VpcEndpointId']} --region {subject.region}"
    return f"aws ec2 modify-vpc-endpoint {where} {option}"


def _policy(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    document = endpoint.get("PolicyDocument")
    if document is None or _gives_full_access(document):
        return
    yield noted(
        "the endpoint has a policy of its own",
        wanted="full access, the default",
        what="Policy of the endpoint",
        fix=_modify(subject, endpoint, "--reset-policy"),
        meaning="It keeps nobody out: an endpoint policy does nothing for a service that is not AWS's own. The "
        "security group says who may reach Pinecone.",
    )


def _gives_full_access(document: Any) -> bool:
    try:
        found = parse(document if isinstance(document, str) else json.dumps(document))
    except PolicyFormatError:
        return False
    everything = frozenset({EVERYONE})
    return len(found) == 1 and all(
        each.allows and each.principals == each.actions == each.resources == everything and not each.conditions
        for each in found
    )


def _address_type(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    found, wanted = str(endpoint.get("IpAddressType") or ADDRESS_TYPE).lower(), subject.link.ip_address_type
    if found == wanted:
        return
    lacks_ipv4 = found == "ipv6"
    yield noted(
        f"the endpoint's addresses are of type {found}",
        wanted=f"addresses of type {wanted}",
        what="Address type of the endpoint",
        fix=_modify(subject, endpoint, f"--ip-address-type {wanted}"),
        meaning="Clients with IPv4 alone have no way to the endpoint."
        if lacks_ipv4
        else "Clients with IPv6 alone have no way to the endpoint."
        if wanted == "dualstack"
        else "IPv4 works on; the security group's rules for IPv4 networks say nothing about clients with IPv6.",
    )


def _dns_options(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    options = endpoint.get("DnsOptions") or {}
    kind = str(options.get("DnsRecordIpType") or ADDRESS_TYPE).lower()
    wanted = subject.link.ip_address_type
    if kind not in (wanted, "service-defined") and not subject.link.adopted:
        yield noted(
            f"the endpoint's names have records of type {kind}",
            wanted=f"records of type {wanted}",
            what="DNS records of the endpoint",
            fix=_modify(subject, endpoint, f"--dns-options DnsRecordIpType={wanted}"),
            meaning="Clients that ask for an address of another type find none, or one that they cannot reach.",
        )
    if options.get("PrivateDnsOnlyForInboundResolverEndpoint"):
        yield noted(
            "the private DNS name answers through inbound Resolver endpoints alone",
            wanted="the private DNS name answers in the whole VPC",
            what="Private DNS of the endpoint",
            fix=_modify(subject, endpoint, "--dns-options PrivateDnsOnlyForInboundResolverEndpoint=false"),
            meaning="Clients in the VPC find Pinecone's public addresses; those on premises find the endpoint.",
        )


def _tags(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    yield from tags(
        subject,
        {str(each["Key"]): str(each["Value"]) for each in endpoint.get("Tags") or []},
        what="Tags of the endpoint",
        command=f"aws ec2 create-tags --resources {endpoint['VpcEndpointId']} --region {subject.region} --tags",
    )
