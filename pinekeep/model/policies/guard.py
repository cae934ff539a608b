"""The rules of a CloudFormation Guard Hook, and the template of that Hook.

A Hook is told what CloudFormation or Cloud Control API is about to do, not who asked for it. So the rules hold for
everyone, the named administrators included, while the Hook is enabled. Resources are recognized by the stack and the
type, which every input has; outside the stack, roles and aliases by their names.

Source: facts.aws.GUARD_HOOKS_PAGE.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pinekeep.model.facts import aws
from pinekeep.model.policies.document import policy
from pinekeep.model.policies.fence import Fenced

HOOK_ALIAS: Final = "Pinekeep::Fence::KeyAndRole"
"""The Hook's name. It is unique in an account and Region, and may not begin with AWS."""
RULES_FILE: Final = "guard-rules.guard"
KEY, ALIAS, ROLE = "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::IAM::Role"
MANAGED_POLICY: Final = "AWS::IAM::ManagedPolicy"
ROLE_POLICY: Final = "AWS::IAM::RolePolicy"
POLICY: Final = "AWS::IAM::Policy"
KEPT: Final = (KEY, ALIAS, ROLE, MANAGED_POLICY)
"""What is not deleted from a deployment's stack."""
TARGETS: Final = (*KEPT, ROLE_POLICY, POLICY)
"""The types of resources that the Hook looks at."""
UNCHANGED: Final = {
    KEY: ("KeyPolicy",),
    ROLE: ("AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns", "PermissionsBoundary"),
    MANAGED_POLICY: ("PolicyDocument",),
}
"""The properties that an update of a deployment's stack must leave as they are, by type."""

_DELETE: Final = "DELETE_PRE_PROVISION"
_UPDATE: Final = "UPDATE_PRE_PROVISION"
_NOW: Final = "Resources.*.ResourceProperties"
_BEFORE: Final = "Previous.*.ResourceProperties"


def guard_rules(fenced: Sequence[Fenced]) -> str:
    """Return the rules for deployments of one account and Region, in the language of CloudFormation Guard."""
    rules = [rule for each in fenced for rule in _rules(each)]
    names = ", ".join(each.name for each in fenced)
    return "\n".join([f"# Protects the keys and roles of: {names}. Written by `pinekeep monitoring fence`.\n", *rules])


def _rules(fenced: Fenced) -> Iterable[str]:
    rule = f"keep_{fenced.name.replace('-', '_')}"
    stack = rf"/^arn:{aws.PARTITION}:cloudformation:{fenced.region}:{fenced.account}:stack\/"
    stack += rf"{fenced.stack}\/[^\/]+$/"
    ours = f"HookContext.StackId == {stack}"
    how = f"To allow it, update the stack of the Hook {HOOK_ALIAS} with HookStatus DISABLED"
    yield _rule(
        f"{rule}_resources",
        [ours, f"HookContext.TargetName in {_list(KEPT)}"],
        _clause(f"HookContext.InvocationPoint != '{_DELETE}'", f"The resource belongs to {fenced.name}. {how}"),
    )
    if fenced.alias:
        yield _rule(f"{rule}_key", [ours, _is(KEY), f"HookContext.InvocationPoint != '{_DELETE}'"], _key_values(fenced))
    for target, properties in UNCHANGED.items():
        message = f"A policy of {fenced.name} would change. {how}"
        checks = [check for each in properties for check in _unchanged(each, message)]
        name = f"{rule}_{target.rpartition('::')[2].lower()}_unchanged"
        yield _rule(name, [ours, _is(target), f"HookContext.InvocationPoint == '{_UPDATE}'"], checks)
    roles = [arn.rpartition("/")[2] for arn in fenced.roles]
    elsewhere = f"HookContext.StackId !exists or HookContext.StackId != {stack}"
    message = f"The role belongs to {fenced.name}. {how}"
    yield _rule(
        f"{rule}_role_elsewhere",
        [f"HookContext.TargetName in {_list((ROLE, ROLE_POLICY, POLICY, MANAGED_POLICY))}", elsewhere],
        [
            *_when(f"{_NOW}.RoleName exists", _clause(f"{_NOW}.RoleName not in {_list(roles)}", message)),
            *_when(f"{_NOW}.Roles exists", _clause(f"{_NOW}.Roles.* not in {_list(roles)}", message)),
        ],
    )
    if fenced.alias:
        message = f"The alias belongs to {fenced.name}. {how}"
        check = _clause(f"{_NOW}.AliasName != '{fenced.alias}'", message)
        yield _rule(f"{rule}_alias_elsewhere", [_is(ALIAS), elsewhere], _when(f"{_NOW}.AliasName exists", check))


def _key_values(fenced: Fenced) -> list[str]:
    days = fenced.waiting_days
    shorter = f"The key of {fenced.name} has a waiting period of at least {days} days"
    disabled = f"The key of {fenced.name} must not be disabled by CloudFormation"
    return [
        *_when(f"{_NOW}.PendingWindowInDays exists", _clause(f"{_NOW}.PendingWindowInDays >= {days}", shorter)),
        *_when(f"{_NOW}.Enabled exists", _clause(f"{_NOW}.Enabled == true", disabled)),
    ]


def _unchanged(name: str, message: str) -> Iterable[str]:
    """Yield the checks that a property is the same as before, also where it is new or was removed."""
    same = _clause(f"{_NOW}.{name} == {_BEFORE}.{name}", message)
    yield from _when(f"{_NOW}.{name} exists", same)
    yield from _when(f"{_BEFORE}.{name} exists", same)


def _is(target: str) -> str:
    return f"HookContext.TargetName == '{target}'"


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(repr(each) for each in values)}]"


def _clause(check: str, message: str) -> list[str]:
    return [f"{check} <<{message}>>"]


def _when(condition: str, lines: Sequence[str]) -> list[str]:
    return [f"when {condition} {{", *(f"    {each}" for each in lines), "}"]


def _rule(name: str, conditions: Sequence[str], lines: Sequence[str]) -> str:
    when = "\n        ".join(conditions)
    body = "\n".join(f"    {each}" for each in lines)
    return f"rule {name} when {when} {{\n{body}\n}}\n"


def guard_hook_template() -> dict[str, Any]:
    """Return the CloudFormation template of the Hook and of the role with which it reads its rules."""
    bucket = "arn:${AWS::Partition}:s3:::${RulesBucket}"
    read = policy(
        [
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": {"Fn::Sub": bucket}},
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "Resource": {"Fn::Sub": f"{bucket}/${{RulesKey}}"},
            },
        ]
    )
    decrypt = policy([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Ref": "RulesBucketKeyArn"}}])
    assume = {"Effect": "Allow", "Principal": {"Service": aws.HOOKS_SERVICE}, "Action": "sts:AssumeRole"}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A Guard Hook that keeps CloudFormation from changing the keys and roles of Pinekeep.",
        "Parameters": {
            "RulesBucket": {
                "Type": "String",
                "AllowedPattern": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
                "Description": f"The S3 bucket with {RULES_FILE}, in this Region, with versioning.",
            },
            "RulesKey": {
                "Type": "String",
                "Default": f"pinekeep/{RULES_FILE}",
                "AllowedPattern": r"[A-Za-z0-9._/-]+\.guard",
                "Description": "The key of the object.",
            },
            "RulesVersion": {
                "Type": "String",
                "MinLength": 1,
                "Description": "The version ID of the object: an object that is overwritten changes nothing.",
            },
            "RulesBucketKeyArn": {
                "Type": "String",
                "Default": "",
                "AllowedPattern": f"(arn:{aws.PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:key/.+)?",
                "Description": "The ARN of the KMS key that encrypts the object. Empty: SSE-S3.",
            },
            "HookStatus": {
                "Type": "String",
                "Default": "ENABLED",
                "AllowedValues": ["ENABLED", "DISABLED"],
                "Description": "DISABLED while an intended change is deployed.",
            },
        },
        "Conditions": {"IsEncryptedByKms": {"Fn::Not": [{"Fn::Equals": [{"Ref": "RulesBucketKeyArn"}, ""]}]}},
        "Resources": {
            "ExecutionRole": {
                "Type": ROLE,
                "Properties": {
                    "Description": "Lets the Guard Hook of Pinekeep read its rules",
                    "AssumeRolePolicyDocument": policy([assume]),
                    "Policies": [
                        {"PolicyName": "ReadRules", "PolicyDocument": read},
                        {
                            "Fn::If": [
                                "IsEncryptedByKms",
                                {"PolicyName": "DecryptRules", "PolicyDocument": decrypt},
                                {"Ref": "AWS::NoValue"},
                            ]
                        },
                    ],
                },
            },
            "Hook": {
                "Type": "AWS::CloudFormation::GuardHook",
                "Properties": {
                    "Alias": HOOK_ALIAS,
                    "ExecutionRole": {"Fn::GetAtt": ["ExecutionRole", "Arn"]},
                    "FailureMode": "FAIL",
                    "HookStatus": {"Ref": "HookStatus"},
                    "RuleLocation": {
                        "Uri": {"Fn::Sub": "s3://${RulesBucket}/${RulesKey}"},
                        "VersionId": {"Ref": "RulesVersion"},
                    },
                    "TargetOperations": ["RESOURCE", "CLOUD_CONTROL"],
                    "TargetFilters": {
                        "Actions": ["CREATE", "UPDATE", "DELETE"],
                        "InvocationPoints": ["PRE_PROVISION"],
                        "TargetNames": list(TARGETS),
                    },
                },
            },
        },
    }
