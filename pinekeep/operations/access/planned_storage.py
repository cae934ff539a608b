"""The decision tables of the roles for S3 that a configuration would deploy."""

import json
from dataclasses import replace
from pathlib import Path

from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.storage import key_name, storage_policy_set
from pinekeep.decisions.access.template import template_storage_parts
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.storage_roles import planned_storage_roles


def planned_storage_policies(name: str, deployment: Deployment, *, folder: Path) -> PolicySet:
    """Return the policies of a deployment's roles for S3, from its template in a folder.

    Existing buckets are assumed to have no bucket policy, and existing keys to leave their use to IAM policies. Raises
    PolicyError if the template is undecidable.
    """
    template = json.loads((folder / f"{naming.storage_stack(name)}.template.json").read_text())
    roles, keys, bucket_policies = template_storage_parts(template, deployment=deployment)
    planned = planned_storage_roles(name, deployment)
    made = next((each.bucket for each in planned if each.makes_bucket and each.kms_key is None), None)
    wanted = {each.arn for each in planned}
    return storage_policy_set(
        name=name,
        origin="synthesized",
        deployment=deployment,
        roles=[each for each in roles if each.arn in wanted],
        bucket_policies={each.bucket: bucket_policies[each.bucket] for each in planned if each.makes_bucket},
        own_key=None if made is None else replace(keys[0], name=key_name(made)),
    )
