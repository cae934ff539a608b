#!/usr/bin/env bash
# moto 5.2.5: UpdateStackSet succeeds, and the stacks in the accounts stay as they were.
#
# The operation is SUCCEEDED, the instance CURRENT, the stack set has the new template, and the account has the resource
# of the old one. DeleteStackInstances with RetainStacks deletes the resource. So a test on moto shows that calls are
# well-formed, and not what they do; tests/emulator/test_stack_sets_witness.py names what else differs.
#
# Seen: "after the update: SUCCEEDED, CURRENT, queues ['old']", "after RetainStacks: queues []"
# Source: tried on 2026-11-30 with moto 5.2.5, botocore 1.43.106 and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install 'moto[cloudformation]==5.2.5' \
  boto3==1.43.106 botocore==1.43.106
cd "$folder"
AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1 "$folder/venv/bin/python" - <<'PYTHON'
import json

import boto3
from moto import mock_aws

ACCOUNT = "123456789012"


def template(name):
    return json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}}})


def queues():
    found = boto3.client("sqs").list_queues().get("QueueUrls", [])
    return [url.rpartition("/")[2] for url in found]


with mock_aws():
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack_set(StackSetName="one", TemplateBody=template("old"))
    where = {"StackSetName": "one", "Accounts": [ACCOUNT], "Regions": ["us-east-1"]}
    cloudformation.create_stack_instances(**where)
    assert queues() == ["old"]
    updated = cloudformation.update_stack_set(StackSetName="one", TemplateBody=template("new"))
    status = cloudformation.describe_stack_set_operation(StackSetName="one", OperationId=updated["OperationId"])
    (instance,) = cloudformation.list_stack_instances(StackSetName="one")["Summaries"]
    after = status["StackSetOperation"]["Status"], instance["Status"], queues()
    print(f"after the update: {after[0]}, {after[1]}, queues {after[2]}")
    assert "new" in cloudformation.describe_stack_set(StackSetName="one")["StackSet"]["TemplateBody"]
    cloudformation.delete_stack_instances(**where, RetainStacks=True)
    retained = queues()
    print(f"after RetainStacks: queues {retained}")
assert (after, retained) == (("SUCCEEDED", "CURRENT", ["old"]), []), "the behaviour has changed"
PYTHON
