#!/usr/bin/env bash
# cfn-guard-rs 0.3.3: with several failed rules, the report of the Guard engine arrives without its beginning.
#
# `run_checks` of this Python binding parses a report that the engine writes as JSON. Up to a few failed rules it returns
# them. With more, the text lacks its beginning, and `run_checks` raises JSONDecodeError, whatever the rules say. The end
# of the text, with the lists of rules that hold and that do not apply, is right. So the failed rules are those that are
# in neither list, and a test must not take the error for a verdict.
#
# Seen: "2 rules: 2 failed; 20 rules: JSONDecodeError"
# Source: tried on 2026-11-30 with cfn-guard-rs 0.3.3 and Python 3.11 on x86_64 Linux, for which it has a wheel.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install cfn-guard-rs==0.3.3
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

from cfn_guard_rs import run_checks

TEMPLATE = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "news"}}}}


def outcome(count):
    """Return what becomes of so many rules, each of which fails."""
    rule = "rule name_%d when Resources.Topic exists { Resources.Topic.Properties.DisplayName == 'alerts' <<%s>> }"
    message = "the name that is displayed is not the one that is wanted here, which is rule "
    rules = "\n".join(rule % (number, message * 2 + str(number)) for number in range(count))
    try:
        return f"{len(run_checks(TEMPLATE, rules).not_compliant)} failed"
    except json.JSONDecodeError:
        return "JSONDecodeError"


found = [outcome(count) for count in (2, 20)]
print(f"2 rules: {found[0]}; 20 rules: {found[1]}")
sys.exit(found != ["2 failed", "JSONDecodeError"])
PYTHON
