"""From what DescribeChangeSet answers to typed changes."""

from typing import Any

from pinekeep.operations.plan.changes import Action, ChangeSet, PropertyChange, Replacement, parse_change_set

STACK = "Pinekeep-search-Cmek"


def parsed(*changes: dict[str, Any], **others: Any) -> ChangeSet:
    description = {
        "ChangeSetId": "arn:aws:cloudformation:us-east-1:111122223333:changeSet/pinekeep-1/1",
        "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/Pinekeep-search-Cmek/1",
        "ExecutionStatus": "AVAILABLE",
        "Changes": [{"Type": "Resource", "ResourceChange": each} for each in changes],
        **others,
    }
    return parse_change_set(STACK, description)


def modified(logical_id: str, *details: dict[str, Any], replacement: str = "False", **others: Any) -> dict[str, Any]:
    return {
        "Action": "Modify",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": f"{logical_id}-1",
        "ResourceType": "AWS::KMS::Key",
        "Replacement": replacement,
        "Details": list(details),
        **others,
    }


def detail(name: str, recreation: str = "Never", **others: Any) -> dict[str, Any]:
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification", **others}


def following(name: str, causes: str, recreation: str = "Never") -> dict[str, Any]:
    return detail(name, recreation, Evaluation="Dynamic", ChangeSource="ResourceAttribute", CausingEntity=causes)


def test_a_change_keeps_what_cloudformation_says() -> None:
    target = {"Attribute": "Tags", "RequiresRecreation": "Never", "BeforeValue": "a", "AfterValue": "b"}
    found = parsed(modified("Key", {"Target": target}, PolicyAction="ReplaceAndRetain", replacement="True"))
    (only,) = found.changes
    assert found.executable
    assert (only.stack, only.logical_id, only.physical_id, only.action) == (STACK, "Key", "Key-1", Action.MODIFY)
    assert (only.replacement, only.retained) == (Replacement.ALWAYS, True)
    assert only.details == (PropertyChange(attribute="Tags", before="a", after="b"),)


def test_what_is_added_or_removed_needs_no_details() -> None:
    added = {"Action": "Add", "LogicalResourceId": "Key", "ResourceType": "AWS::KMS::Key"}
    removed = {**added, "Action": "Remove", "PhysicalResourceId": "k", "PolicyAction": "Delete"}
    found = parsed(added, removed)
    assert [(each.action, each.physical_id, each.retained) for each in found.changes] == [
        (Action.ADD, None, False),
        (Action.REMOVE, "k", False),
    ]


def test_an_empty_change_set_is_told_from_one_that_failed() -> None:
    reason = "The submitted information didn't contain changes. Submit different information to create a change set."
    assert parsed(ExecutionStatus="UNAVAILABLE", StatusReason=reason).is_empty
    assert not parsed(ExecutionStatus="UNAVAILABLE", StatusReason="Template error").is_empty
    assert not parsed().is_empty


def test_an_arn_cannot_change_while_its_resource_stays() -> None:
    found = parsed(modified("Role", detail("Tags")), modified("Key", following("KeyPolicy", "Role.Arn")))
    assert [each.logical_id for each in found.changes] == ["Role"]


def test_what_might_be_replaced_for_an_arn_that_cannot_change_is_not() -> None:
    found = parsed(
        modified("Role", detail("Tags")),
        modified("Log", detail("Tags"), following("Arn", "Role.Arn", "Always"), replacement="Conditional"),
    )
    assert [(each.logical_id, each.replacement, len(each.details)) for each in found.changes] == [
        ("Role", Replacement.NEVER, 1),
        ("Log", Replacement.NEVER, 1),
    ]


def test_an_arn_of_a_resource_that_may_be_replaced_can_change() -> None:
    for replacement in ("True", "Conditional"):
        found = parsed(
            modified("Role", detail("RoleName", "Always"), replacement=replacement),
            modified("Log", following("Arn", "Role.Arn", "Always"), replacement="Conditional"),
        )
        assert [each.replacement for each in found.changes][1] is Replacement.MAYBE


def test_an_attribute_that_is_no_name_can_change_at_any_time() -> None:
    found = parsed(
        modified("Endpoint", detail("Tags")),
        modified("Record", following("AliasTarget", "Endpoint.DnsEntries")),
    )
    assert [each.logical_id for each in found.changes] == ["Endpoint", "Record"]


def test_what_the_template_changes_itself_says_more_than_what_follows() -> None:
    found = parsed(
        modified("Role", detail("Tags")),
        modified("Key", following("KeyPolicy", "Role.Arn"), detail("KeyPolicy")),
        modified("Other", detail("KeyPolicy"), following("KeyPolicy", "Role.Arn")),
    )
    assert [[each.causes for each in one.details] for one in found.changes] == [[None], [None], [None]]


def test_a_resource_that_is_replaced_for_something_else_stays_replaced() -> None:
    found = parsed(
        modified("Role", detail("Tags")),
        modified("Log", detail("Name", "Always"), following("Arn", "Role.Arn", "Always"), replacement="True"),
    )
    assert found.changes[1].replacement is Replacement.ALWAYS


def test_a_resource_that_was_deleted_by_hand_is_made_again_however_cloudformation_says_so() -> None:
    gone = {"LogicalResourceId": "Role", "ResourceType": "AWS::IAM::Role", "ResourceDriftStatus": "DELETED"}
    for told in ({"Action": "Add"}, {"Action": "Modify", "Replacement": "True", "Details": [detail("Path")]}):
        (only,) = parsed({**gone, **told}).changes
        assert (only.action, only.lost, only.replacement, only.details) == (Action.ADD, True, Replacement.NEVER, ())


def test_a_resource_that_leaves_its_stack_is_not_made_again() -> None:
    gone = {"LogicalResourceId": "Role", "ResourceType": "AWS::IAM::Role", "ResourceDriftStatus": "DELETED"}
    (only,) = parsed({**gone, "Action": "Remove"}).changes
    assert (only.action, only.lost) == (Action.REMOVE, False)


def test_what_is_as_the_template_says_already_is_no_change() -> None:
    synced = detail("Description")
    synced["Target"]["AttributeChangeType"] = "SyncWithActual"
    (only,) = parsed({**modified("Key", synced, detail("KeyPolicy")), "ResourceDriftStatus": "MODIFIED"}).changes
    assert [each.name for each in only.details] == ["KeyPolicy"]
    (alone,) = parsed({**modified("Key", synced), "Action": "SyncWithActual"}).changes
    assert (alone.action, alone.details) == (Action.SYNC, ())


def test_a_word_that_nobody_knew_may_mean_anything() -> None:
    (only,) = parsed({**modified("Key", replacement="Perhaps"), "Action": "Reimagine"}).changes
    assert (only.action, only.replacement) == (Action.DYNAMIC, Replacement.MAYBE)
