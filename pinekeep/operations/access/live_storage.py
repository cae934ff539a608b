"""The live policies of a deployment's roles for S3, of their buckets and keys. Reads only."""

from functools import partial
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.answers import first, output_of, part
from pinekeep.account.reads.cmek import CmekReader
from pinekeep.account.reads.grants import list_grants
from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.access.live import document, live_key, live_role
from pinekeep.decisions.access.policies import KeyPolicy, PolicyError, PolicySet, RolePolicies
from pinekeep.decisions.access.storage import key_name, storage_policy_set
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.storage_roles import PlannedStorageRole, planned_storage_roles
from pinekeep.model.naming import Output
from pinekeep.model.policies.document import Policy, policy


def read_value(value: Any) -> Any:
    """Return a value that was read. Raises AwsRefusedError if AWS did not allow it."""
    if isinstance(value, Unreadable):
        raise AwsRefusedError(f"AWS does not allow {value.permission}", hint=value.reason)
    return value


def live_storage_policies(name: str, deployment: Deployment, *, clients: Clients) -> PolicySet:
    """Return the live policies of a deployment's roles for S3.

    Raises AwsRefusedError if one cannot be read; PolicyError if there is no role or a policy is invalid.
    """
    reader = CmekReader(name, deployment, clients, ())
    planned = planned_storage_roles(name, deployment)
    roles = [role for each in planned if (role := _role(reader, each)) is not None]
    if not roles:
        raise PolicyError(
            f"{name}: there is no role for S3 in account {deployment.account}, so there is no access to decide about",
            hint=f"deploy it: pinekeep deploy --deployment {name}; without --live the templates are decided from",
        )
    own_key = _own_key(reader, name, planned)
    existing = {each.kms_key for each in planned if each.kms_key is not None}
    return storage_policy_set(
        name=name,
        origin="live",
        deployment=deployment,
        roles=roles,
        bucket_policies={each.bucket: _bucket_policy(reader, each.bucket) for each in planned},
        own_key=own_key,
        keys=[_key(reader, arn) for arn in sorted(existing)],
    )


def _role(reader: CmekReader, planned: PlannedStorageRole) -> RolePolicies | None:
    role = read_value(reader.of_role("role", planned.name))
    if role is None:
        return None
    inline = read_value(reader.of_role("inline_policies", planned.name)) or []
    attached = read_value(reader.of_role("attached_policies", planned.name)) or []
    return live_role(
        role,
        inline={each: read_value(reader.inline_policy(planned.name, each)) for each in inline},
        attached={each["PolicyArn"]: read_value(reader.policy(each["PolicyArn"])) for each in attached},
    )


def _bucket_policy(reader: CmekReader, bucket: str) -> Policy:
    """Return the policy of a bucket, empty where it has none."""
    found = read_value(part(reader.call("s3:GetBucketPolicy", Bucket=bucket), "Policy"))
    return policy([]) if found is None else document(found)


def _own_key(reader: CmekReader, name: str, planned: tuple[PlannedStorageRole, ...]) -> KeyPolicy | None:
    bucket = next((each.bucket for each in planned if each.makes_bucket and each.kms_key is None), None)
    if bucket is None:
        return None
    stack = first(reader.call("cloudformation:DescribeStacks", StackName=naming.storage_stack(name)), "Stacks")
    arn = output_of(read_value(stack), Output.AUDIT_KEY_ARN)
    return None if arn is None else _key(reader, arn, name=key_name(bucket))


def _key(reader: CmekReader, arn: str, name: str = "") -> KeyPolicy:
    found = read_value(part(reader.call("kms:GetKeyPolicy", KeyId=arn, PolicyName="default"), "Policy"))
    grants = read_value(list_grants(partial(reader.call, "kms:ListGrants"), arn))
    return live_key(arn=arn, policy=found, name=name, grants=grants)
