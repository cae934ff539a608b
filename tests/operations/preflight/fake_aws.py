"""An AWS that answers what it was told to, and notes every call."""

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.identity import Caller
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.customers.packing import pack
from pinekeep.operations.preflight.inventory import Seen
from pinekeep.operations.preflight.queries import Asker
from pinekeep.operations.preflight.reads import read_seen
from tests.operations.preflight.conftest import (
    ANN,
    AUDIT_KEY,
    GROUP,
    PREFIX_LIST,
    PROFILE,
    SERVICE,
    SUBNETS,
    VPC,
    ZONE,
    amazons_options,
    right_zone,
    subnet,
)
from tests.operations.verification.conftest import ACCOUNT, KEY_ARN

PAGINATED = {
    "simulate_principal_policy",
    "list_keys",
    "describe_vpcs",
    "describe_vpc_endpoints",
    "describe_vpc_peering_connections",
    "get_resources",
    "get_parameters_by_path",
    "list_resolver_rules",
    "list_resolver_rule_associations",
    "list_resolver_endpoints",
    "list_resource_record_sets",
    "list_profile_associations",
    "list_profile_resource_associations",
}
SERVICES = {
    "cloudformation",
    "ec2",
    "iam",
    "kms",
    "logs",
    "resourcegroupstaggingapi",
    "route53",
    "route53profiles",
    "route53resolver",
    "s3",
    "service-quotas",
    "sns",
    "ssm",
    "sts",
}


def not_there(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


NO_STACK = not_there("ValidationError", "Stack with id x does not exist")
DRY_RUN = not_there("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")


def decisions(ActionNames: list[str], ResourceArns: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's names
    return {
        "EvaluationResults": [
            {"EvalActionName": action, "EvalResourceName": arn, "EvalDecision": "allowed"}
            for action in ActionNames
            for arn in ResourceArns
        ]
    }


def by_filter(part: str, key: str, known: list[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def answer(Filters: Any = (), **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        wanted = [value for each in Filters for value in each["Values"] if each["Name"].endswith("-id")]
        return {part: [each for each in known if not wanted or each[key] in wanted]}

    return answer


class FakeAws:
    """Nothing is deployed and nothing is in the way. Stands in for a session and for its clients."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._lock = Lock()
        known_vpcs = [
            {"VpcId": each, "State": "available", "OwnerId": ACCOUNT, "DhcpOptionsId": "dopt-1"}
            for each in (VPC, "vpc-9f8e7d6c", "vpc-77777777")
        ]
        known_subnets = [subnet(SUBNETS[0], "us-east-1a", "use1-az2"), subnet(SUBNETS[1], "us-east-1b", "use1-az4")]
        self.answers: dict[str, Any] = {
            "get_parameter": {"Parameter": {"Value": "33"}},
            "get_parameters_by_path": {"Parameters": []},
            "get_role": self._role,
            "simulate_principal_policy": decisions,
            "assume_role": {"Credentials": {"SecretAccessKey": "never to be kept"}},
            "describe_stacks": NO_STACK,
            "describe_key": not_there("NotFoundException"),
            "list_resource_tags": {"Tags": [{"TagKey": "pinekeep:deployment", "TagValue": "prod"}]},
            "get_resources": {"ResourceTagMappingList": []},
            "get_account_summary": {"SummaryMap": {"Roles": 12, "RolesQuota": 1000}},
            "list_keys": {"Keys": [{"KeyArn": KEY_ARN}]},
            "get_service_quota": {"Quota": {"Value": 77.0}},
            "get_key_policy": {"Policy": "{}"},
            "describe_vpc_endpoint_services": {"ServiceDetails": [{"ServiceName": SERVICE}]},
            "describe_availability_zones": {"AvailabilityZones": [{"ZoneName": "us-east-1a", "ZoneId": "use1-az2"}]},
            "describe_vpcs": by_filter("Vpcs", "VpcId", known_vpcs),
            "describe_vpc_attribute": lambda VpcId, Attribute: {  # noqa: N803, ARG005
                Attribute[0].upper() + Attribute[1:]: {"Value": True}
            },
            "describe_subnets": by_filter("Subnets", "SubnetId", known_subnets),
            "describe_vpc_endpoints": {"VpcEndpoints": []},
            "list_hosted_zones_by_vpc": {"HostedZoneSummaries": []},
            "describe_security_groups": {"SecurityGroups": [{"GroupId": GROUP, "VpcId": VPC}]},
            "describe_vpc_peering_connections": {"VpcPeeringConnections": []},
            "describe_managed_prefix_lists": {"PrefixLists": [{"PrefixListId": PREFIX_LIST, "MaxEntries": 20}]},
            "create_vpc_endpoint": DRY_RUN,
            "get_user": not_there("NoSuchEntity"),
            "get_policy": lambda PolicyArn: {"Policy": {"Arn": PolicyArn}},  # noqa: N803
            "describe_dhcp_options": {"DhcpOptions": [amazons_options("dopt-1")]},
            "list_resolver_rule_associations": {"ResolverRuleAssociations": []},
            "list_resolver_rules": {"ResolverRules": []},
            "list_resolver_endpoints": {"ResolverEndpoints": [{"Id": "rslvr-in-1"}]},
            "list_profile_associations": {"ProfileAssociations": []},
            "list_profile_resource_associations": {"ProfileResourceAssociations": []},
            "get_profile": {"Profile": {"Id": PROFILE, "OwnerId": ACCOUNT}},
            "get_hosted_zone": lambda Id: right_zone(Id, VPC),  # noqa: N803
            "head_bucket": {"BucketRegion": "us-east-1"},
            "get_bucket_versioning": {"Status": "Enabled"},
            "get_object_lock_configuration": not_there("ObjectLockConfigurationNotFoundError"),
            "get_bucket_encryption": not_there("ServerSideEncryptionConfigurationNotFoundError"),
            "get_public_access_block": not_there("NoSuchPublicAccessBlockConfiguration"),
            "get_bucket_ownership_controls": not_there("OwnershipControlsNotFoundError"),
            "describe_log_groups": {
                "logGroups": [{"logGroupName": each} for each in ("management-events", "management-events-2")]
            },
            "get_topic_attributes": {"Attributes": {"KmsMasterKeyId": AUDIT_KEY}},
            "list_resource_record_sets": {"ResourceRecordSets": [{"Name": ZONE, "Type": "NS"}]},
        }

    def _role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803
        name = RoleName
        if name != "Deployers":
            raise not_there("NoSuchEntity")
        return {"Role": {"RoleName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/teams/{name}"}}

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name in SERVICES
        return self

    def can_paginate(self, operation: str) -> bool:
        return operation in PAGINATED

    def get_paginator(self, operation: str) -> Any:
        call = getattr(self, operation)

        class Paginator:
            def paginate(self, PaginationConfig: Any = None, **arguments: Any) -> Iterator[Any]:  # noqa: N803
                assert PaginationConfig, f"{operation} without a page size"
                answer = call(**arguments)
                yield from answer if isinstance(answer, list) else [answer]

        return Paginator()

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
        self.answers[operation] = not_there(code, message)

    def asker(self) -> Asker:
        return Asker(lambda region: Clients(self, region))

    def read(self, deployment: Deployment, *, caller: Caller = ANN, asker: Asker | None = None) -> Seen:
        keys = customer_keys_of(deployment)
        return read_seen(
            name="prod",
            deployment=deployment,
            caller=caller,
            asker=asker or self.asker(),
            customers=pack(keys) if keys else None,
        )

    def operations(self) -> list[str]:
        return sorted(operation for operation, _ in self.calls)

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [arguments for made, arguments in self.calls if made == operation]
