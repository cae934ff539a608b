"""The permissions of a fleet's roles: those that commands and CloudFormation need, for deployments with any names.

They are the statements of :mod:`pinekeep.decisions.privileges` for the samples of the released shapes, with patterns in
the place of placeholders, or parameters of the template as ``${…}``.

Sources: "Grant self-managed permissions" in the AWS CloudFormation User Guide, AWSQuickSetupDeploymentRolePolicy in the
AWS Managed Policy Reference Guide (docs.aws.amazon.com, checked 2026-11-30).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pinekeep.decisions.privileges.grant import statements
from pinekeep.decisions.privileges.policies import READ_BOOTSTRAP_VERSION, execution_statements
from pinekeep.decisions.privileges.scope import GENERATED_PREFIX_MAX, Scope
from pinekeep.decisions.privileges.verbs import VERBS, WRITE_RECORD
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.document import Statement
from pinekeep.operations.release.catalogue import SHAPES
from pinekeep.operations.release.samples import ACCOUNT, ALIAS, BOUNDARY, KEY, NAME, PATH, REGION, ROLE
from pinekeep.operations.release.shape import HAS_BOUNDARY

_KEEP_BOUNDARY: Final = "KeepTheBoundary"
"""The statement that allows nothing without a permissions boundary."""
_OWN_ACCOUNT: Final = "${AWS::AccountId}"
_STACK_ARN: Final = f"arn:{aws.PARTITION}:cloudformation:*:{_OWN_ACCOUNT}:stack/"
_FLEET: Final = "${Fleet}"
_KINDS: Final = (naming.cmek_stack(_FLEET), naming.private_link_stack(_FLEET))
STACK_SETS: Final = tuple(f"arn:{aws.PARTITION}:cloudformation:*:{_OWN_ACCOUNT}:stackset/{name}:*" for name in _KINDS)
"""The stack sets of fleets, which have the names of stacks."""
_FLEET_STACKS: Final = tuple(f"{_STACK_ARN}StackSet-{name}-*/*" for name in _KINDS)
_LAUNCHED_STACKS: Final = tuple(f"{_STACK_ARN}{name}/*" for name in _KINDS)
_GENERATED: Final = f"StackSet-{naming.STACK_PREFIX}-*"
"""What CloudFormation names in a fleet's stacks. It cuts the stack's name, so the fleet's is not relied on."""
_SERVICE: Final = pinecone.PRIVATE_LINK[REGION]
_PATTERNS: Final = (
    (rf"(?<=:){re.escape(naming.cmek_stack(NAME)[:GENERATED_PREFIX_MAX])}\*$", _GENERATED),
    (rf"(?<=/){re.escape(naming.cmek_stack(NAME)[:GENERATED_PREFIX_MAX])}\*$", _GENERATED),
    (rf"{NAME}-[0-9]{{2}}", _FLEET),
    (re.escape(BOUNDARY), "${PermissionsBoundary}"),
    (re.escape(KEY.rpartition("/")[2]), "*"),
    (rf"^alias/{ALIAS}$", "alias/${KeyAliases}"),
    (rf"(?<=:alias/){ALIAS}$", "${KeyAliases}"),
    (r"\b(vpc|subnet|sg)-fade[a-z0-9]*$", "*"),
    (rf"(?<=:){REGION}(?=:)", "*"),
    (ACCOUNT, _OWN_ACCOUNT),
)


def verification_statements() -> list[Statement]:
    """Return what ``verify`` and ``handoff`` read of keys, roles and endpoints, of fleets and of launched stacks.

    ``handoff --record`` also writes, which is not included.
    """
    grants = [*VERBS["verify"], *(each for each in VERBS["handoff"] if each is not WRITE_RECORD)]
    made = _generalized(statements(grants, _samples("cmek", "private_link")))
    roles = (rf"role{re.escape(PATH)}{ROLE}(-\*)?$", "role/${PineconeRoles}")
    aliases = (r"\$\{KeyAliases\}", "*")
    found = _replaced(made, roles, aliases)
    for each in found:
        each["Resource"] = _once([name for resource in each["Resource"] for name in _of_both_stacks(resource)])
    return found


def execution_statements_of(part: str) -> list[Statement]:
    """Return what CloudFormation needs for the released shapes of a part, ``cmek`` or ``private_link``."""
    wanted = [each for each in execution_statements(_samples(part)) if each["Sid"] != READ_BOOTSTRAP_VERSION.sid]
    return _replaced(_generalized(wanted), (re.escape(PATH), "${RolePath}"), (ROLE, "${PineconeRoles}"))


def stack_set_statements() -> list[Statement]:
    """Return what StackSets needs in an account, whatever the template.

    AWS documents CloudFormation, S3 and SNS as a whole, and not which calls are made: StackSets reads the template and
    reports the state of the stack. These are narrower: the stacks of fleets, and objects and topics of other accounts.
    """
    elsewhere = {"StringNotEquals": {"aws:ResourceAccount": _OWN_ACCOUNT}}
    return [
        {
            "Sid": "ManageFleetStacks",
            "Effect": "Allow",
            "Action": ["cloudformation:*"],
            "Resource": list(_FLEET_STACKS),
        },
        {
            "Sid": "ListStacks",
            "Effect": "Allow",
            "Action": [
                "cloudformation:DescribeStackDriftDetectionStatus",
                "cloudformation:GetTemplateSummary",
                "cloudformation:ListStacks",
                "cloudformation:ValidateTemplate",
            ],
            "Resource": ["*"],
        },
        {
            "Sid": "ReadTemplatesOfStackSets",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": ["*"],
            "Condition": elsewhere,
        },
        {
            "Sid": "ReportTheStateOfStacks",
            "Effect": "Allow",
            "Action": ["sns:Publish"],
            "Resource": ["*"],
            "Condition": elsewhere,
        },
        {
            "Sid": "OnlyInTheRegions",
            "Effect": "Deny",
            "NotAction": ["iam:*", "route53:*", "s3:GetObject", "sns:Publish"],
            "Resource": ["*"],
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}},
        },
    ]


def as_cloudformation(statement: Statement) -> Any:
    """Return a statement as a template has it: with Fn::Sub, and with the parameters for Regions and boundary."""
    made = {key: each if key == "Condition" else _expressions(each) for key, each in statement.items()}
    if "Condition" not in statement:
        return made
    if statement["Sid"] == _KEEP_BOUNDARY:
        condition = {operator: _keys(keys) for operator, keys in statement["Condition"].items()}
        return _where_bounded({**made, "Condition": condition})
    return {**made, "Condition": _condition(statement["Condition"])}


def _expressions(node: Any) -> Any:
    match node:
        case "${PermissionsBoundary}":
            return {"Ref": node[2:-1]}
        case str() if "${" in node:
            return {"Fn::Sub": node}
        case dict():
            return {key: _expressions(each) for key, each in node.items()}
        case list():
            return [_expressions(each) for each in node]
        case _:
            return node


def _condition(operators: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return a condition; what it says of the permissions boundary counts where the template is given one."""
    made = {operator: _keys(keys) for operator, keys in operators.items()}
    bound = next((operator for operator, keys in operators.items() if "iam:PermissionsBoundary" in keys), None)
    if bound is None:
        return made
    if len(made) == 1:
        return _where_bounded(made)
    return {**made, bound: _where_bounded(made[bound])}


def _where_bounded(value: Any) -> Any:
    return {"Fn::If": [HAS_BOUNDARY, value, {"Ref": "AWS::NoValue"}]}


def _keys(keys: Mapping[str, Any]) -> dict[str, Any]:
    regions = {"Ref": "Regions"}
    return {key: regions if key == "aws:RequestedRegion" else _expressions(each) for key, each in keys.items()}


def _samples(*parts: str) -> Scope:
    found = [shape for shape in SHAPES if shape.part in parts]
    settings = ({"account": ACCOUNT, "region": REGION, **shape.sample} for shape in found)
    made = {f"{NAME}-{number:02}": Deployment.model_validate(each) for number, each in enumerate(settings, 1)}
    scope = Scope(ACCOUNT, made)
    if scope.many:
        raise ValueError(f"{len(made)} samples are too many to name each in a policy")
    return scope


def _generalized(made: Iterable[Statement]) -> list[Statement]:
    found = _replaced(made, *_PATTERNS)
    for each in found:
        if "Condition" in each:
            each["Condition"] = _of_any_deployment(each["Condition"])
    return found


def _of_any_deployment(condition: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return a condition in which the deployment's tag has any value, and the endpoint any service of Pinecone's."""
    found: dict[str, dict[str, Any]] = {}
    for operator, keys in condition.items():
        for key, values in keys.items():
            operator_of_key = "StringLike" if key.endswith(f"/{naming.DEPLOYMENT_TAG}") else operator
            found.setdefault(operator_of_key, {})[key] = _of_any_region(values)
    return found


def _of_any_region(values: Any) -> Any:
    every = pinecone.PRIVATE_LINK.values()
    match values:
        case [_SERVICE.service_name]:
            return [each.service_name for each in every]
        case [str(name)] if name.endswith(_SERVICE.private_zone):
            prefix = name.removesuffix(_SERVICE.private_zone)
            return [f"{prefix}{each.private_zone}" for each in every]
        case _:
            return values


def _of_both_stacks(resource: str) -> list[str]:
    """Return the ARNs of a fleet's stacks and of launched ones in the place of a deployment's."""
    if resource in _LAUNCHED_STACKS:
        return [_FLEET_STACKS[_LAUNCHED_STACKS.index(resource)], resource]
    return [resource]


def _replaced(made: Iterable[Statement], *patterns: tuple[str, str]) -> list[Statement]:
    return [_replace(each, patterns) for each in made]


def _replace(node: Any, patterns: Iterable[tuple[str, str]]) -> Any:
    match node:
        case str():
            for pattern, text in patterns:
                node = re.sub(pattern, text, node)
            return node
        case dict():
            return {key: _replace(each, patterns) for key, each in node.items()}
        case list():
            return _once([_replace(each, patterns) for each in node])
        case _:
            return node


def _once(values: list[Any]) -> list[Any]:
    return list({json.dumps(each): each for each in values}.values())
