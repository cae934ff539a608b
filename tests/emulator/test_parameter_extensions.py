"""That reading parameters is allowed and refused as AWS does it."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

Unique = Callable[[str], str]


def test_several_parameters_are_read_with_the_permission_for_them_and_no_others(
    embedded_aws: EmbeddedAws, unique: Unique
) -> None:
    name = unique("reader")
    iam = embedded_aws.session().client("iam")
    iam.create_user(UserName=name)
    mine = f"arn:aws:ssm:us-east-1:{embedded_aws.account}:parameter/pinekeep/{name}/*"
    policy = {"Statement": [{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": mine}]}
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=json.dumps(policy))
    embedded_aws.session().client("ssm").put_parameter(Name=f"/pinekeep/{name}/one", Value="x", Type="String")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    ssm = embedded_aws.session(credentials=credentials).client("ssm")
    read = ssm.get_parameters(Names=[f"/pinekeep/{name}/one", f"/pinekeep/{name}/two"])
    assert [each["Value"] for each in read["Parameters"]] == ["x"]
    assert read["InvalidParameters"] == [f"/pinekeep/{name}/two"]
    with pytest.raises(ClientError) as refused:
        ssm.get_parameters(Names=["/pinekeep/another/one"])
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_parameters_under_a_path_are_listed_with_the_permission_for_the_path(
    embedded_aws: EmbeddedAws, unique: Unique
) -> None:
    name = unique("reader")
    iam = embedded_aws.session().client("iam")
    iam.create_user(UserName=name)
    mine = f"arn:aws:ssm:us-east-1:{embedded_aws.account}:parameter/{name}/*"
    policy = {"Statement": [{"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": mine}]}
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=json.dumps(policy))
    embedded_aws.session().client("ssm").put_parameter(Name=f"/{name}/one", Value="x", Type="String")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    ssm = embedded_aws.session(credentials=credentials).client("ssm")
    found = ssm.get_parameters_by_path(Path=f"/{name}/", Recursive=True)["Parameters"]
    assert [each["Name"] for each in found] == [f"/{name}/one"]
    with pytest.raises(ClientError) as refused:
        ssm.get_parameters_by_path(Path="/another/", Recursive=True)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
