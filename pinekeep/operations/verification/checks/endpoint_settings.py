"""Settings of the endpoint besides where it is and what it leads to: each is noted, with what it means.

Sources: "Control access to VPC endpoints using endpoint policies" and "VpcEndpoint" of the EC2 API reference
(docs.aws.amazon.com, checked 2026-11-29): an endpoint policy holds requests to AWS services alone.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.model.policies.compare import EVERYONE, PolicyFormatError, parse
from pinekeep.operations.verification.checks.check import Subject, registry, with_link
from pinekeep.operations.verification.checks.finding import Verdict, noted, passed
from pinekeep.operations.verification.checks.role_settings import tags

ADDRESS_TYPE: Final = "ipv4"


CHECKS: Final = registry()


@CHECKS.add(
    id="endpoint-settings",
    title="Settings of the endpoint",
    wanted="address type, DNS options, endpoint policy and tags as in the template",
    meaning="It is noted: the security group alone says who may reach Pinecone through the endpoint.",
    reads=("endpoint",),
    applies=with_link,
)
def _settings(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    verdicts = [
        *_policy(subject, endpoint),
        *_address_type(subject, endpoint),
        *_dns_options(subject, endpoint),
        *_tags(subject, endpoint),
    ]
    yield from verdicts or [passed()]


def _modify(subject: Subject, endpoint: Document, option: str) -> str:
    where = f"--vpc-endpoint-id {endpoint['VpcEndpointId']} --region {subject.deployment.region}"
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
        meaning="It keeps nobody out: an endpoint policy does nothing for a service that is not "
        "AWS's own. The security "
        "group says who may reach Pinecone.",
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
    found = str(endpoint.get("IpAddressType") or ADDRESS_TYPE).lower()
    if found == ADDRESS_TYPE:
        return
    lacks_ipv4 = found == "ipv6"
    yield noted(
        f"the endpoint's addresses are of type {found}",
        wanted=f"addresses of type {ADDRESS_TYPE}",
        what="Address type of the endpoint",
        fix=_modify(subject, endpoint, f"--ip-address-type {ADDRESS_TYPE}"),
        meaning="Clients with IPv4 alone have no way to the endpoint."
        if lacks_ipv4
        else "IPv4 works on; the security group's rules for IPv4 networks say nothing about clients with IPv6.",
    )


def _dns_options(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    options = endpoint.get("DnsOptions") or {}
    kind = str(options.get("DnsRecordIpType") or ADDRESS_TYPE).lower()
    if kind not in (ADDRESS_TYPE, "service-defined"):
        yield noted(
            f"the endpoint's names have records of type {kind}",
            wanted=f"records of type {ADDRESS_TYPE}",
            what="DNS records of the endpoint",
            fix=_modify(subject, endpoint, f"--dns-options DnsRecordIpType={ADDRESS_TYPE}"),
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
        command=f"aws ec2 create-tags --resources {endpoint['VpcEndpointId']} --region {subject.deployment.region} "
        "--tags",
    )
