"""Resource types of templates that the emulator refuses, though it has their services."""

import json
from typing import Any, Final

from ministack.core.responses import AccountScopedDict, get_account_id
from ministack.services import athena, cloudtrail, eventbridge, s3
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.json_services import register_rest
from pinekeep.emulator.extensions.patching import (
    HANDLERS,
    Attributes,
    Properties,
    carry_stack_tags,
    parsed,
    replace_call,
    replacement,
)

TRAIL: Final = "AWS::CloudTrail::Trail"
NAMED_QUERY: Final = "AWS::Athena::NamedQuery"
BUS_POLICY: Final = "AWS::Events::EventBusPolicy"
SLACK: Final = "AWS::Chatbot::SlackChannelConfiguration"
OK: Final = 200

slack_channels = AccountScopedDict()


def _require(answer: tuple[int, Any, bytes], service: str) -> dict[str, Any]:
    """Return the document of an answer. Raises ValueError, as CloudFormation words it, for a refusal."""
    document = json.loads(answer[2] or b"{}")
    if answer[0] != OK:
        message = document.get("message") or document.get("Message") or document
        raise ValueError(f"{message} (Service: {service}, Status Code: {answer[0]})")
    return dict(document)


def trails() -> None:
    """Gap: `AWS::CloudTrail::Trail` is missing, and CreateTrail loses the log group.

    AWS creates the trail, and starts it if `IsLogging` is set. It needs a bucket that exists. Here no log files are
    written; what a trail records reaches EventBridge and its log group.
    """
    make = cloudtrail._create_trail

    def created(asked: dict[str, Any]) -> Any:
        answer = make(asked)
        if answer[0] == OK:
            trail = cloudtrail._trails[asked["Name"].strip()]
            trail.update({key: asked[key] for key in _LOG_GROUP if asked.get(key)})
        return answer

    replace_call(cloudtrail, "_create_trail", created)
    HANDLERS[TRAIL] = {"create": _create_trail, "update": _update_trail, "delete": _delete_trail}
    carry_stack_tags(TRAIL)


_LOG_GROUP: Final = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")
_TRAIL_FIELDS: Final = (
    *("S3BucketName", "S3KeyPrefix", "SnsTopicName", "IncludeGlobalServiceEvents", "IsMultiRegionTrail"),
    *("IsOrganizationTrail", "EnableLogFileValidation", "KMSKeyId"),
)


def _create_trail(logical_id: str, properties: Properties, stack: str, *_: Any) -> tuple[str, Attributes]:
    name = properties.get("TrailName") or provisioners._physical_name(stack, logical_id)
    if s3._bucket_owner_account(str(properties["S3BucketName"])) is None:
        raise ValueError(f"S3 bucket {properties['S3BucketName']} does not exist (Service: CloudTrail)")
    _require(cloudtrail._create_trail({"Name": name, **_trail(properties)}), "CloudTrail")
    return _apply_trail(name, properties)


def _trail(properties: Properties) -> dict[str, Any]:
    found = {key: properties[key] for key in (*_TRAIL_FIELDS, *_LOG_GROUP) if key in properties}
    if "KMSKeyId" in found:
        found["KmsKeyId"] = found.pop("KMSKeyId")
    return found


def _apply_trail(name: str, properties: Properties) -> tuple[str, Attributes]:
    logs = properties.get("IsLogging", True)
    switch = cloudtrail._start_logging if str(logs).lower() == "true" else cloudtrail._stop_logging
    _require(switch({"Name": name}), "CloudTrail")
    trail = cloudtrail._trails[name]
    if selectors := properties.get("EventSelectors"):
        asked = [{"ReadWriteType": "All", "IncludeManagementEvents": True, **each} for each in selectors]
        _require(cloudtrail._put_event_selectors({"TrailName": name, "EventSelectors": asked}), "CloudTrail")
    tags = {each["Key"]: each["Value"] for each in properties.get("Tags") or []}
    cloudtrail._trail_tags[trail["TrailARN"]] = tags
    return name, {"Arn": trail["TrailARN"], "SnsTopicArn": trail.get("SnsTopicARN", "")}


def _update_trail(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
    if (new.get("TrailName") or physical_id) != physical_id:
        return replacement(_create_named_trail, _delete_trail)(physical_id, old, new)
    _require(cloudtrail._update_trail({"Name": physical_id, **_trail(new)}), "CloudTrail")
    return _apply_trail(physical_id, new)


def _create_named_trail(_: str, properties: Properties) -> tuple[str, Attributes]:
    return _create_trail("", properties, "")


def _delete_trail(physical_id: str, *_: Any) -> None:
    cloudtrail._delete_trail({"Name": physical_id})


def named_queries() -> None:
    """Gap: `AWS::Athena::NamedQuery` is missing. AWS saves the query; every change replaces it but the query's own."""
    fields = ("Name", "Database", "QueryString", "Description", "WorkGroup")

    def create(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
        group = properties.get("WorkGroup", "primary")
        athena._ensure_default_workgroup()
        if group not in athena._workgroups:
            raise ValueError(f"WorkGroup {group} is not found. (Service: Athena, Status Code: 400)")
        asked = {name: properties[name] for name in fields if name in properties}
        query_id = _require(athena._create_named_query(asked), "Athena")["NamedQueryId"]
        if not asked.get("Description"):
            athena._named_queries[query_id].pop("Description")
        return query_id, {"NamedQueryId": query_id}

    def delete(physical_id: str, *_: Any) -> None:
        athena._delete_named_query({"NamedQueryId": physical_id})

    HANDLERS[NAMED_QUERY] = {"create": create, "update": replacement(create, delete), "delete": delete}


def bus_policies() -> None:
    """Gap: `AWS::Events::EventBusPolicy` is missing. AWS adds the statement to the bus's policy, and removes it."""

    def create(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
        bus = properties.get("EventBusName") or "default"
        sid = str(properties["StatementId"])
        statement = parsed(properties.get("Statement"))
        eventbridge._ensure_default_bus()
        if bus not in eventbridge._event_buses:
            raise ValueError(f"Event bus {bus} does not exist. (Service: EventBridge, Status Code: 400)")
        asked = {"Principal": properties.get("Principal", "*"), "Action": properties.get("Action", "events:PutEvents")}
        _require(eventbridge._put_permission({"EventBusName": bus, "StatementId": sid, **asked}), "EventBridge")
        if statement:
            kept = eventbridge._event_bus_policies[bus]["Statement"]
            kept[:] = [{**statement, "Sid": sid} if each["Sid"] == sid else each for each in kept]
        return f"{bus}|{sid}", {}

    def delete(physical_id: str, *_: Any) -> None:
        bus, sid = physical_id.split("|", 1)
        eventbridge._remove_permission({"EventBusName": bus, "StatementId": sid})

    HANDLERS[BUS_POLICY] = {"create": create, "update": replacement(create, delete), "delete": delete}


def slack_configurations() -> None:
    """Gap: AWS Chatbot, now Amazon Q Developer in chat applications, is missing with its Slack channels.

    AWS keeps the configuration, of a workspace that was authorized in its console, and returns it. Here every workspace
    counts as authorized, and nothing is sent to Slack.
    """

    def create(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
        name = properties["ConfigurationName"]
        arn = f"arn:aws:chatbot::{get_account_id()}:chat-configuration/slack-channel/{name}"
        if arn in slack_channels:
            raise ValueError(f"{name} already exists (Service: Chatbot, Status Code: 409)")
        return set_channel(arn, properties)

    def set_channel(arn: str, properties: Properties) -> tuple[str, Attributes]:
        slack_channels[arn] = {
            # The names are Slack's to tell.
            "SlackTeamName": properties["SlackWorkspaceId"],
            "SlackTeamId": properties["SlackWorkspaceId"],
            "SlackChannelId": properties["SlackChannelId"],
            "SlackChannelName": properties["SlackChannelId"],
            "ChatConfigurationArn": arn,
            "IamRoleArn": properties["IamRoleArn"],
            "SnsTopicArns": list(properties.get("SnsTopicArns") or []),
            "ConfigurationName": properties["ConfigurationName"],
            "LoggingLevel": properties.get("LoggingLevel", "NONE"),
            "GuardrailPolicyArns": list(properties.get("GuardrailPolicies") or []),
            "UserAuthorizationRequired": str(properties.get("UserRoleRequired", "false")).lower() == "true",
            "State": "ENABLED",
        }
        return arn, {"Arn": arn}

    def update(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
        kept = ("ConfigurationName", "SlackWorkspaceId")
        if any(old.get(name) != new.get(name) for name in kept):
            return replacement(create, delete)(physical_id, old, new)
        return set_channel(physical_id, new)

    def delete(physical_id: str, *_: Any) -> None:
        slack_channels.pop(physical_id, None)

    def describe(asked: dict[str, Any]) -> dict[str, Any]:
        wanted = asked.get("ChatConfigurationArn")
        found = [each for arn, each in slack_channels.items() if wanted in (None, arn)]
        return {"SlackChannelConfigurations": found}

    HANDLERS[SLACK] = {"create": create, "update": update, "delete": delete}
    register_rest("chatbot", {"DescribeSlackChannelConfigurations": describe})
