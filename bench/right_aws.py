"""An AWS in which some deployments are exactly as configured, with a latency.

It replaces a boto3 session, so that reads and decisions are measured without boto3 and without a network.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import Cmek, alias_of, private_zone_of, role_arn_of, role_name_of
from pinekeep.model.config.private_link import ExistingVpc, NewVpc, PrivateLink
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.stack import stack_policy
from pinekeep.model.policies.trust import trust_policy

PINECONE = "740000000001"


@dataclass
class RightAws:
    """Answers about correct deployments; a session and its clients in one.

    Attributes:
        deployments: by name, each with its own key and an endpoint.
        latency: seconds before each answer.
        calls: in order.
    """

    deployments: Mapping[str, Deployment]
    latency: float = 0.0
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def client(self, service_name: str, **_: Any) -> Any:
        """Return itself, for every service."""
        del service_name
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return a call. Raises AttributeError, if it has no answer here."""
        answer = getattr(type(self), f"answer_{operation}", None)
        if answer is None:
            raise AttributeError(operation)

        def call(**arguments: Any) -> Any:
            with self._lock:
                self.calls.append((operation, arguments))
            if self.latency:
                time.sleep(self.latency)
            return answer(self, **arguments)

        return call

    # --- What is where ---

    @cached_property
    def _names(self) -> dict[str | None, str]:
        """The deployments' names by the names of all their parts."""
        return {
            part: name
            for name, each in self.deployments.items()
            for part in (
                naming.cmek_stack(name),
                naming.private_link_stack(name),
                role_name_of(name, each),
                alias_of(name, each),
                _key(name, each),
                *(f"{kind}-{name}" for kind in ("vpce", "vpc", "sg", "Z")),
            )
        }

    def _of(self, part: str) -> tuple[str, Deployment, Cmek, PrivateLink]:
        """Return a part's deployment. Raises ValueError, if it lacks a section."""
        name = self._names[part]
        found = self.deployments[name]
        if found.cmek is None or found.private_link is None:
            raise ValueError(f"{name} lacks a side")
        return name, found, found.cmek, found.private_link

    def answer_describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - AWS's names, here and below
        name, each, cmek, link = self._of(StackName)
        outputs = {
            "RoleArn": role_arn_of(name, each),
            "KeyArn": _key(name, each),
            "ExternalId": cmek.trust.external_id,
        }
        if StackName == naming.private_link_stack(name):
            outputs = {
                "VpcEndpointId": f"vpce-{name}",
                "PrivateDnsZone": private_zone_of(each),
                "VpcId": _vpc(name, link),
                "SubnetIds": ",".join(_subnets(link)),
                "SecurityGroupId": f"sg-{name}",
                "HostedZoneId": f"Z-{name}",
            }
        stack = {
            "StackId": f"arn:aws:cloudformation:{each.region}:{each.account}:stack/{StackName}/1",
            "StackStatus": "CREATE_COMPLETE",
            "EnableTerminationProtection": True,
            "DriftInformation": {"StackDriftStatus": "IN_SYNC"},
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        }
        return {"Stacks": [stack]}

    def answer_get_stack_policy(self, StackName: str) -> Any:  # noqa: ARG002, N803
        return {"StackPolicyBody": json.dumps(stack_policy())}

    def answer_get_parameters(self, Names: list[str]) -> Any:  # noqa: N803
        return {"Parameters": list[Any](), "InvalidParameters": Names}

    def answer_get_role(self, RoleName: str) -> Any:  # noqa: N803
        name, each, cmek, _ = self._of(RoleName)
        trust = trust_policy(
            pinecone_account=PINECONE,
            regions=cmek.trust.regions,
            external_id=cmek.trust.presented_id,
            form=cmek.trust.form,
        )
        role = {
            "Arn": role_arn_of(name, each),
            "AssumeRolePolicyDocument": trust,
            "Description": naming.role_description(name),
            "Tags": _tags(name, each),
        }
        return {"Role": role}

    def answer_list_role_policies(self, RoleName: str) -> Any:  # noqa: ARG002, N803
        return {"PolicyNames": list[Any]()}

    def answer_list_attached_role_policies(self, RoleName: str) -> Any:  # noqa: ARG002, N803
        return {"AttachedPolicies": list[Any]()}

    def answer_describe_key(self, KeyId: str) -> Any:  # noqa: N803
        name, each, cmek, _ = self._of(KeyId)
        key = {
            "Arn": _key(name, each),
            "KeyId": _key(name, each),
            "KeyState": "Enabled",
            "KeySpec": aws.KEY_SPEC,
            "KeyUsage": aws.KEY_USAGE,
            "Origin": aws.KEY_ORIGIN,
            "MultiRegion": cmek.key.multi_region,
        }
        return {"KeyMetadata": key}

    def answer_get_key_policy(self, KeyId: str, PolicyName: str) -> Any:  # noqa: ARG002, N803
        name, each, cmek, _ = self._of(KeyId)
        policy = key_policy(
            account=each.account,
            administrators=cmek.key.administrators,
            role=role_arn_of(name, each),
            multi_region=cmek.key.multi_region,
        )
        return {"Policy": json.dumps(policy)}

    def answer_get_key_rotation_status(self, KeyId: str) -> Any:  # noqa: N803
        days = self._of(KeyId)[2].key.rotation_days
        return {"KeyRotationEnabled": True, "RotationPeriodInDays": days}

    def answer_list_grants(self, KeyId: str, Limit: int) -> Any:  # noqa: ARG002, N803
        return {"Grants": list[Any](), "Truncated": False}

    def answer_get_key_last_usage(self, KeyId: str) -> Any:  # noqa: ARG002, N803
        made = datetime(2026, 11, 1, tzinfo=UTC)
        return {"TrackingStartDate": made, "KeyCreationDate": made, "KeyLastUsage": dict[str, Any]()}

    def answer_lookup_events(self, **_: Any) -> Any:
        return {"Events": list[Any]()}

    def answer_describe_vpc_endpoints(self, Filters: list[Any], **_: Any) -> Any:  # noqa: N803
        if Filters[0]["Name"] == "vpc-id":
            return {"VpcEndpoints": list[Any]()}
        name, each, _cmek, link = self._of(Filters[0]["Values"][0])
        endpoint = {
            "VpcEndpointId": f"vpce-{name}",
            "VpcEndpointType": "Interface",
            "ServiceName": pinecone.PRIVATE_LINK[each.region].service_name,
            "State": "available",
            "VpcId": _vpc(name, link),
            "SubnetIds": _subnets(link),
            "Groups": [{"GroupId": f"sg-{name}"}],
            "PrivateDnsEnabled": link.dns == "endpoint",
            "Tags": _tags(name, each),
            "DnsEntries": [{"DnsName": f"{name}.vpce.amazonaws.com", "HostedZoneId": "Z7"}],
        }
        return {"VpcEndpoints": [endpoint]}

    def answer_describe_security_groups(self, GroupIds: list[str]) -> Any:  # noqa: N803
        clients = self._of(GroupIds[0])[3].clients
        port = pinecone.PRIVATE_ENDPOINT_PORT
        rule = {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "IpRanges": [{"CidrIp": each} for each in clients.cidrs],
            "UserIdGroupPairs": [{"GroupId": each} for each in clients.security_group_ids],
        }
        return {"SecurityGroups": [{"GroupId": GroupIds[0], "IpPermissions": [rule]}]}

    def answer_describe_vpc_attribute(self, VpcId: str, Attribute: str) -> Any:  # noqa: ARG002, N803
        return {Attribute[0].upper() + Attribute[1:]: {"Value": True}}

    def answer_get_hosted_zone(self, Id: str) -> Any:  # noqa: N803
        name, each, _, link = self._of(Id)
        vpcs = [{"VPCId": vpc, "VPCRegion": each.region} for vpc in (_vpc(name, link), *link.client_vpc_ids)]
        zone = {"Id": f"/hostedzone/{Id}", "Name": f"{private_zone_of(each)}.", "Config": {"PrivateZone": True}}
        return {"HostedZone": zone, "VPCs": vpcs}

    def answer_list_resource_record_sets(self, HostedZoneId: str, **_: Any) -> Any:  # noqa: N803
        name, each = self._of(HostedZoneId)[:2]
        target = {"DNSName": f"{name}.vpce.amazonaws.com."}
        wildcard = f"\\052.{private_zone_of(each)}."
        return {"ResourceRecordSets": [{"Name": wildcard, "Type": "A", "AliasTarget": target}], "IsTruncated": False}

    def answer_list_hosted_zones_by_vpc(self, **_: Any) -> Any:
        return {"HostedZoneSummaries": list[Any]()}

    def answer_describe_vpcs(self, Filters: list[Any]) -> Any:  # noqa: N803
        return {"Vpcs": [{"VpcId": each, "DhcpOptionsId": "dopt-1"} for each in Filters[0]["Values"]]}

    def answer_describe_dhcp_options(self, **_: Any) -> Any:
        servers = {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}
        return {"DhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [servers]}]}

    def answer_list_resolver_rule_associations(self, **_: Any) -> Any:
        return {"ResolverRuleAssociations": list[Any]()}

    def answer_describe_network_acls(self, Filters: list[Any]) -> Any:  # noqa: N803
        subnets = [{"SubnetId": each} for each in Filters[0]["Values"]]
        rules = [
            {"RuleNumber": 100, "RuleAction": "allow", "Egress": egress, "CidrBlock": "0.0.0.0/0", "Protocol": "-1"}
            for egress in (False, True)
        ]
        return {"NetworkAcls": [{"NetworkAclId": "acl-1", "Associations": subnets, "Entries": rules}]}


def _key(name: str, deployment: Deployment) -> str:
    return f"arn:aws:kms:{deployment.region}:{deployment.account}:key/{uuid5(NAMESPACE_OID, name)}"


def _tags(name: str, deployment: Deployment) -> list[dict[str, str]]:
    tags = {**deployment.tags, naming.DEPLOYMENT_TAG: name}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _vpc(name: str, link: PrivateLink) -> str:
    return link.vpc.id if isinstance(link.vpc, ExistingVpc) else f"vpc-{name}"


def _subnets(link: PrivateLink) -> list[str]:
    if isinstance(link.vpc, ExistingVpc):
        return list(link.vpc.subnet_ids)
    assert isinstance(link.vpc, NewVpc)
    return [f"subnet-{zone}" for zone in link.vpc.availability_zones]
