"""The calls of a ``preflight`` in a plain boto3 script: a client for each service, one call after the other.

It reads the file with yaml and evaluates no answer.
"""

import sys
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.exceptions import ClientError

CALLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sts", "get_caller_identity", {}),
    ("ssm", "get_parameter", {"Name": "/cdk-bootstrap/hnb659fds/version"}),
    ("cloudformation", "describe_stacks", {"StackName": "Pinekeep-quickstart-Cmek"}),
    ("cloudformation", "describe_stacks", {"StackName": "Pinekeep-quickstart-PrivateLink"}),
    ("iam", "get_account_summary", {}),
    ("iam", "get_role", {"RoleName": "pinekeep-quickstart-us-east-1"}),
    ("kms", "list_keys", {}),
    ("kms", "describe_key", {"KeyId": "alias/pinecone/quickstart"}),
    ("resourcegroupstaggingapi", "get_resources", {"ResourceTypeFilters": ["kms:key"]}),
    ("service-quotas", "get_service_quota", {"ServiceCode": "kms", "QuotaCode": "L-C2F1777E"}),
    ("ec2", "describe_vpc_endpoint_services", {}),
    ("ec2", "describe_availability_zones", {}),
    ("ec2", "describe_vpcs", {}),
    ("ec2", "describe_dhcp_options", {}),
    ("route53resolver", "list_resolver_rule_associations", {}),
)


def main() -> None:
    """Make the calls, and ignore errors about missing resources."""
    settings = yaml.safe_load(Path(sys.argv[1]).read_text())
    region = next(iter(settings["deployments"].values()))["region"]
    for service, operation, arguments in CALLS:
        try:
            client: Any = boto3.client(service, region_name=region)  # pyrefly: ignore[no-matching-overload] # any service
            getattr(client, operation)(**arguments)
        except ClientError:
            continue


if __name__ == "__main__":
    main()
