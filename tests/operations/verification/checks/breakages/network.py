"""What somebody may do by hand to the endpoint, its network and its names, and what `verify` says of it."""

import json
from collections.abc import Iterator

from tests.operations.verification.checks.breakages.changes import (
    NOBODY,
    REVERT,
    ZONE,
    Row,
    also_vpc,
    group,
    live,
    of,
    policy,
    record,
)
from tests.operations.verification.conftest import REGIONAL, acl_rule, network_acl


def network_rows() -> Iterator[Row]:
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
        found="also allowed",
        meaning="Clients reach Pinecone as before",
        fix=REVERT,
        never=("missing", "cannot reach"),
    )
    yield Row(
        what="every port",
        change=group(cidrs=("10.0.0.0/16",), FromPort=0, ToPort=65535),
        check=clients,
        status="failed",
        found="also allowed",
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
        meaning="not allowed cannot reach Pinecone",
        fix=REVERT,
        never=("as before", "too"),
    )
    yield Row(
        what="a network that is let in anyway",
        change=group(cidrs=("10.0.0.0/16", "10.0.1.0/24")),
        check=clients,
        status="note",
        found="which is allowed anyway",
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


def dns_rows() -> Iterator[Row]:
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
