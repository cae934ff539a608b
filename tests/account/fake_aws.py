"""An AWS that answers what it was told to, and the deployments that its answers are about."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.deployment import read_live
from pinekeep.account.reads.live import Live
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.customers.packing import pack

MADE = datetime(2026, 11, 1, tzinfo=UTC)
KEY = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
OTHER = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"
NAME = "private.aped-4627-b74a.pinecone.io"
CMEK: dict[str, Any] = {
    "trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"},
}
EXISTING = {"id": "vpc-0a1b2c3d", "subnet_ids": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]}
NEW = {"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}


def deployment(*, cmek: Any = CMEK, vpc: Any = EXISTING, dns: str = "hosted-zone", **link: Any) -> Deployment:
    private_link = {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}, "dns": dns, **link} if vpc else None
    return Deployment.model_validate(
        {"account": "111122223333", "region": "us-east-1", "cmek": cmek, "private_link": private_link}
    )


LINK_OUTPUTS = {
    "VpcEndpointId": "vpce-1",
    "VpcId": "vpc-9",
    "SubnetIds": "subnet-1,subnet-2",
    "SecurityGroupId": "sg-1",
    "HostedZoneId": "Z1",
}


def stack(account: str = "111122223333", /, **outputs: str) -> dict[str, Any]:
    listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    arn = f"arn:aws:cloudformation:us-east-1:{account}:stack/name/id"
    return {"StackId": arn, "StackStatus": "CREATE_COMPLETE", "Outputs": listed}


class FakeAws:
    """Answers what it was told to, and notes every call. Also stands in for a session and for a client."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._lock = Lock()
        self.answers: dict[str, Any] = {
            "describe_stacks": lambda StackName: {  # noqa: N803 - AWS's name
                "Stacks": [stack(KeyArn=KEY) if StackName.endswith("Cmek") else stack(**LINK_OUTPUTS)]
            },
            "describe_stack_resources": {
                "StackResources": [
                    {"ResourceType": "AWS::EC2::SecurityGroup", "PhysicalResourceId": "sg-1"},
                    {"ResourceType": "AWS::Route53::HostedZone", "PhysicalResourceId": "Z1"},
                ]
            },
            "get_caller_identity": {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/somebody"},
            "get_parameters": {"Parameters": [], "InvalidParameters": []},
            "get_stack_policy": {"StackPolicyBody": "{}"},
            "lookup_events": {"Events": []},
            "get_key_last_usage": {"TrackingStartDate": MADE, "KeyCreationDate": MADE, "KeyLastUsage": {}},
            "get_role_policy": lambda RoleName, PolicyName: {"PolicyDocument": {"Statement": [PolicyName]}},  # noqa: N803, ARG005
            "get_role": {"Role": {"Arn": "role"}},
            "get_policy": lambda PolicyArn: {"Policy": {"Arn": PolicyArn, "DefaultVersionId": "v7"}},  # noqa: N803
            "get_policy_version": lambda PolicyArn, VersionId: {  # noqa: N803
                "PolicyVersion": {"Document": {"Statement": [f"{PolicyArn.rpartition('/')[2]} {VersionId}"]}}
            },
            "list_role_policies": {"PolicyNames": []},
            "list_attached_role_policies": {"AttachedPolicies": []},
            "describe_key": {"KeyMetadata": {"Arn": KEY}},
            "get_key_policy": {"Policy": "{}"},
            "list_grants": {"Grants": [], "Truncated": False},
            "get_key_rotation_status": {"KeyRotationEnabled": True},
            "describe_vpc_endpoints": {
                "VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-9", "Groups": [{"GroupId": "sg-1"}]}]
            },
            "describe_security_groups": {"SecurityGroups": [{"GroupId": "sg-1"}]},
            "list_hosted_zones_by_vpc": {"HostedZoneSummaries": []},
            "describe_network_acls": {"NetworkAcls": []},
            "describe_vpcs": {"Vpcs": [{"VpcId": "vpc-9", "DhcpOptionsId": "dopt-1"}]},
            "describe_dhcp_options": {"DhcpOptions": [{"DhcpOptionsId": "dopt-1"}]},
            "list_resolver_rule_associations": {"ResolverRuleAssociations": []},
            "describe_vpc_attribute": lambda VpcId, Attribute: {  # noqa: N803
                Attribute[0].upper() + Attribute[1:]: {"Value": VpcId in ("vpc-0a1b2c3d", "vpc-9")}
            },
            "get_hosted_zone": {"HostedZone": {"Name": NAME}, "VPCs": []},
            "list_resource_record_sets": {
                "ResourceRecordSets": [{"Name": f"\\052.{NAME}.", "Type": "A"}, {"Name": "later.", "Type": "A"}],
                "IsTruncated": False,
            },
        }

    def client(self, service_name: str, **_: Any) -> Any:
        known = (
            "cloudformation",
            "cloudtrail",
            "iam",
            "kms",
            "ec2",
            "route53",
            "route53resolver",
            "route53profiles",
            "ssm",
            "sts",
        )
        assert service_name in known
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            with self._lock:
                self.calls.append((operation, arguments))
            answer = self.answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer(**arguments) if callable(answer) else answer

        return call

    def refuse(self, operation: str, code: str, message: str = "") -> None:
        self.answers[operation] = ClientError({"Error": {"Code": code, "Message": message}}, operation)

    def read(self, settings: Deployment, **options: Any) -> Live:
        customers = pack(customer_keys_of(settings)) if settings.cmek and settings.cmek.customer_keys else None
        clients = Clients(self, "us-east-1")
        return read_live(name="prod", deployment=settings, clients=clients, customers=customers, **options)

    def operations(self) -> list[str]:
        return sorted(operation for operation, _ in self.calls)
