"""The policies with which VPC flow logs write to CloudWatch Logs. Source: facts.aws.FLOW_LOGS_PAGE."""

from pinekeep.model.policies.document import Policy, policy


def flow_logs_trust(account: str, region: str) -> Policy:
    """Return the trust policy that lets the flow logs service, for this account alone, assume the role."""
    return policy(
        [
            {
                "Sid": "AllowFlowLogsToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{region}:{account}:vpc-flow-log/*"},
                    "StringEquals": {"aws:SourceAccount": account},
                },
            }
        ]
    )


def flow_logs_permissions(log_group_arn: str) -> Policy:
    """Return the policy for writing one log group, whose ARN ends with ``:*``, as CloudFormation gives it."""
    return policy(
        [
            {
                "Sid": "AllowWritingTheLogGroup",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                "Resource": log_group_arn,
            }
        ]
    )
