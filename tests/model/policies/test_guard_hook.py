"""The template of the Guard Hook: valid, failing closed, with a role that reads its rules alone."""

import json

from cfnlint.decode import decode_str

from pinekeep.model.facts import aws
from pinekeep.model.policies.guard import HOOK_ALIAS, TARGETS, guard_hook_template
from tests.stacks.test_cfn_lint import IGNORED, linter


def test_cfn_lint_finds_nothing_in_the_template_of_the_hook() -> None:
    template, errors = decode_str(json.dumps(guard_hook_template()))
    found = errors or linter().validate_template(template or {})
    assert [str(each) for each in found if each.rule.id not in IGNORED] == []


def test_the_hook_fails_closed_and_its_role_may_read_its_rules_alone() -> None:
    resources = guard_hook_template()["Resources"]
    hook, role = resources["Hook"]["Properties"], resources["ExecutionRole"]["Properties"]
    assert (hook["FailureMode"], hook["Alias"]) == ("FAIL", HOOK_ALIAS)
    assert not HOOK_ALIAS.lower().startswith("aws")
    assert hook["TargetOperations"] == ["RESOURCE", "CLOUD_CONTROL"]
    assert hook["TargetFilters"]["TargetNames"] == list(TARGETS)
    assert "StackFilters" not in hook  # ignored beside CLOUD_CONTROL, and they know no caller
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": aws.HOOKS_SERVICE}
    (read, _) = role["Policies"]
    assert read["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${RulesBucket}"},
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${RulesBucket}/${RulesKey}"},
        },
    ]
