"""VPCs, security groups, network ACLs, DHCP options and flow logs."""

from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.patching import (
    HANDLERS,
    Attributes,
    Properties,
    after_provisioning,
    carry_stack_tags,
    filter_by_id,
    new_id,
    replacement,
)


def vpc_attributes() -> None:
    """Gap: `Fn::GetAtt` of a VPC lacks CidrBlock (which CDK uses), CidrBlockAssociations and Ipv6CidrBlocks."""

    def complete(physical_id: str, attributes: Attributes, _: Properties) -> Attributes:
        block = ec2._vpcs[physical_id]["CidrBlock"]
        return {**attributes, "CidrBlock": block, "CidrBlockAssociations": [], "Ipv6CidrBlocks": []}

    after_provisioning("AWS::EC2::VPC", complete)


def security_group_rules() -> None:
    """Gap: `AWS::EC2::SecurityGroupIngress` and `AWS::EC2::SecurityGroupEgress` are missing.

    CDK uses them whenever a rule names another security group. AWS adds the rule to the group;
    a changed rule is a new one. The first explicit egress rule replaces the default one.
    """
    allow_all = provisioners._ec2_sg_egress_permissions(None)[0]

    def register(resource_type: str, direction: str) -> None:
        def create(logical_id: str, properties: Properties, *_: Any) -> tuple[str, Attributes]:
            group = ec2._security_groups.get(properties.get("GroupId"))
            if group is None:
                raise ValueError(f"{resource_type} {logical_id}: no group {properties.get('GroupId')!r}")
            rule_id = new_id("sgr")
            rule = {**provisioners._ec2_sg_permissions([properties])[0], "SecurityGroupRuleId": rule_id}
            kept = [known for known in group[direction] if known != allow_all]
            group[direction] = [*kept, rule]
            return rule_id, {"Id": rule_id}

        def delete(physical_id: str, properties: Properties, *_: Any) -> None:
            group = ec2._security_groups.get(properties.get("GroupId"))
            if group is not None:
                group[direction] = [rule for rule in group[direction] if rule.get("SecurityGroupRuleId") != physical_id]

        HANDLERS[resource_type] = {"create": create, "update": replacement(create, delete), "delete": delete}

    register("AWS::EC2::SecurityGroupIngress", "IpPermissions")
    register("AWS::EC2::SecurityGroupEgress", "IpPermissionsEgress")


def restricted_default_groups() -> None:
    """Gap: CDK's `Custom::VpcRestrictDefaultSG` fails, as its function needs a module that the emulator lacks.

    On AWS that function removes all rules from the VPC's default group, and restores the defaults
    when it is deleted. The same is done here without running it.
    """

    def create(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
        group = ec2._security_groups[properties["DefaultSecurityGroupId"]]
        group.update(IpPermissions=[], IpPermissionsEgress=[])
        return "default-security-group", {}

    def update(_: str, __: Properties, new: Properties, *___: Any) -> tuple[str, Attributes]:
        return create("", new)

    def delete(_: str, properties: Properties, *__: Any) -> None:
        if group := ec2._security_groups.get(properties["DefaultSecurityGroupId"]):
            group["IpPermissionsEgress"] = provisioners._ec2_sg_egress_permissions(None)

    handler = {"create": create, "update": update, "delete": delete}
    HANDLERS["Custom::VpcRestrictDefaultSG"] = handler


def security_group_filters() -> None:
    """Gap: DescribeSecurityGroups ignores the filter `group-id`. In AWS, an unknown ID in it is no error."""
    filter_by_id(
        "DescribeSecurityGroups",
        "group-id",
        "GroupId",
        lambda asked: [each for each in asked if each in ec2._security_groups],
        empty="securityGroupInfo",
    )


def network_acls() -> None:
    """Gap: subnets have no network ACL, an association cannot be moved, and `association.subnet-id` is ignored.

    On AWS a subnet has its VPC's default ACL until it is moved to another one; DescribeNetworkAcls filters by it.
    """
    replace = ec2._ACTION_MAP["ReplaceNetworkAclAssociation"]

    def associations() -> dict[str, str]:
        """Associate subnets without an ACL with their VPC's default one; return each association's subnet."""
        found = {
            each["NetworkAclAssociationId"]: str(each["SubnetId"])
            for acl in ec2._network_acls.values()
            for each in acl["Associations"]
        }
        for subnet in ec2._subnets.values():
            acl_id = ec2._vpcs.get(subnet["VpcId"], {}).get("DefaultNetworkAclId")
            if subnet["SubnetId"] not in found.values() and acl_id in ec2._network_acls:
                new = {"NetworkAclAssociationId": new_id("aclassoc"), "SubnetId": subnet["SubnetId"]}
                ec2._network_acls[acl_id]["Associations"].append(new)
                found[new["NetworkAclAssociationId"]] = new["SubnetId"]
        return found

    def matching(asked: list[str]) -> list[str]:
        associations()
        acls = ec2._network_acls.items()
        return [acl_id for acl_id, acl in acls if any(each["SubnetId"] in asked for each in acl["Associations"])]

    def replaced(parameters: dict[str, Any]) -> Any:
        subnet = associations().get(ec2._p(parameters, "AssociationId"), "")
        answer = replace(parameters)
        for acl in ec2._network_acls.values():
            for each in acl["Associations"]:
                each["SubnetId"] = each["SubnetId"] or subnet
        return answer

    filter_by_id("DescribeNetworkAcls", "association.subnet-id", "NetworkAclId", matching, empty="networkAclSet")
    ec2._ACTION_MAP["ReplaceNetworkAclAssociation"] = replaced


def dhcp_options() -> None:
    """Gap: a VPC's default DHCP options cannot be described, and the filter `dhcp-options-id` is ignored.

    On AWS they name `AmazonProvidedDNS`; unlike an ID among the parameters, an unknown one in the filter is no error.
    """

    def matching(asked: list[str]) -> list[str]:
        for default in {vpc["DhcpOptionsId"] for vpc in ec2._vpcs.values()} - {"default"}:
            if default not in ec2._dhcp_options:
                servers = {"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}
                ec2._dhcp_options[default] = {
                    "DhcpOptionsId": default,
                    "DhcpConfigurations": [servers],
                    "OwnerId": ec2.get_account_id(),
                    "Tags": [],
                }
        return [each for each in asked if each in ec2._dhcp_options]

    filter_by_id("DescribeDhcpOptions", "dhcp-options-id", "DhcpOptionsId", matching, empty="dhcpOptionsSet")


def flow_logs() -> None:
    """Gap: no `AWS::EC2::FlowLog` (only tags can change), and DescribeFlowLogs lacks the log group and the role."""

    def create(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
        flow_log_id = new_id("fl")
        ec2._flow_logs[flow_log_id] = {
            "FlowLogId": flow_log_id,
            "ResourceId": properties["ResourceId"],
            "ResourceType": properties["ResourceType"],
            "TrafficType": properties.get("TrafficType", "ALL"),
            "LogDestinationType": properties.get("LogDestinationType", "cloud-watch-logs"),
            "LogDestination": properties.get("LogDestination", ""),
            "LogGroupName": properties.get("LogGroupName", ""),
            "DeliverLogsPermissionArn": properties.get("DeliverLogsPermissionArn", ""),
            "MaxAggregationInterval": properties.get("MaxAggregationInterval", 600),
            "FlowLogStatus": "ACTIVE",
            "CreationTime": ec2._now_ts(),
        }
        provisioners._ec2_apply_tags(flow_log_id, properties)
        return flow_log_id, {"Id": flow_log_id}

    def delete(physical_id: str, *_: Any) -> None:
        ec2._delete_flow_logs({"FlowLogId.1": [physical_id]})

    def update(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
        if {**old, "Tags": None} != {**new, "Tags": None}:
            return replacement(create, delete)(physical_id, old, new)
        provisioners._ec2_apply_tags(physical_id, new, old)
        return physical_id, {"Id": physical_id}

    def describe(parameters: dict[str, Any]) -> Any:
        status, headers, body = described(parameters)
        for flow_log in ec2._flow_logs.values():
            more = (
                f"<logGroupName>{flow_log.get('LogGroupName', '')}</logGroupName>"
                f"<deliverLogsPermissionArn>{flow_log.get('DeliverLogsPermissionArn', '')}"
                "</deliverLogsPermissionArn><deliverLogsStatus>SUCCESS</deliverLogsStatus>"
                f"<maxAggregationInterval>{flow_log.get('MaxAggregationInterval', 600)}</maxAggregationInterval>"
            )
            marker = f"<flowLogId>{flow_log['FlowLogId']}</flowLogId>"
            body = body.replace(marker.encode(), (marker + more).encode())
        return status, headers, body

    described = ec2._ACTION_MAP["DescribeFlowLogs"]
    ec2._ACTION_MAP["DescribeFlowLogs"] = describe
    HANDLERS["AWS::EC2::FlowLog"] = {"create": create, "update": update, "delete": delete}
    carry_stack_tags("AWS::EC2::FlowLog")
