"""The egress of a security group that connects to nothing."""

from aws_cdk import aws_ec2 as ec2

from pinekeep.model.facts import aws


def no_egress() -> list[ec2.CfnSecurityGroup.EgressProperty]:
    """Return the one rule that replaces the default, which allows everything."""
    return [
        ec2.CfnSecurityGroup.EgressProperty(
            ip_protocol=aws.NO_EGRESS.ip_protocol,
            from_port=aws.NO_EGRESS.from_port,
            to_port=aws.NO_EGRESS.to_port,
            cidr_ip=aws.NO_EGRESS.cidr_ip,
            description="Allows nothing; stands in for the rule that would allow everything",
        )
    ]
