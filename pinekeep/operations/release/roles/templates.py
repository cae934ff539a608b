"""The templates of a fleet's roles."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.decisions.privileges.policies import pack
from pinekeep.model.policies.document import Statement, policy
from pinekeep.operations.release.metadata import with_metadata
from pinekeep.operations.release.parameters import Parameter
from pinekeep.operations.release.roles import parameters, policies
from pinekeep.operations.release.shape import BOUNDARY_CONDITION, given

_ROLE: Final = "Role"
_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
_LONGEST_REGIONS: Final = 8
_LONGEST: Final = {
    "${RolePath}": "x" * parameters.PATH_MAX,
    "${PineconeRoles}": "x" * 64,
    "${Fleet}": "x" * 40,
    "${KeyAliases}": "x" * parameters.PATH_MAX,
    "${PermissionsBoundary}": "x" * 2 * parameters.PATH_MAX,
    "${AWS::AccountId}": "x" * 12,
}
"""Values of the longest kind, by which the statements are divided into policies within IAM's quota."""


@dataclass(frozen=True, kw_only=True)
class RoleTemplate:
    """A template of a role.

    Attributes:
        key: its name in file names.
        title: what it creates, for the console's list and the page.
        about: what the role is for, and what it may do, for the page.
        stack: the name that the launch link proposes for the stack.
        conditions: the template's conditions.
        resources: returns the resources.
    """

    key: str
    title: str
    about: str
    stack: str
    parameters: tuple[Parameter, ...]
    resources: Callable[[], Mapping[str, Any]]
    conditions: Mapping[str, Any]

    def template(self) -> dict[str, Any]:
        """Return the template, the same each time."""
        made = with_metadata(key=self.key, title=self.title, parameters=self.parameters)
        if self.conditions:
            made["Conditions"] = dict(self.conditions)
        made["Resources"] = dict(self.resources())
        made["Outputs"] = {
            "RoleArn": {"Description": "The role's ARN", "Value": {"Fn::GetAtt": [_ROLE, "Arn"]}},
        }
        return made


def _role(description: str, trust: Statement, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Ref": "RoleName"},
            "Description": description,
            "AssumeRolePolicyDocument": policy([trust]),
            **properties,
        },
    }


def _trust(principal: Mapping[str, Any], condition: Any = None) -> Statement:
    found: Statement = {"Effect": "Allow", "Principal": dict(principal), "Action": "sts:AssumeRole"}
    return {**found, **({"Condition": condition} if condition else {})}


def _inline(name: str, statements: Iterable[Statement]) -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": policy([policies.as_cloudformation(each) for each in statements])}


def _verification() -> Mapping[str, Any]:
    external_id = {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    trust = _trust({"AWS": {"Ref": "AdministratorArns"}}, {"Fn::If": ["HasExternalId", external_id, _NO_VALUE]})
    reads = _inline("verification", policies.verification_statements())
    return {_ROLE: _role("Assumed by pinekeep fleet verify, to read", trust, Policies=[reads])}


def _execution() -> Mapping[str, Any]:
    trust = _trust({"AWS": {"Ref": "AdministrationRoleArn"}})
    stacks = _inline("stack-sets", policies.stack_set_statements())
    found = {_ROLE: _role("Assumed by StackSets, to deploy the stacks of Pinekeep", trust, Policies=[stacks])}
    for name, condition, part in (("Cmek", _DEPLOYS_CMEK, "cmek"), ("PrivateLink", _DEPLOYS_LINK, "private_link")):
        for number, statements in enumerate(_packed(policies.execution_statements_of(part)), 1):
            found[f"{name}Policy{number}"] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Condition": condition,
                "Properties": {
                    "Description": f"What CloudFormation needs for Pinekeep's released templates: {part}, {number}",
                    "PolicyDocument": policy([policies.as_cloudformation(each) for each in statements]),
                    "Roles": [{"Ref": _ROLE}],
                },
            }
    return found


def _packed(statements: Sequence[Statement]) -> Iterator[list[Statement]]:
    """Yield the statements of each policy, within IAM's quota whatever the values of the parameters."""
    by_sid = {each["Sid"]: each for each in statements}
    for document in pack([_longest(each) for each in statements]):
        yield [by_sid[each["Sid"]] for each in document["Statement"]]


def _longest(node: Any) -> Any:
    match node:
        case str():
            for name, value in _LONGEST.items():
                node = node.replace(name, value)
            return node
        case {"aws:RequestedRegion": list() as regions}:
            rest = {key: each for key, each in node.items() if key != "aws:RequestedRegion"}
            return {**_longest(rest), "aws:RequestedRegion": regions * _LONGEST_REGIONS}
        case dict():
            return {key: _longest(each) for key, each in node.items()}
        case list():
            return [_longest(each) for each in node]
        case _:
            return node


def _administration() -> Mapping[str, Any]:
    account = {"Ref": "AWS::AccountId"}
    sets = [{"Fn::Sub": each} for each in policies.STACK_SETS]
    trust = _trust(
        {"Service": "cloudformation.amazonaws.com"},
        {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": sets}},
    )
    # A list parameter becomes one ARN for each account: the text between two accounts has to be known here.
    listed = {"Fn::Join": [":*,arn:aws:iam::", {"Ref": "TargetAccounts"}]}
    accounts = {"Fn::Split": [",", {"Fn::Join": ["", ["arn:aws:iam::", listed, ":*"]]}]}
    assume: list[Statement] = [
        {
            "Sid": "AssumeExecutionRoles",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Resource": ["arn:aws:iam::*:role/${ExecutionRoleName}"],
        },
        {
            "Sid": "OnlyInTheAccounts",
            "Effect": "Deny",
            "Action": ["sts:AssumeRole"],
            "NotResource": accounts,
        },
    ]
    description = "Assumed by StackSets, for the stack sets of Pinekeep"
    return {_ROLE: _role(description, trust, Policies=[_inline("execution-roles", assume)])}


_DEPLOYS_CMEK: Final = "DeploysCmek"
_DEPLOYS_LINK: Final = "DeploysPrivateLink"
_ENDPOINTS, _KEYS = ({"Fn::Equals": [{"Ref": parameters.DEPLOYS.name}, each]} for each in ("private-link", "cmek"))

ROLES: Final = (
    RoleTemplate(
        key="fleet-verification-role",
        title="A read-only role in each account of a fleet, for its verification",
        about="pinekeep fleet verify and fleet handoff assume the role in each account. It may read what pinekeep "
        "permissions lists for verify and handoff, of roles, keys and endpoints, and changes nothing; it does not use "
        "keys. Stacks and recorded values are those of Pinekeep. The names of roles, keys and networks differ between "
        "accounts, so the policy covers those of the whole account; Fleet and PineconeRoles narrow it.",
        stack="Pinekeep-Fleet-Verification",
        parameters=parameters.VERIFICATION,
        conditions={"HasExternalId": given("ExternalId")},
        resources=_verification,
    ),
    RoleTemplate(
        key="fleet-execution-role",
        title="The role in each account of a fleet with which StackSets deploys (self-managed permissions)",
        about="StackSets assumes the role through the administration role. It may manage the stacks of fleets, and do "
        "what CloudFormation needs for the released templates, as pinekeep permissions --for execution lists it; it "
        "neither uses keys nor deletes them. It replaces the AdministratorAccess of AWS's sample template.",
        stack="Pinekeep-Fleet-Execution",
        parameters=parameters.EXECUTION,
        conditions={
            **BOUNDARY_CONDITION,
            _DEPLOYS_CMEK: {"Fn::Not": [_ENDPOINTS]},
            _DEPLOYS_LINK: {"Fn::Not": [_KEYS]},
        },
        resources=_execution,
    ),
    RoleTemplate(
        key="fleet-administration-role",
        title="The role of a fleet's administrator that StackSets assumes (self-managed permissions)",
        about="Only the stack sets of fleets of this account may assume the role. It may assume the execution role in "
        "the listed accounts, and do nothing else.",
        stack="Pinekeep-Fleet-Administration",
        parameters=parameters.ADMINISTRATION,
        conditions={},
        resources=_administration,
    ),
)
