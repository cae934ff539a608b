"""The page beside the fence's files: what to attach where, who is exempt, and what is not covered."""

from pathlib import Path
from typing import Final

from pinekeep.model.facts import aws
from pinekeep.model.output.monitoring import FenceAccountOutput, FenceDeploymentOutput, MonitoringFenceOutput
from pinekeep.model.policies.guard import HOOK_ALIAS, RULES_FILE

STACK: Final = "pinekeep-fence"
"""The name of the Hook's stack in the commands of the page."""

_HEAD: Final = """\
# A fence around Pinecone's keys and roles

Written by `pinekeep monitoring fence` from the configuration file. Nothing was sent to AWS. Write the files again,
and attach them again, when a deployment, its roles or `monitoring.fence` change.

| Deployment | Key | Exempt | Shortest waiting period |
| --- | --- | --- | --- |
{rows}

## What is denied

The service control policy (SCP) denies, to everyone but those who are exempt:

- the key: disabling it, scheduling its deletion, changing its policy, deleting or importing key material, moving the
  primary Region, and revoking grants (Pinecone's own roles keep that);
- the role that Pinecone assumes: deleting it, and changing its trust policy, policies, permissions boundary, tags,
  description or session duration; with customers, also the policies of their keys;
- the exempt principals: creating or deleting their roles, changing who may assume them, passing them to services, and
  new credentials for their users;
- closing the account, and leaving the organization.

To everyone, those who are exempt included:

- scheduling the key's deletion with a waiting period shorter than the one above;
- deleting or redirecting the key's alias. The policy recognizes a new key by its alias, as the ARN is unknown before
  the deployment; tags play no part. An adopted key is recognized by its ARN.

Encrypting, decrypting, creating grants and assuming the role stay as they are, and so do enabling the key and
cancelling a deletion.

"""

_ORDER: Final = """\
## Order

1. Deploy, and run `pinekeep verify`. With the SCP attached, a first deployment with customers would be denied, and so
   would the removal of what a failed one has created.
2. Attach the SCP, in the organization's management account or as the delegated administrator of its policies.
3. Deploy the Guard Hook in each account and Region.

"""

_CHANGES: Final = """\
## What Pinekeep needs afterwards

| Command | With the fence |
| --- | --- |
| `plan`, `verify`, `access`, `handoff`, `audit`, `monitoring test` | works for everyone |
| `deploy` without a change of key policy or role | works for everyone |
| `deploy` that changes key policy or role, or adds a customer | exempt: the execution role; the Hook `DISABLED` |
| `revoke` | exempt: the caller, who disables the key, ends grants and cuts the role off |
| `restore` | exempt: the caller, who removes a policy from the role |
| `offboard`, `destroy` | exempt: the caller and the execution role; the Hook `DISABLED` |

CloudFormation's execution role of the CDK is not exempt unless `administrators` names it: whoever may start a
deployment acts through it. If you name it, the Guard Hook is what remains between such a person and the key. Rather
detach the SCP for the time of an intended change, in the management account.

"""

_LIMITS: Final = """\
## What is not covered

- SCPs do not apply to the organization's management account, to service-linked roles, and to principals of accounts
  outside the organization.
- Whoever may attach, change or detach SCPs in the organization, and whoever assigns permission sets in IAM Identity
  Center.
- Whoever may assume an exempt role. Its trust policy decides that: name people or an identity provider there, not the
  account root.
- The permissions boundary's own document, other keys and roles of the deployment, and the endpoint. Rotation may be
  turned off. An adopted key's own key store may be disconnected.
- Grants that retire: the grant itself says who may retire it.
- The input of a Guard Hook does not say who calls, and a Hook sees CloudFormation and Cloud Control API only. So it
  holds for exempt principals, too, and a direct call goes past it: that is the work of the SCP. A Hook is there for one
  Region. An adopted key is not in a stack of Pinekeep, so the Hook does not know it.
- Whether a Hook is called for a resource that its stack retains (key, alias) is not documented. Such a resource stays
  in any case.
- Whoever may call `cloudformation:SetTypeConfiguration` or `cloudformation:DeactivateType`, or delete the stack of
  the Hook, switches it off.
- The Hook fails closed. Without its bucket, the object's version or its execution role, CloudFormation and Cloud
  Control API create and change no IAM role, IAM policy, KMS key or alias in the Region.
"""


def fence_page(output: MonitoringFenceOutput, *, folder: Path) -> str:
    """Return the page, in Markdown. Paths are relative to ``folder``."""
    rows = "\n".join(_row(each) for each in output.deployments)
    parts = [_HEAD.format(rows=rows), _ORDER, *(_account(each, folder) for each in output.accounts), _CHANGES, _LIMITS]
    return "".join(parts)


def _row(each: FenceDeploymentOutput) -> str:
    exempt = "<br>".join(f"`{arn}`" for arn in each.administrators) or "nobody"
    key = f"`{each.key}`" if each.key else "none in the account"
    return f"| {each.deployment} | {key} | {exempt} | {each.minimum_waiting_days} days |"


def _account(account: FenceAccountOutput, folder: Path) -> str:
    lines = [f"## Account {account.account}", ""]
    for each in account.policies:
        file = Path(each.file).relative_to(folder).as_posix()
        name = f"pinekeep-{account.account}-{Path(file).stem}"
        lines += [
            f"`{file}` ({each.characters:,} of {aws.SCP_MAX:,} characters) protects {', '.join(each.deployments)}:",
            "",
            "```sh",
            f"aws organizations create-policy --type SERVICE_CONTROL_POLICY --name {name} \\",
            f"  --description 'Protects the keys and roles of Pinecone' --content file://{file}",
            f"aws organizations attach-policy --policy-id <PolicyId> --target-id {account.account}",
            "```",
            "",
        ]
    if len(account.policies) > 1:
        lines += [
            f"Attach all {len(account.policies)}. An account takes {aws.SCPS_PER_TARGET} SCPs, FullAWSAccess included; "
            "its organizational units take further ones.",
            "",
        ]
    for hook in account.hooks:
        rules, template = (Path(each).relative_to(folder).as_posix() for each in (hook.rules, hook.template))
        lines += [
            f"The Guard Hook `{HOOK_ALIAS}` of {hook.region}, for {', '.join(hook.deployments)}. The bucket is one of "
            "the Region, with versioning:",
            "",
            "```sh",
            f"aws s3api put-object --region {hook.region} --bucket <bucket> --key pinekeep/{RULES_FILE} --body {rules}",
            f"aws cloudformation deploy --region {hook.region} --stack-name {STACK} --capabilities CAPABILITY_IAM \\",
            f"  --template-file {template} \\",
            "  --parameter-overrides RulesBucket=<bucket> RulesVersion=<VersionId>",
            "```",
            "",
        ]
    return "\n".join(lines) + "\n"
