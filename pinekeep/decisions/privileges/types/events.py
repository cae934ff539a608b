"""The EventBridge rules, with those in another Region that forward to the deployment's.

Source: "Actions, resources, and condition keys for Amazon EventBridge" (docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import ResourceKind, grant, left_out
from pinekeep.decisions.privileges.monitoring_scope import forwarding_roles, referenced_stacks, rules

EVENTS_SERVICE: Final = "events.amazonaws.com"

RULE: Final = ResourceKind(
    name="AWS::Events::Rule",
    grants=(
        grant(
            "ManageRules",
            "events:DeleteRule",
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "events:PutRule",
            "events:PutTargets",
            "events:RemoveTargets",
            "events:TagResource",
            "events:UntagResource",
            on="the deployments' rules, in their Regions and in the one with the events of global services",
            resources=rules,
        ),
        grant(
            "ReadReferencedOutputs",
            "cloudformation:DescribeStacks",
            on="the stacks whose outputs the rules refer to, by `Fn::GetStackOutput`",
            resources=referenced_stacks,
        ),
        grant(
            "PassForwardingRoles",
            "iam:PassRole",
            on=f"the roles that forward events, to {EVENTS_SERVICE} alone",
            resources=forwarding_roles,
            condition=lambda _: {"StringEquals": {"iam:PassedToService": EVENTS_SERVICE}},
        ),
    ),
    left_out=left_out("only for listing resources to import, never for a deployment", "events:ListRules"),
)
