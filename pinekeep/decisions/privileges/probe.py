"""The grants of ``private-link probe``, on the function, role and security group that it makes and removes.

The actions on network interfaces are those that Lambda needs for a function in a VPC; they were not tried on AWS.
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, grant, in_the_regions
from pinekeep.decisions.privileges.reads import DESCRIBE
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.facts import aws


def _names(scope: Scope) -> list[str]:
    return [naming.probe_name("*")] if scope.many and scope.links else _each_name(scope)


def _each_name(scope: Scope) -> list[str]:
    return [naming.probe_name(name) for name, each in scope.deployments.items() if each.private_link]


def _functions(scope: Scope) -> list[str]:
    return [
        f"arn:{aws.PARTITION}:lambda:{region}:{scope.account}:function:{name}"
        for region in scope.regions
        for name in _names(scope)
    ]


def _roles(scope: Scope) -> list[str]:
    paths = once(each.iam_path for each in scope.deployments.values() if each.private_link)
    return [role_arn(account=scope.account, role_name=name, path=path) for path in paths for name in _names(scope)]


def _groups(scope: Scope) -> list[str]:
    return [*scope.ec2("security-group"), *scope.ec2("vpc")] if scope.links else []


PROBE: Final = (
    grant(
        "RunProbe",
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:InvokeFunction",
        "lambda:TagResource",
        on="the function of `private-link probe`, by its name",
        resources=_functions,
    ),
    grant(
        "MakeRoleOfProbe",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:PutRolePolicy",
        "iam:TagRole",
        on="the role of that function, by its name",
        resources=_roles,
    ),
    grant(
        "PassRoleToProbe",
        "iam:PassRole",
        on="the same role, to Lambda alone",
        resources=_roles,
        condition=lambda _: {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    ),
    grant(
        "MakeSecurityGroupOfProbe",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateSecurityGroup",
        "ec2:CreateTags",
        "ec2:DeleteSecurityGroup",
        "ec2:RevokeSecurityGroupIngress",
        on="security groups of the Region: EC2 generates their IDs",
        resources=_groups,
    ),
    grant(
        "LookAtNetworkOfProbe",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        on="everything in the Region: Lambda reads the subnets and security groups as the caller",
        resources=lambda scope: EVERYTHING if scope.links else [],
        condition=in_the_regions,
        wildcard=DESCRIBE,
    ),
)
"""The grants of the probe."""
