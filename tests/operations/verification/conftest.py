"""A deployment in which everything is right, to be made wrong in one thing at a time."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.account.reads.live import Live, LiveRole, Unreadable
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.config.models import alias_of, private_zone_of, role_arn_of
from pinekeep.model.config.private_link import ExistingVpc, PrivateLink
from pinekeep.model.customers.packing import Packing, pack
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.naming import DEPLOYMENT_TAG, role_description
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.permissions import customer_keys_policy
from pinekeep.model.policies.stack import stack_policy
from pinekeep.model.policies.trust import trust_policy
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import check
from tests.operations.verification.monitoring_live import right_monitoring

ACCOUNT = "111122223333"
PINECONE = "444455556666"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
EVENT_ID = "5c1d3a52-8f0e-4c44-9d8a-2f6f0b0c7e11"
KEY_ID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY_ID}"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/KeyAdministrators"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/pinekeep-prod-us-east-1"
RECORD = "/pinekeep/prod/handed-over"
REVOCATION = "/pinekeep/prod/revocation"
REGIONAL = "vpce-0123456789abcdef0-a1b2c3d4.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FULL_ACCESS = {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}
SETTINGS: dict[str, Any] = {
    "account": ACCOUNT,
    "region": "us-east-1",
    "cmek": {
        "trust": {"regions": ["us-east-1", "us-west-2"], "external_id": EXTERNAL_ID},
        "key": {"rotation_days": 180, "administrators": [ADMINISTRATOR]},
    },
    "private_link": {
        "vpc": {"id": "vpc-0a1b2c3d", "subnet_ids": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]},
        "clients": {"cidrs": ["10.0.0.0/16"], "security_group_ids": ["sg-0c11e475"]},
        "dns": "hosted-zone",
        "client_vpc_ids": ["vpc-9f8e7d6c"],
    },
}


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with changes: a mapping changes single settings, save for a VPC."""
    result = deepcopy(dict(base))
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping) and key != "vpc"
        result[key] = merged(result[key], value) if both else value
    return result


@dataclass(frozen=True)
class World:
    """A deployment named `prod`, and what is live of it."""

    settings: dict[str, Any]
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def deployment(self) -> Deployment:
        return Deployment.model_validate(self.settings)

    @property
    def live(self) -> Live:
        right = right_live(self.deployment, self.customers)
        found = replace(right, **self.changes)
        if "endpoints" in self.changes:
            return found
        known = right.endpoint if isinstance(found.endpoint, Unreadable) else found.endpoint
        return replace(found, endpoints=[known] if isinstance(known, dict) else None)

    @property
    def customers(self) -> Packing | None:
        cmek = self.deployment.cmek
        if cmek is None or not cmek.customer_keys:
            return None
        return pack(customer_keys_of(self.deployment), describe=cmek.describe_customer_keys)

    def configured(self, **changes: Any) -> "World":
        """The same world with another configuration, deployed."""
        return replace(self, settings=merged(self.settings, changes))

    def when(self, **changes: Any) -> "World":
        """The same world where something else is live."""
        return replace(self, changes={**self.changes, **changes})

    def changed(self, field_name: str, **changes: Any) -> "World":
        """The same world where parts of one live thing are different."""
        return self.when(**{field_name: {**getattr(self.live, field_name), **changes}})

    def trusting(self, change: Callable[[dict[str, Any]], Any]) -> "World":
        """The same world with another trust policy."""
        live: Any = self.live
        document = deepcopy(live.role["AssumeRolePolicyDocument"])
        return self.changed("role", AssumeRolePolicyDocument=change(document) or document)

    def keyed(self, change: Callable[[list[dict[str, Any]]], Any]) -> "World":
        """The same world with another key policy."""
        document = json.loads(str(self.live.key_policy))
        change(document["Statement"])
        return self.when(key_policy=json.dumps(document))

    def findings(self) -> list[Finding]:
        return check(
            name="prod",
            deployment=self.deployment,
            pinecone_account=PINECONE,
            live=self.live,
            customers=self.customers,
            now=NOW,
        )

    def finding(self, check_id: str, *, what: str = "") -> Finding:
        (found,) = [each for each in self.findings() if each.check == check_id and what in each.what]
        return found

    def failure(self, check_id: str) -> str:
        """What the one failed check found."""
        found = self.finding(check_id)
        assert found.status == "failed", found
        assert found.fix
        return found.found

    def failures(self) -> set[str]:
        """The checks that failed, save those that look at what others look at, all together."""
        return {each for each in self.all_failures() if not each.startswith(("decisions-", "handed-over-"))}

    def all_failures(self) -> set[str]:
        """The checks that failed."""
        return {each.check for each in self.findings() if each.status == "failed"}


def right_live(deployment: Deployment, customers: Packing | None) -> Live:
    """Return what AWS says of a deployment in which everything is right."""
    found = right_cmek(deployment) | right_roles(deployment, customers) | right_link(deployment)
    found |= right_record(deployment, found) | right_activity(found) | right_monitoring(deployment, found, NOW)
    found["stack_policy"] = json.dumps(stack_policy()) if deployment.cmek else None
    for role in found.get("further_roles", ()):
        arn = role.role["Arn"]
        suffix = arn.rpartition("-")[2]
        found["cmek_stack"]["Outputs"].append({"OutputKey": f"RoleArn{suffix}", "OutputValue": arn})
    return Live(**found)


def right_record(deployment: Deployment, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a handover of what is live."""
    given = {"version": 1, "deployment": "prod", "recorded_at": "2026-11-01T09:00:00+00:00", "recorded_by": "somebody"}
    if deployment.cmek is not None:
        given |= {"role_arn": role_arn_of("prod", deployment), "external_id": deployment.cmek.trust.external_id}
    if found.get("key"):
        given["key_arn"] = found["key"]["Arn"]
    if found.get("endpoint"):
        given["endpoint_id"] = found["endpoint"]["VpcEndpointId"]
    return {"parameters": {RECORD: parameter(RECORD, given)}}


def parameter(name: str, document: Any) -> dict[str, Any]:
    """Return a parameter as GetParameters gives it."""
    return {"Name": name, "Value": json.dumps(document), "Version": 1}


def right_activity(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a use of the key by a session of the role, an hour ago, as CloudTrail and as KMS report it."""
    at = NOW - timedelta(hours=1)
    last = {"Operation": "Decrypt", "Timestamp": at, "CloudTrailEventId": EVENT_ID}
    usage = {"TrackingStartDate": NOW - timedelta(days=90), "KeyCreationDate": NOW - timedelta(days=30)}
    used = {"activity": {"Events": [event("Decrypt")]}, "last_usage": {**usage, "KeyLastUsage": last}}
    return used if found.get("key") else {}


def event(name: str, *, ago: timedelta = timedelta(hours=1), role: str | None = ROLE_ARN, **record: Any) -> Any:
    """Return a call about the key as LookupEvents gives it, by a session of a role or by a user."""
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{(role or '').rpartition('/')[2]}/pinecone"
    who: dict[str, Any] = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/somebody"}
    if role is not None:
        issuer = {"type": "Role", "arn": role, "userName": role.rpartition("/")[2]}
        who = {"type": "AssumedRole", "arn": session, "sessionContext": {"sessionIssuer": issuer}}
    at = NOW - ago
    told = {
        "eventVersion": "1.11",
        "userIdentity": who,
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventID": EVENT_ID,
        "eventSource": "kms.amazonaws.com",
        "eventName": name,
        "resources": [{"ARN": KEY_ARN, "accountId": ACCOUNT, "type": "AWS::KMS::Key"}],
        **record,
    }
    return {"EventName": name, "EventTime": at, "CloudTrailEvent": json.dumps(told)}


def right_roles(deployment: Deployment, customers: Packing | None) -> dict[str, Any]:
    """Return the roles: the first by the names of its values, the others in a tuple."""
    cmek = deployment.cmek
    if cmek is None:
        return {}
    trust = trust_policy(
        pinecone_account=PINECONE,
        regions=cmek.trust.regions,
        external_id=cmek.trust.presented_id,
        form=cmek.trust.form,
    )
    roles: list[dict[str, Any]] = []
    for number, policies in enumerate([each.policies for each in customers.roles] if customers else [()], start=1):
        arn = role_arn_of("prod", deployment) + ("" if number == 1 else f"-{number}")
        documents = {
            f"{arn.replace(':role/', ':policy/')}-keys-{index}": customer_keys_policy(
                resources, describe=cmek.describe_customer_keys
            )
            for index, resources in enumerate(policies, start=1)
        }
        attached = [{"PolicyName": each.rpartition("/")[2], "PolicyArn": each} for each in documents]
        roles.append(
            {
                "role": {
                    "Arn": arn,
                    "AssumeRolePolicyDocument": trust,
                    "MaxSessionDuration": 3600,
                    "Description": role_description("prod"),
                    "Tags": right_tags(deployment),
                },
                "inline_policies": [],
                "attached_policies": attached,
                "customer_policies": documents if customers else None,
                "inline_documents": {},
                "attached_documents": {},
            }
        )
    return {**roles[0], "further_roles": tuple(LiveRole(**each) for each in roles[1:])}


def right_cmek(deployment: Deployment) -> dict[str, Any]:
    cmek = deployment.cmek
    if cmek is None:
        return {}
    role = role_arn_of("prod", deployment)
    key_arn = cmek.key.adopt or KEY_ARN
    own = cmek.key.adopt is None
    outputs = {"RoleArn": role, "ExternalId": cmek.trust.external_id}
    if not cmek.has_own_key:
        return {"cmek_stack": stack("CREATE_COMPLETE", outputs) | {"EnableTerminationProtection": True}}
    outputs["KeyArn"] = key_arn
    key = {
        "Arn": key_arn,
        "KeyId": key_arn.rsplit("/", 1)[-1],
        "KeyState": "Enabled",
        "KeyManager": "CUSTOMER",
        "KeySpec": aws.KEY_SPEC,
        "KeyUsage": aws.KEY_USAGE,
        "Origin": aws.KEY_ORIGIN,
        "MultiRegion": cmek.key.multi_region,
    }
    policy = key_policy(
        account=ACCOUNT,
        administrators=cmek.key.administrators,
        role=role,
        multi_region=cmek.key.multi_region,
    )
    return {
        "cmek_stack": stack("CREATE_COMPLETE", outputs) | {"EnableTerminationProtection": True},
        "alias_key": key if alias_of("prod", deployment) else None,
        "key": key,
        "key_policy": json.dumps(policy),
        "grants": [],
        "replicas": [],
        "rotation": {"KeyRotationEnabled": True, "RotationPeriodInDays": cmek.key.rotation_days} if own else None,
    }


def right_link(deployment: Deployment) -> dict[str, Any]:
    link = deployment.private_link
    if link is None:
        return {}
    name = private_zone_of(deployment)
    existing = isinstance(link.vpc, ExistingVpc)
    vpc_id = link.vpc_id or "vpc-0f0f0f0f"
    subnets = link.vpc.subnet_ids if isinstance(link.vpc, ExistingVpc) else ["subnet-aaaa0000", "subnet-bbbb0000"]
    groups = link.security_group_ids or ["sg-09090909"]
    made = [] if link.adopted else [("AWS::EC2::SecurityGroup", each) for each in groups]
    if not existing and not link.adopted:
        made += [("AWS::EC2::VPC", vpc_id), *(("AWS::EC2::Subnet", each) for each in subnets)]
    zoned = link.has_zone
    resolved = True if link.resolves else None
    zone_vpcs = [vpc_id] if link.dns == "profile" else [vpc_id, *link.client_vpc_ids]
    vpcs = [{"VPCId": each, "VPCRegion": deployment.region} for each in zone_vpcs]
    if link.dns == "hosted-zone":
        vpcs += [{"VPCId": each.id, "VPCRegion": each.region or deployment.region} for each in link.client_vpcs]
    kinds = ("A", "AAAA") if link.ip_address_type == "dualstack" else ("A",)
    zone = {"HostedZone": {"Id": "/hostedzone/Z1", "Name": f"{name}.", "Config": {"PrivateZone": True}}, "VPCs": vpcs}
    target = {"DNSName": f"{REGIONAL}.", "HostedZoneId": "Z7HUB22UULQXV"}
    return right_targets(link, name, vpc_id, kinds) | {
        "private_link_stack": stack(
            "UPDATE_COMPLETE", {"VpcEndpointId": "vpce-0123456789abcdef0", "PrivateDnsZone": name}
        ),
        "private_link_resources": [{"ResourceType": kind, "PhysicalResourceId": name} for kind, name in made],
        "endpoint": {
            "VpcEndpointId": "vpce-0123456789abcdef0",
            "VpcEndpointType": "Interface",
            "ServiceName": pinecone.PRIVATE_LINK[deployment.region].service_name,
            "State": "available",
            "VpcId": vpc_id,
            "SubnetIds": subnets,
            "Groups": [{"GroupId": each} for each in groups],
            "PrivateDnsEnabled": link.has_private_dns,
            "IpAddressType": link.ip_address_type,
            "DnsOptions": {"DnsRecordIpType": link.ip_address_type},
            "PolicyDocument": json.dumps(FULL_ACCESS),
            "Tags": right_tags(deployment),
            "DnsEntries": [{"DnsName": REGIONAL, "HostedZoneId": "Z7HUB22UULQXV"}],
        },
        "security_groups": [
            {
                "GroupId": "sg-09090909",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 443,
                        "ToPort": 443,
                        "IpRanges": [{"CidrIp": each} for each in link.clients.cidrs or ["10.0.0.0/16"]],
                        "UserIdGroupPairs": [{"GroupId": each} for each in link.clients.security_group_ids],
                    }
                ],
                "IpPermissionsEgress": [
                    {
                        "IpProtocol": "icmp",
                        "FromPort": 252,
                        "ToPort": 86,
                        "IpRanges": [{"CidrIp": "255.255.255.255/32"}],
                    }
                ],
            }
        ],
        "network_acls": [network_acl(*subnets)],
        "vpc_endpoints": [] if resolved else None,
        "vpc_zones": [] if resolved else None,
        "client_vpcs": [{"VpcId": "vpc-1", "DhcpOptionsId": "dopt-1"}] if resolved else None,
        "dhcp_options": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": []}] if resolved else None,
        "resolver_rules": {} if resolved else None,
        "dns_support": resolved,
        "dns_hostnames": resolved,
        "zone": zone if zoned else None,
        "records": [{"Name": f"\\052.{name}.", "Type": kind, "AliasTarget": target} for kind in kinds]
        if zoned
        else None,
    }


def right_targets(link: PrivateLink, name: str, vpc_id: str, kinds: Sequence[str]) -> dict[str, Any]:
    """Return what only some DNS modes have."""
    found: dict[str, Any] = {}
    if link.dns_bridge:
        target = {"DNSName": f"{REGIONAL}.", "HostedZoneId": "Z7HUB22UULQXV"}
        found["bridge_zone"] = {
            "HostedZone": {"Id": "/hostedzone/Z2", "Name": f"svc.{name}.", "Config": {"PrivateZone": True}},
            "VPCs": [{"VPCId": each} for each in (vpc_id, *link.client_vpc_ids)],
        }
        found["bridge_records"] = [
            {"Name": f"\\052.svc.{name}.", "Type": kind, "AliasTarget": target} for kind in kinds
        ]
    if link.dns == "profile":
        found["profile_resources"] = [{"ResourceArn": "arn:aws:route53:::hostedzone/Z1", "Status": "COMPLETE"}]
        found["profile_vpcs"] = [{"ResourceId": each, "Status": "COMPLETE"} for each in link.client_vpc_ids]
    if link.resolver is not None:
        rules = [
            {"IpProtocol": each, "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": cidr}]}
            for cidr in link.resolver.client_cidrs
            for each in ("udp", "tcp")
        ]
        found["resolver"] = {
            "Id": "rslvr-in-1",
            "Status": "OPERATIONAL",
            "Direction": "INBOUND",
            "HostVPCId": vpc_id,
            "SecurityGroupIds": ["sg-53535353"],
        }
        found["resolver_addresses"] = [{"Ip": f"10.0.{each}.10", "Status": "ATTACHED"} for each in range(2)]
        found["resolver_groups"] = [{"GroupId": "sg-53535353", "IpPermissions": rules}]
    if link.ip_address_type == "dualstack":
        address = [{"Ipv6Address": "2001:db8::10"}]
        interfaces = [{"NetworkInterfaceId": f"eni-{each}", "Ipv6Addresses": address} for each in range(2)]
        found["endpoint_interfaces"] = interfaces
    return found


def right_tags(deployment: Deployment) -> list[dict[str, str]]:
    """Return the tags of the template."""
    return [{"Key": key, "Value": value} for key, value in {**deployment.tags, DEPLOYMENT_TAG: "prod"}.items()]


def network_acl(*subnets: str, entries: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a network ACL; the one that AWS gives every VPC lets everything through."""
    return {
        "NetworkAclId": "acl-0a1b2c3d",
        "Associations": [{"SubnetId": each, "NetworkAclId": "acl-0a1b2c3d"} for each in subnets],
        "Entries": [
            *(acl_rule(100, egress=egress) for egress in (False, True)),
            *(acl_rule(32767, "deny", egress=egress) for egress in (False, True)),
        ]
        if entries is None
        else list(entries),
    }


def acl_rule(
    number: int,
    action: str = "allow",
    *,
    egress: bool = False,
    cidr: str = "0.0.0.0/0",
    ports: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Return a rule of a network ACL: of every protocol, or of TCP where ports are given."""
    rule = {"RuleNumber": number, "RuleAction": action, "Egress": egress, "CidrBlock": cidr}
    if ports is None:
        return rule | {"Protocol": "-1"}
    return rule | {"Protocol": "6", "PortRange": {"From": ports[0], "To": ports[1]}}


def stack(status: str, outputs: Mapping[str, str]) -> dict[str, Any]:
    return {
        "StackStatus": status,
        "DriftInformation": {"StackDriftStatus": "IN_SYNC", "LastCheckTimestamp": NOW - timedelta(days=2)},
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }


@pytest.fixture
def world() -> World:
    return World(SETTINGS)
