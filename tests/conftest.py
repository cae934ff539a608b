"""What every test shares: the pinned Node for aws_cdk, and no way to a real AWS account."""

import os

from pinekeep.toolchain import prepare_synth

NO_REAL_ACCOUNT = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

# At import, because test modules import aws_cdk and boto3 while they are collected.
for variable in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[variable]
os.environ.update(NO_REAL_ACCOUNT)
prepare_synth(os.environ)
