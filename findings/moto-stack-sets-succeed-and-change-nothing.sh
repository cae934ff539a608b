#!/usr/bin/env bash
# moto 5.2.5: UpdateStackSet and UpdateStackInstances succeed, and the stacks in the accounts stay as they were.
#
# The instances are CURRENT, DescribeStackInstance has the new overrides, and the resources have the old values. An
# update of the set clears the overrides of its instances, DeleteStackInstances with RetainStacks deletes the stacks, and
# neither a name that is taken nor an override of a parameter that the set lacks is refused. A test on moto shows that
# calls are well-formed; tests/emulator/test_stack_sets_witness.py makes the same calls to the embedded AWS, and names
# each of these differences.
#
# Seen: "moto 5.2.5 answers as recorded in tests/emulator/moto-5.2.5.json"; with --record, the record is written.
# Source: tried on 2026-11-30 with moto 5.2.5, botocore 1.43.106 and Python 3.11.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install 'moto[cloudformation]==5.2.5' \
  boto3==1.43.106 botocore==1.43.106
cd "$root"
PYTHONPATH=$root AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b "$folder/venv/bin/python" - "$@" <<'PYTHON'
import json
import sys
from pathlib import Path

import boto3
from moto import mock_aws

from tests.emulator.stack_sets_script import REGION, play

record = Path("tests/emulator/moto-5.2.5.json")


def clients(service, account):
    if account is None:
        return boto3.client(service, region_name=REGION)
    # The credentials of a session belong to the account of its role, which need not exist.
    assumed = boto3.client("sts", region_name=REGION).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/target", RoleSessionName="witness"
    )["Credentials"]
    return boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )


with mock_aws():
    seen = json.dumps(play(clients), indent=2, sort_keys=True) + "\n"
if "--record" in sys.argv:
    record.write_text(seen)
assert record.read_text() == seen, "the behaviour has changed: run it again with --record"
print(f"moto 5.2.5 answers as recorded in {record}")
PYTHON
