"""An account into which everything can be deployed, to be made wrong in one thing at a time."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.account.credentials.identity import Caller
from pinekeep.model.arns import role_arn
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.config.private_link import ExistingVpc, PrivateLink
from pinekeep.model.config.storage import AdoptedBucket
from pinekeep.model.customers.packing import Packing, pack
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.facts.bootstrap import ASSUMED
from pinekeep.model.policies.key import key_policy
from pinekeep.operations.preflight.check import Demand, Session, Subject
from pinekeep.operations.preflight.inventory import Count, Decision, DryRun, Seen
from pinekeep.operations.preflight.preflight import check, demand_of
from pinekeep.operations.preflight.simulation import bootstrap_role
from pinekeep.operations.verification.checks.finding import Finding
from tests.operations.verification.conftest import ACCOUNT, EXTERNAL_ID, KEY_ARN, PINECONE, merged

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
VPC = "vpc-0a1b2c3d"
CLIENT_VPC = "vpc-9f8e7d6c"
SUBNETS = ("subnet-0a1b2c3d", "subnet-1a2b3c4d")
GROUP = "sg-0c11e475"
OWN_GROUP = "sg-0a0b0c0d"
ENDPOINT = "vpce-0123456789abcdef0"
DNS_NAME = "vpce-0123456789abcdef0-abcdefgh.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com"
HOSTED_ZONE = "Z0123456789ABCDEFGHIJ"
PROFILE = "rp-0123456789abcdef"
PREFIX_LIST = "pl-0a1b2c3d4e5f60718"
ROLE = "pinekeep-prod-us-east-1"
AUDIT_KEY = KEY_ARN.replace("0f1e2d3c", "99999999")
STACK = "Pinekeep-prod-Cmek"
LINK_STACK = "Pinekeep-prod-PrivateLink"
SERVICE = pinecone.PRIVATE_LINK["us-east-1"].service_name
ZONE = pinecone.PRIVATE_LINK["us-east-1"].private_zone
NEW_VPC = {"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}
SETTINGS: dict[str, Any] = {
    "account": ACCOUNT,
    "region": "us-east-1",
    "cmek": {"trust": {"regions": ["us-east-1"], "external_id": EXTERNAL_ID}},
    "private_link": {
        "vpc": {"id": VPC, "subnet_ids": list(SUBNETS)},
        "clients": {"cidrs": ["10.0.0.0/16"], "security_group_ids": [GROUP]},
        "dns": "hosted-zone",
        "client_vpc_ids": [CLIENT_VPC],
    },
}
TAGS = [{"Key": "pinekeep:deployment", "Value": "prod"}]
ANN = Caller(account=ACCOUNT, arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/Deployers/ann")
ALL_DAY = Session(temporary=True, ends=NOW + timedelta(hours=8))


@dataclass(frozen=True)
class Scene:
    """A deployment named `prod`, and what there is before it is deployed."""

    settings: dict[str, Any]
    changes: Mapping[str, Any] = field(default_factory=dict)
    caller: Caller = ANN
    session: Session | None = ALL_DAY
    demand: Demand | None = None

    @property
    def deployment(self) -> Deployment:
        return Deployment.model_validate(self.settings)

    @property
    def customers(self) -> Packing | None:
        keys = customer_keys_of(self.deployment)
        return pack(keys) if keys else None

    @property
    def seen(self) -> Seen:
        return replace(right_seen(self.deployment), **self.changes)

    @property
    def subject(self) -> Subject:
        demand = demand_of(
            {"prod": self.deployment},
            {"prod": self.seen},
            account=ACCOUNT,
            customers={"prod": self.customers} if self.customers else {},
        )
        return Subject(
            name="prod",
            deployment=self.deployment,
            pinecone_account=PINECONE,
            caller=self.caller,
            session=self.session,
            now=NOW,
            seen=self.seen,
            customers=self.customers,
            demand=self.demand or demand,
        )

    def configured(self, **changes: Any) -> "Scene":
        """The same scene with another configuration."""
        return replace(self, settings=merged(self.settings, changes))

    def when(self, **changes: Any) -> "Scene":
        """The same scene where something else is there."""
        return replace(self, changes={**self.changes, **changes})

    def changed(self, field_name: str, **changes: Any) -> "Scene":
        """The same scene where parts of one thing are different."""
        return self.when(**{field_name: {**getattr(self.seen, field_name), **changes}})

    def deployed(self) -> "Scene":
        """The same scene with the stacks in place."""
        return self.when(
            cmek_stack=stack(STACK, "CREATE_COMPLETE"), private_link_stack=stack(LINK_STACK, "CREATE_COMPLETE")
        )

    def findings(self) -> list[Finding]:
        return check(self.subject)

    def of(self, check_id: str) -> list[Finding]:
        return [each for each in self.findings() if each.check == check_id]

    def finding(self, check_id: str) -> Finding:
        (found,) = self.of(check_id)
        return found

    def blocked(self) -> set[str]:
        """The checks that stand in the way."""
        return {each.check for each in self.findings() if each.status == "failed"}

    def refusal(self, check_id: str) -> str:
        """What the one check found that stands in the way, alone."""
        found = self.finding(check_id)
        assert found.status == "failed", found
        assert found.fix
        assert self.blocked() == {check_id}
        return found.found

    def note(self, check_id: str) -> str:
        """What the one check noted; nothing stands in the way."""
        found = self.finding(check_id)
        assert found.status == "note", found
        assert self.blocked() == set()
        return found.found


def stack(name: str, status: str, *, tags: Any = TAGS) -> dict[str, Any]:
    return {"StackName": name, "StackStatus": status, "Tags": tags}


def right_seen(deployment: Deployment) -> Seen:
    """Return what AWS says where nothing is in the way and nothing is deployed."""
    link, cmek = deployment.private_link, deployment.cmek
    vpc = link.vpc if link and isinstance(link.vpc, ExistingVpc) else None
    vpc_id = link.vpc_id if link else None
    ids = [*([vpc_id] if vpc_id else []), *(link.client_vpc_ids if link else [])]
    adopted = cmek.key.adopt if cmek else None
    return Seen(
        bootstrap="33",
        caller_decisions=[Decision("sts:AssumeRole", bootstrap_role(deployment, kind), "allowed") for kind in ASSUMED],
        assumable={"deploy": True, "file-publishing": True},
        execution_decisions=[Decision("kms:CreateKey", "*", "allowed"), Decision("ec2:DescribeVpcs", "*", "allowed")],
        roles={},
        tagged_keys=[],
        account_summary={"Roles": 12, "RolesQuota": 1000, "Policies": 3, "PoliciesQuota": 1500},
        keys=Count(7),
        key_quota=100_000.0,
        adopted_key=right_key(adopted) if adopted else None,
        adopted_key_tags={} if adopted else None,
        adopted_key_policy=adopted_policy(role_arn(account=ACCOUNT, role_name=ROLE)) if adopted else None,
        service={
            "ServiceName": SERVICE,
            "ServiceType": [{"ServiceType": "Interface"}],
            "AvailabilityZoneIds": ["use1-az1", "use1-az2", "use1-az4"],
            "AvailabilityZones": ["us-east-1c", "us-east-1a", "us-east-1b"],
            "AcceptanceRequired": False,
            "ServiceRegion": link.service_region or deployment.region if link else deployment.region,
            "SupportedIpAddressTypes": ["ipv4", "ipv6"],
            "PrivateDnsName": f"*.{ZONE}",
            "PrivateDnsNames": [{"PrivateDnsName": f"*.{ZONE}"}],
            "PrivateDnsNameVerificationState": "verified",
        },
        zones=[
            {"ZoneName": "us-east-1a", "ZoneId": "use1-az2"},
            {"ZoneName": "us-east-1b", "ZoneId": "use1-az4"},
            {"ZoneName": "us-east-1c", "ZoneId": "use1-az1"},
            {"ZoneName": "us-east-1d", "ZoneId": "use1-az6"},
        ],
        vpcs={each: {"VpcId": each, "State": "available", "OwnerId": ACCOUNT} for each in ids} if ids else None,
        dhcp_options={each: amazons_options() for each in ids} if ids else None,
        resolver_rules={},
        administrators={each: each for each in cmek.key.administrators} if cmek else None,
        boundary={"Arn": deployment.permissions_boundary},
        dns=dict.fromkeys(ids, (True, True)) if ids and link and link.resolves else None,
        subnets=[subnet(SUBNETS[0], "us-east-1a", "use1-az2"), subnet(SUBNETS[1], "us-east-1b", "use1-az4")]
        if vpc
        else None,
        endpoints=[] if vpc_id else None,
        project_endpoints=[] if link and not link.adopted else None,
        adopted_endpoint=right_endpoint(link) if link and link.adopted else None,
        endpoint_groups=[right_group(each) for each in link.security_group_ids] if link else None,
        adopted_zone=right_zone(link.hosted_zone_id, vpc_id) if link and link.hosted_zone_id else None,
        adopted_zone_records=[{"Name": f"{ZONE}.", "Type": "NS"}] if link and link.hosted_zone_id else None,
        adopted_profile={"Id": link.profile_id, "Status": "COMPLETE", "OwnerId": ACCOUNT}
        if link and link.profile_id
        else None,
        profile_associations=[] if ids and link and link.resolves else None,
        profile_zones={},
        resolver_subnets=[subnet(SUBNETS[0], "us-east-1a", "use1-az2"), subnet(SUBNETS[1], "us-east-1b", "use1-az4")]
        if link and link.resolver and link.resolver.subnet_ids
        else None,
        resolver_count=Count(1) if link and link.resolver else None,
        resolver_quota=4.0,
        hosted_zones={each: [] for each in ids} if ids else None,
        endpoint_quota=50.0,
        vpc_count=Count(2) if link and not vpc_id else None,
        vpc_quota=5.0,
        groups=[{"GroupId": GROUP, "VpcId": VPC}],
        prefix_lists=[right_list(each) for each in link.clients.prefix_list_ids] if link else None,
        endpoint_dry_run=DryRun("allowed") if vpc else None,
        **right_further(deployment),
    )


def right_further(deployment: Deployment) -> dict[str, Any]:
    """Return what is there for audit logs, storage integrations and monitoring."""
    logs, monitoring = deployment.audit_logs, deployment.monitoring
    found: dict[str, Any] = {"storage_roles": {}} if logs or deployment.storage_integrations else {}
    if logs and isinstance(logs.bucket, AdoptedBucket):
        names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": logs.bucket.kms_key}
        found |= {
            "audit_bucket": {"BucketRegion": deployment.region},
            "audit_bucket_versioning": {"Status": "Enabled"},
            "audit_bucket_lock": {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}},
            "audit_bucket_encryption": {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]},
            "audit_bucket_public_access": dict.fromkeys(names, True),
            "audit_bucket_ownership": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        }
    if monitoring and monitoring.trail_log_group:
        found["trail_log_group"] = [{"logGroupName": monitoring.trail_log_group}]
    if monitoring and monitoring.topic:
        senders = {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]}
        allowed = {"Effect": "Allow", "Principal": senders, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}
        found["topic"] = {"TopicArn": monitoring.topic, "KmsMasterKeyId": AUDIT_KEY}
        found["topic_key_policy"] = json.dumps({"Statement": [{**allowed, "Resource": "*"}]})
    return found


def amazons_options(options_id: str = "dopt-1") -> dict[str, Any]:
    servers = {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}
    return {"DhcpOptionsId": options_id, "DhcpConfigurations": [servers]}


def subnet(subnet_id: str, zone: str, zone_id: str, **changes: Any) -> dict[str, Any]:
    base = {"SubnetId": subnet_id, "VpcId": VPC, "AvailabilityZone": zone, "AvailabilityZoneId": zone_id}
    ipv6 = [{"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}}]
    return {
        **base,
        "State": "available",
        "AvailableIpAddressCount": 251,
        "Ipv6CidrBlockAssociationSet": ipv6,
        **changes,
    }


def right_endpoint(link: PrivateLink, **changes: Any) -> dict[str, Any]:
    base = {"VpcEndpointId": ENDPOINT, "VpcId": VPC, "ServiceName": SERVICE, "State": "available"}
    entries = [{"DnsName": DNS_NAME, "HostedZoneId": "Z7HUB22UULQXV"}]
    more = {"VpcEndpointType": "Interface", "PrivateDnsEnabled": link.has_private_dns, "DnsEntries": entries}
    return {**base, **more, **changes}


def right_group(group_id: str, *peers: str, vpc_id: str = VPC) -> dict[str, Any]:
    ranges = [{"CidrIp": each} for each in peers or ("10.0.0.0/16",)]
    allowed = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}
    return {"GroupId": group_id, "VpcId": vpc_id, "IpPermissions": [allowed]}


def right_zone(zone_id: str, *vpcs: str | None, name: str = f"{ZONE}.", private: bool = True) -> dict[str, Any]:
    hosted = {"Id": f"/hostedzone/{zone_id}", "Name": name, "Config": {"PrivateZone": private}}
    return {"HostedZone": hosted, "VPCs": [{"VPCId": each, "VPCRegion": "us-east-1"} for each in vpcs]}


def right_list(prefix_list_id: str, **changes: Any) -> dict[str, Any]:
    base = {"PrefixListId": prefix_list_id, "PrefixListName": "offices", "AddressFamily": "IPv4", "MaxEntries": 20}
    return {**base, "State": "create-complete", **changes}


def right_key(arn: str) -> dict[str, Any]:
    return {
        "Arn": arn,
        "KeyState": "Enabled",
        "KeyManager": "CUSTOMER",
        "KeySpec": aws.KEY_SPEC,
        "KeyUsage": aws.KEY_USAGE,
        "Origin": aws.KEY_ORIGIN,
        "MultiRegion": False,
    }


def adopted_policy(role: str) -> str:
    return json.dumps(key_policy(account=ACCOUNT, administrators=[], role=role))


@pytest.fixture
def scene() -> Scene:
    return Scene(SETTINGS)


@pytest.fixture
def adopting(scene: Scene) -> Scene:
    return scene.configured(cmek={"key": {"adopt": KEY_ARN}})


@pytest.fixture
def bounded(scene: Scene) -> Scene:
    return scene.configured(
        permissions_boundary="arn:aws:iam::aws:policy/PowerUserAccess",
        cmek={"key": {"administrators": [f"arn:aws:iam::{ACCOUNT}:role/KeyAdmins"]}},
    )


@pytest.fixture
def listing(scene: Scene) -> Scene:
    return scene.configured(private_link={"clients": {"prefix_list_ids": [PREFIX_LIST]}})


@pytest.fixture
def new_vpc(scene: Scene) -> Scene:
    return scene.configured(
        private_link={
            "vpc": NEW_VPC,
            "clients": {"security_group_ids": []},
            "client_vpc_ids": [],
            "dns": "endpoint",
        }
    )


@pytest.fixture
def profiled(scene: Scene) -> Scene:
    """A zone and a Profile that exist."""
    return scene.configured(private_link={"dns": "profile", "hosted_zone_id": HOSTED_ZONE, "profile_id": PROFILE})


@pytest.fixture
def taken_over(scene: Scene) -> Scene:
    """An adopted endpoint, with an inbound resolver."""
    settings = deepcopy(scene.settings)
    settings["private_link"] = {
        "vpc": {"id": VPC, "adopt": ENDPOINT, "dns_name": DNS_NAME, "dns_hosted_zone_id": "Z7HUB22UULQXV"},
        "dns": "resolver-inbound",
        "resolver": {"client_cidrs": ["192.168.0.0/24"], "subnet_ids": list(SUBNETS)},
    }
    return replace(scene, settings=settings)


@pytest.fixture
def guarded(scene: Scene) -> Scene:
    """A dual-stack endpoint with security groups that exist."""
    nobody: dict[str, list[str]] = {"cidrs": [], "security_group_ids": []}
    link = {"clients": nobody, "security_group_ids": [OWN_GROUP]}
    return scene.configured(private_link={**link, "ip_address_type": "dualstack"})


@pytest.fixture
def watched(scene: Scene) -> Scene:
    """With an audit bucket, and monitoring in a Region that does not receive the events of global services."""
    return scene.configured(
        region="eu-west-1",
        audit_logs={"bucket": {"name": "prod-audit-logs", "lock": "none"}},
        monitoring={"emails": ["ops@example.com"]},
    )


@pytest.fixture
def keeping(scene: Scene) -> Scene:
    """With an audit bucket, a topic and the log group of a trail that exist."""
    return scene.configured(
        audit_logs={"bucket": {"adopt": "prod-audit-logs", "kms_key": AUDIT_KEY}},
        monitoring={
            "topic": f"arn:aws:sns:us-east-1:{ACCOUNT}:ops",
            "denied_use": "metric-filter",
            "trail_log_group": "management-events",
        },
    )


@pytest.fixture
def shapes(
    scene: Scene,
    adopting: Scene,
    new_vpc: Scene,
    listing: Scene,
    bounded: Scene,
    profiled: Scene,
    taken_over: Scene,
    guarded: Scene,
    watched: Scene,
    keeping: Scene,
) -> tuple[Scene, ...]:
    """One scene of each kind."""
    return scene, adopting, new_vpc, listing, bounded, profiled, taken_over, guarded, watched, keeping
