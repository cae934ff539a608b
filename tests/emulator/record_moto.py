"""Write the record of moto's answers, for test_stack_sets_witness.py.

moto is no dependency: its packages change the embedded AWS. In an environment with moto[cloudformation]==5.2.5, and
with the pinned boto3 and botocore:
`AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b python -m tests.emulator.record_moto`
"""

import importlib
import json
from typing import Any

import boto3.session

from tests.emulator.stack_sets_script import REGION, play
from tests.emulator.test_stack_sets_witness import RECORD


def _clients(service: str, account: str | None) -> Any:
    make: Any = boto3.session.Session(region_name=REGION).client
    if account is None:
        return make(service)
    # The credentials of a session belong to the account of its role, which need not exist.
    assumed = make("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/target", RoleSessionName="witness")[
        "Credentials"
    ]
    return make(
        service,
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )


if __name__ == "__main__":
    with importlib.import_module("moto").mock_aws():
        RECORD.write_text(json.dumps(play(_clients), indent=2, sort_keys=True) + "\n", encoding="utf-8")
