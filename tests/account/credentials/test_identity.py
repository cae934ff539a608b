from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.identity import Caller, WrongAccountError, require_account, who_am_i
from pinekeep.errors import AwsRefusedError, ExitCode
from tests.account.fake_aws import deployment


class OneClient:
    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        assert service_name == "sts"
        assert region_name
        assert config
        return self._client


@pytest.fixture
def sts() -> Any:
    return boto3.client("sts", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")


def test_the_caller_is_whom_the_credentials_belong_to(sts: Any) -> None:
    arn = "arn:aws:iam::111122223333:user/someone"
    with Stubber(sts) as stub:
        stub.add_response("get_caller_identity", {"Account": "111122223333", "Arn": arn, "UserId": "x"})
        assert who_am_i(Clients(OneClient(sts), "us-east-1")) == Caller("111122223333", arn)


def test_expired_credentials_are_told(sts: Any) -> None:
    with Stubber(sts) as stub, pytest.raises(AwsRefusedError, match="the AWS credentials have expired") as refused:
        stub.add_client_error("get_caller_identity", "ExpiredToken", "token …")
        who_am_i(Clients(OneClient(sts), "us-east-1"))
    assert refused.value.exit_code == ExitCode.AWS_REFUSED


def test_no_credentials_are_told() -> None:
    session: Any = boto3.Session()
    with pytest.raises(AwsRefusedError, match="there are no AWS credentials"):
        who_am_i(Clients(session, "us-east-1"))


def test_credentials_of_another_account_are_refused_by_both_numbers() -> None:
    caller = Caller("999988887777", "arn:aws:iam::999988887777:role/Admin")
    with pytest.raises(AwsRefusedError) as refused:
        require_account(caller, deployment(), name="prod")
    assert refused.value.message == (
        "deployment prod needs calls to account 111122223333, but the current credentials are for 999988887777 "
        "(arn:aws:iam::999988887777:role/Admin)"
    )
    assert refused.value.hint == (
        "set profile or assume_role in deployment prod of the file, or use credentials of account 111122223333, for "
        "example with AWS_PROFILE, and run again with --deployment prod"
    )


def test_a_profile_of_another_account_is_refused_by_its_name() -> None:
    caller = Caller("999988887777", "arn:aws:iam::999988887777:role/Admin")
    with pytest.raises(WrongAccountError, match="but profile stage is for 999988887777") as refused:
        require_account(caller, deployment().model_copy(update={"profile": "stage"}), name="prod")
    assert refused.value.hint == "set profile in deployment prod of the file to a profile of account 111122223333"


def test_credentials_of_the_right_account_pass() -> None:
    require_account(Caller("111122223333", "arn"), deployment())
