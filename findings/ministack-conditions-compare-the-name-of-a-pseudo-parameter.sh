#!/usr/bin/env bash
# ministack 1.5.33: a condition of a template compares the name of a pseudo parameter, and a role's name is no claim.
#
# Fn::Equals of AWS::Region and the Region of the stack is false: the text "AWS::Region" is compared. A template that
# creates something in one Region alone, as stack sets do with global resources, creates it nowhere. And a second stack
# whose role has the name of an existing one succeeds and takes the role over, where IAM answers EntityAlreadyExists: the
# collision of a role in two Regions of an account does not show.
#
# Seen: "in us-east-1, the condition for us-east-1: no", "second stack: CREATE_COMPLETE, the role is that of: second"
# Source: tried on 2026-11-30 with ministack 1.5.33, boto3 1.43.106 and Python 3.11; IAM's API reference (CreateRole).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install ministack==1.5.33 boto3==1.43.106
cd "$folder"
cat > script.py <<'PYTHON'
import json
import os
import socket
import subprocess
import sys
import time

import boto3

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
environment = {**os.environ, "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "LOG_LEVEL": "ERROR",
               "STATE_DIR": "state", "S3_DATA_DIR": "s3", "DOCKER_HOST": "unix://no-docker.sock"}
server = subprocess.Popen([sys.executable, "-m", "ministack.app"], env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)


def client(service):
    return boto3.client(service, region_name="us-east-1", endpoint_url=f"http://127.0.0.1:{port}",
                        aws_access_key_id="a", aws_secret_access_key="b")


def deploy(name, template):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    for _ in range(100):
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        time.sleep(0.1)
    raise SystemExit("the stack does not end")


def role(description):
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    properties = {"RoleName": "one", "Description": description, "AssumeRolePolicyDocument": trust}
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}


try:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.2)
    conditional = deploy("conditional", {
        "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"Here": {"Value": {"Fn::If": ["Here", "yes", "no"]}}},
    })
    here = conditional["Outputs"][0]["OutputValue"]
    print(f"in us-east-1, the condition for us-east-1: {here}")
    deploy("first", role("first"))
    second = deploy("second", role("second"))
    described = client("iam").get_role(RoleName="one")["Role"].get("Description")
    print(f"second stack: {second['StackStatus']}, the role is that of: {described}")
    assert (here, second["StackStatus"], described) == ("no", "CREATE_COMPLETE", "second"), "the behaviour has changed"
finally:
    server.terminate()
    server.wait()
PYTHON
"$folder/venv/bin/python" script.py
