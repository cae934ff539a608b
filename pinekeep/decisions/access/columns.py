"""The columns of a deployment's decision table."""

from pinekeep.decisions.access.bucket_requests import bucket_requests, key_through_s3_requests
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.requests import Request, key_requests, role_requests


def requests(policies: PolicySet) -> tuple[Request, ...]:
    """Return the columns of a deployment's table: the requests on its roles, keys and buckets."""
    found: list[Request] = []
    for role in policies.roles:
        found += role_requests(role, external_id=policies.agreed.external_id)
    for key in policies.keys:
        found += [*key_requests(key), *key_through_s3_requests(key, policies)]
    for bucket in policies.buckets:
        found += bucket_requests(bucket, region=policies.region)
    return tuple(found)
