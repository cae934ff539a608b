#!/usr/bin/env bash
# cfn-lint 1.58.0: a list in another stack's output can be split with Fn::ImportValue, and not with Fn::GetStackOutput.
#
# CloudFormation's function Fn::GetStackOutput reads an output of another stack without an export, across Regions too.
# cfn-lint accepts it as the value of a property and in Fn::Join. As the argument of Fn::Split inside Fn::Select it
# reports error E1017, where Fn::ImportValue is accepted. CloudFormation's page has no such limit.
#
# Seen: "value: nothing; in Fn::Join: nothing; split: E1017; Fn::ImportValue split: nothing"
# Source: tried on 2026-11-30 with cfn-lint 1.58.0; "Fn::GetStackOutput", docs.aws.amazon.com (checked 2026-11-30).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install cfn-lint==1.58.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

from cfnlint.api import lint

OUTPUT = {"Fn::GetStackOutput": {"StackName": "network", "OutputName": "Names"}}


def found(value):
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": value}}
    matches = lint(json.dumps({"Resources": {"Topic": topic}}), regions=["us-east-1"])
    return sorted({match.rule.id for match in matches if match.rule.id.startswith("E")})


def first_of(text):
    return {"Fn::Select": [0, {"Fn::Split": [",", text]}]}


cases = {
    "value": found(OUTPUT),
    "in Fn::Join": found({"Fn::Join": ["-", ["topic", OUTPUT]]}),
    "split": found(first_of(OUTPUT)),
    "Fn::ImportValue split": found(first_of({"Fn::ImportValue": "Names"})),
}
print("; ".join(f"{name}: {', '.join(rules) or 'nothing'}" for name, rules in cases.items()))
sys.exit(cases != {"value": [], "in Fn::Join": [], "split": ["E1017"], "Fn::ImportValue split": []})
PYTHON
