"""The log group of the flow logs.

Source: "Actions, resources, and condition keys for Amazon CloudWatch Logs" (docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, Grant, in_the_regions, left_out
from pinekeep.decisions.privileges.types.kind import ResourceKind

LOG_GROUP: Final = ResourceKind(
    name="AWS::Logs::LogGroup",
    grants=(
        Grant(
            sid="ManageLogGroups",
            actions=(
                "logs:CreateLogGroup",
                "logs:DeleteDataProtectionPolicy",
                "logs:DeleteLogGroup",
                "logs:DescribeIndexPolicies",
                "logs:GetDataProtectionPolicy",
                "logs:ListTagsForResource",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
            on="the flow logs' log groups",
            resources=lambda scope: scope.log_groups,
        ),
        Grant(
            sid="FindLogGroups",
            actions=("logs:DescribeLogGroups",),
            on="the names of the Region's log groups",
            resources=lambda scope: scope.all_log_groups if scope.log_groups else [],
        ),
        Grant(
            sid="ReadLogResourcePolicies",
            actions=("logs:DescribeResourcePolicies",),
            on="the Region's resource policies for logs",
            resources=lambda scope: EVERYTHING if scope.log_groups else [],
            condition=in_the_regions,
            wildcard="the call takes no resource",
        ),
    ),
    left_out={
        **left_out("the log group has no data protection policy", "logs:PutDataProtectionPolicy"),
        **left_out("the log group has no index policy", "logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
        **left_out("the log group has no policy of its own", "logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
        **left_out(
            "the logs are encrypted by CloudWatch Logs itself", "logs:AssociateKmsKey", "logs:DisassociateKmsKey"
        ),
        **left_out("the logs are always kept for a set time", "logs:DeleteRetentionPolicy"),
        **left_out("the templates do not set it", "logs:PutLogGroupDeletionProtection"),
        **left_out("no bearer token is used", "logs:PutBearerTokenAuthentication"),
        **left_out(
            "the log group delivers nowhere",
            "logs:CreateLogDelivery",
            "s3:REST.PUT.OBJECT",
            "firehose:TagDeliveryStream",
        ),
    },
)
