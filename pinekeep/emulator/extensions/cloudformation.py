"""CloudFormation: conditions, replaced properties and stack policies."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from ministack.services.cloudformation import _stacks, changesets, engine, handlers, provisioners, stacks

from pinekeep.emulator.extensions.patching import Deploy, Document, around_deployments, listed

REPLACING: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "AWS::IAM::Role": "Path RoleName",
        "AWS::IAM::ManagedPolicy": "ManagedPolicyName Description Path",
        "AWS::KMS::Key": "",
        "AWS::KMS::ReplicaKey": "PrimaryKeyArn",
        "AWS::KMS::Alias": "AliasName",
        "AWS::EC2::VPC": "CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength VpcEncryptionControl",
        "AWS::EC2::VPCCidrBlock": "AmazonProvidedIpv6CidrBlock CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength "
        "Ipv6CidrBlock Ipv6CidrBlockNetworkBorderGroup Ipv6IpamPoolId Ipv6NetmaskLength Ipv6Pool VpcId",
        "AWS::EC2::SubnetCidrBlock": "Ipv6CidrBlock Ipv6IpamPoolId Ipv6NetmaskLength SubnetId",
        "AWS::EC2::RouteTable": "VpcId",
        "AWS::EC2::Subnet": "VpcId AvailabilityZone AvailabilityZoneId CidrBlock OutpostArn Ipv6Native "
        "Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength",
        "AWS::EC2::SubnetRouteTableAssociation": "SubnetId RouteTableId",
        "AWS::EC2::FlowLog": "DeliverCrossAccountRole DeliverLogsPermissionArn LogGroupName LogDestination ResourceId "
        "TrafficType LogDestinationType ResourceType LogFormat MaxAggregationInterval DestinationOptions "
        "TagFieldSpecifications",
        "AWS::EC2::SecurityGroup": "GroupDescription GroupName VpcId",
        "AWS::EC2::VPCEndpoint": "ServiceName VpcEndpointType VpcId ServiceNetworkArn ResourceConfigurationArn "
        "ServiceRegion",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::Route53::HostedZone": "Name DelegationSetId",
        "AWS::Route53::RecordSet": "HostedZoneName HostedZoneId",
        "AWS::Route53Resolver::ResolverEndpoint": "Direction OutpostArn PreferredInstanceType SecurityGroupIds",
        "AWS::Route53Profiles::Profile": "Name",
        "AWS::Route53Profiles::ProfileAssociation": "Name ResourceId ProfileId",
        "AWS::Route53Profiles::ProfileResourceAssociation": "ProfileId Name ResourceArn",
    }.items()
}
"""The properties whose change replaces the resource, by type.

Source: ``createOnlyProperties`` of CloudFormation's registry, through cfn-lint; a test compares them.
"""


def replacing_properties() -> None:
    """Gap: change sets report most changes as possible replacements. AWS tells which replace the resource."""
    provisioners._REPLACING_PROPERTIES.update(REPLACING)


def absent_descriptions() -> None:
    """Gap: DescribeStacks returns empty descriptions, which the service's model excludes. AWS leaves them out."""
    describe = handlers._ACTION_HANDLERS["DescribeStacks"]

    def described(parameters: dict[str, Any]) -> Any:
        status, headers, body = describe(parameters)
        return status, headers, body.replace(b"<Description></Description>", b"")

    handlers._ACTION_HANDLERS["DescribeStacks"] = described


def unknown_parameters() -> None:
    """Gap: parameters that the template does not declare are accepted. AWS refuses the request."""
    resolve = engine._resolve_parameters

    def resolved(template: Document, provided: list[Document], *previous: Any) -> Document:
        declared = template.get("Parameters") or {}
        unknown = [each["Key"] for each in provided if each.get("Key") and each["Key"] not in declared]
        if unknown:
            raise ValueError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
        return dict(resolve(template, provided, *previous))

    for module in (changesets, engine, handlers):
        module._resolve_parameters = resolved


_FUNCTIONS: Final = ("Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub", "Fn::FindInMap")


def values_of_conditions() -> None:
    """Gap: a condition supports neither functions such as `Fn::Join` nor pseudo parameters such as `AWS::Region`.

    AWS joins a list parameter. With it `cdk bootstrap` decides whether policies for CloudFormation's role were
    passed: an empty list that counts as filled leaves the role without its AdministratorAccess. A template for several
    Regions decides by `AWS::Region` which of its stacks creates a global resource.
    """
    evaluate = engine._evaluate_conditions

    def evaluate_values(template: dict[str, Any], parameters: dict[str, Any]) -> dict[str, bool]:
        conditions = _with_values(template.get("Conditions", {}), parameters, template.get("Mappings", {}))
        return dict(evaluate({**template, "Conditions": conditions}, parameters))

    for module in (changesets, engine, handlers, stacks):
        module._evaluate_conditions = evaluate_values


def _with_values(value: Any, parameters: dict[str, Any], mappings: dict[str, Any]) -> Any:
    """Return a condition with the values of functions and pseudo parameters in their place."""
    if isinstance(value, list):
        return [_with_values(each, parameters, mappings) for each in value]
    if not isinstance(value, dict):
        return value
    (name, given), *_ = [*value.items(), ("", "")]
    if name in _FUNCTIONS or (name == "Ref" and str(given).startswith("AWS::")):
        return engine._resolve_refs(value, {}, parameters, {}, mappings, "", "")
    return {key: _with_values(each, parameters, mappings) for key, each in value.items()}


def stack_policies() -> None:
    """Gap: a stack policy is stored and returned, but not enforced.

    AWS fails an update at the first resource that the policy protects, and rolls back. Here such an update does not
    begin; it ends in the same state.
    """

    async def deploy(
        run: Deploy, name: str, stack_id: str, template: Document, values: Document, *rest: Any, **options: Any
    ) -> None:
        before = options.get("previous_stack")
        denied = _denied(name, stack_id, template, values, before) if options.get("is_update") and before else None
        if denied is None:
            await run(name, stack_id, template, values, *rest, **options)
            return
        stack = _stacks[name]
        logical_id, kind, action = denied
        reason = f"Action denied by stack policy: no statement allows [{action}] for [LogicalResourceId/{logical_id}]"
        stacks._add_event(stack_id, name, logical_id, kind, "UPDATE_FAILED", reason)
        stack.update(before)
        stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE"
        stack["StackStatusReason"] = f"The following resource(s) failed to update: [{logical_id}]."
        stacks._add_event(stack_id, name, name, "AWS::CloudFormation::Stack", stack["StackStatus"], reason, stack_id)

    around_deployments(deploy)


def _denied(
    name: str, stack_id: str, template: Document, values: Document, before: Document
) -> tuple[str, str, str] | None:
    """Return the first protected resource, with its type and the denied action."""
    policy = json.loads(_stacks[name].get("_stack_policy") or "{}")
    if not policy:
        return None
    old = changesets._resolve_props_for_diff(before["_template"], before["_resolved_params"], name, stack_id)
    new = changesets._resolve_props_for_diff(template, values, name, stack_id)
    for each in stacks._diff_resources(old, new, before["_resources"], template):
        change = each["ResourceChange"]
        logical_id, kind = change["LogicalResourceId"], change["ResourceType"]
        for action in _actions(change):
            if not _allows(policy, action, logical_id, kind):
                return logical_id, kind, action
    return None


def _actions(change: Document) -> Iterator[str]:
    match change["Action"]:
        case "Remove":
            yield "Update:Delete"
        case "Modify":
            yield "Update:Replace" if change.get("Replacement") == "True" else "Update:Modify"


def _allows(policy: Document, action: str, logical_id: str, kind: str) -> bool:
    found = [
        each["Effect"]
        for each in policy["Statement"]
        if _fits(each.get("Action"), action)
        and _fits(each.get("Resource"), f"LogicalResourceId/{logical_id}")
        and all(
            _fits(wanted, kind) if key == "ResourceType" else False
            for keys in each.get("Condition", {}).values()
            for key, wanted in keys.items()
        )
    ]
    return "Allow" in found and "Deny" not in found


def _fits(patterns: Any, value: str) -> bool:
    return any(fnmatchcase(value, each) for each in listed(patterns))
