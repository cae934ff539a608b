"""The probe: what it makes, that it removes all of it, and that its code runs."""

import io
import json
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from pinekeep.account.client.clients import Clients
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.operations.connectivity.probe import Place, Probe, archive
from tests.stacks.support import deployment, private_link

NAME, GROUP, OWN = "pinekeep-search-probe", "sg-0a1b2c3d", "sg-0a1b2c3e"
HOST = "docs-abc1234.svc.private.aped-4627-b74a.pinecone.io"
PLACE = Place(vpc_id="vpc-0a1b2c3d", subnet_ids=("subnet-0a1b2c3d",), own_group=OWN, dns_name="x.vpce.amazonaws.com")
PASSED: dict[str, Any] = {
    "version": 1,
    "passed": True,
    "verdict": "ok",
    "summary": "s",
    "fix": None,
    "host": HOST,
    "region": "us-east-1",
    "addresses": ["10.0.0.1"],
    "request_made": False,
    "steps": [],
}


@cache
def model_of(service: str) -> Any:
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y")
    return session.client(service, region_name="us-east-1").meta.service_model


class Account:
    """An account that holds what is made, checks the requests against AWS's description, and refuses as told."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: dict[str, list[str]] = {}

    def client(self, service_name: str, **_: Any) -> Any:
        model = model_of(service_name)
        names = {xform_name(each): each for each in model.operation_names}
        account = self

        class Client:
            def __getattr__(self, call: str) -> Any:
                def do(**asked: Any) -> Any:
                    shape = model.operation_model(names[call]).input_shape
                    report = ParamValidator().validate(asked, shape)
                    assert not report.has_errors(), report.generate_report()
                    return account.do(call, asked)

                return do

        return Client()

    def do(self, call: str, asked: dict[str, Any]) -> Any:
        self.calls.append((call, asked))
        if self.refusals.get(call):
            raise ClientError({"Error": {"Code": self.refusals[call].pop(0), "Message": "no"}}, call)
        verb, _, what = call.partition("_")
        absent = {"function": "ResourceNotFoundException", "security_group_ingress": "InvalidPermission.NotFound"}
        if verb in ("create", "put", "authorize"):
            self.there.add(what)
        if verb in ("delete", "revoke"):
            if what not in self.there:
                raise ClientError({"Error": {"Code": absent.get(what, "NoSuchEntity"), "Message": "no"}}, call)
            self.there.remove(what)
        if call == "describe_security_groups":
            return {"SecurityGroups": [{"GroupId": GROUP}] if "security_group" in self.there else []}
        if call == "invoke":
            return {"Payload": io.BytesIO(json.dumps(PASSED).encode())}
        return {"GroupId": GROUP, "State": "Active"}

    def asked(self, call: str) -> dict[str, Any]:
        return next(asked for name, asked in self.calls if name == call)


def probe(account: Account, place: Place = PLACE) -> Probe:
    found = deployment(private_link=private_link())
    return Probe("search", found, place, Clients(account, "us-east-1"), pause=lambda _: None)


def test_the_check_runs_and_nothing_is_left() -> None:
    account = Account()
    account.refusals = {"create_function": ["InvalidParameterValueException"]}
    assert probe(account).run(HOST).passed
    assert json.loads(account.asked("invoke")["Payload"]) == {"host": HOST, "endpoint": ["x.vpce.amazonaws.com"]}
    function = account.asked("create_function")
    assert function["VpcConfig"] == {"SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": [GROUP]}
    assert "Environment" not in function
    allowed = account.asked("authorize_security_group_ingress")
    assert allowed["GroupId"] == OWN
    assert account.there == {"function", "role", "role_policy", "security_group", "security_group_ingress"}
    assert probe(account).remove() == []
    assert account.asked("revoke_security_group_ingress") == allowed
    assert account.there == set()
    assert probe(account).remove() == []


def test_a_security_group_in_use_stays_with_the_role_and_the_next_run_removes_both() -> None:
    account = Account()
    probe(account).run(HOST)
    account.refusals = {"delete_security_group": ["DependencyViolation"]}
    assert probe(account).remove() == [f"security group {GROUP}", f"role {NAME}"]
    assert account.there == {"security_group", "role", "role_policy"}
    probe(account).run(HOST)
    assert [name for name, _ in account.calls].count("create_security_group") == 1
    assert probe(account).remove() == []
    assert account.there == set()


def test_a_security_group_of_others_is_left_as_it_is() -> None:
    account = Account()
    place = Place(vpc_id="vpc-0a1b2c3d", subnet_ids=("subnet-0a1b2c3d",), own_group=None, dns_name=None)
    probe(account, place).run(HOST)
    probe(account, place).remove()
    assert not any("ingress" in name for name, _ in account.calls)
    assert account.there == set()


def test_a_refusal_leaves_no_rule_behind() -> None:
    account = Account()
    account.refusals = {"invoke": ["AccessDeniedException"]}
    with pytest.raises(AwsRefusedError):
        probe(account).run(HOST)
    account.refusals = {"delete_function": ["AccessDeniedException"]}
    with pytest.raises(AwsRefusedError):
        probe(account).remove()
    assert account.there == {"function", "role", "role_policy"}


def test_a_function_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    answer = {"State": "Failed", "StateReason": "no addresses are left", "GroupId": GROUP}
    do = account.do
    monkeypatch.setattr(account, "do", lambda call, asked: answer if call.startswith("get") else do(call, asked))
    with pytest.raises(PinekeepError, match="no addresses are left"):
        probe(account).run(HOST)


@pytest.mark.process
def test_the_code_of_the_function_runs_by_itself(tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(archive())).extractall(tmp_path)
    program = (
        "import json, probe, pinekeep_client_check as c; c.check = lambda options: c.Report(options.host);"
        f"print(json.dumps(probe.handler({{'host': {HOST!r}, 'endpoint': ['x.vpce.amazonaws.com']}}, None)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={}, capture_output=True, check=True)
    assert json.loads(done.stdout)["host"] == HOST
