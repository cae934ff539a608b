from pinekeep.model.policies.flow_logs import flow_logs_permissions, flow_logs_trust


def test_only_this_accounts_flow_logs_assume_the_role() -> None:
    assert flow_logs_trust("111122223333", "us-east-1") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowFlowLogsToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/*"},
                    "StringEquals": {"aws:SourceAccount": "111122223333"},
                },
            }
        ],
    }


def test_the_role_writes_one_log_group() -> None:
    group = "arn:aws:logs:us-east-1:111122223333:log-group:pinecone:*"
    assert flow_logs_permissions(group) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowWritingTheLogGroup",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                "Resource": group,
            }
        ],
    }
