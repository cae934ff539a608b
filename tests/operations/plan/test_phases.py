"""Two phases: an endpoint that is not yet available is not wired into DNS, and one that is wired stays so."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config.derived import wires_dns
from pinekeep.operations.deployment.acceptance import wait_until_available
from pinekeep.operations.plan.phases import Waiting, phases, refreshed
from tests.stacks.support import NAME, VPC, cmek, deployment, private_link

ENDPOINT = "vpce-0a1b2c3d4e5f60718"
STACK = f"Pinekeep-{NAME}-PrivateLink"
NO_DNS: dict[str, Any] = {"Resources": {"Endpoint": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": VPC}}}}
WIRED: dict[str, Any] = {
    "Resources": {
        "Endpoint": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": VPC, "PrivateDnsEnabled": True}}
    },
    "Outputs": {
        "VpcEndpointId": {"Value": {"Ref": "Endpoint"}},
        "VpcId": {"Value": VPC},
        "PrivateDnsZone": {"Value": "private.aped-4627-b74a.pinecone.io"},
    },
}


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


class Account:
    """An account with one stack and one endpoint, whose ``states`` come one after another."""

    def __init__(
        self,
        *states: str,
        template: dict[str, Any] = NO_DNS,
        acceptance: bool = False,
        refuses: ClientError | None = None,
    ) -> None:
        self.states, self.template, self.acceptance, self.refuses = list(states), template, acceptance, refuses
        self.calls: list[str] = []

    @property
    def access(self) -> Access:
        def clients_for(region: str) -> Clients:
            return Clients(self, region)

        return Access.of(
            Source(environment=dict, clients_for=clients_for, clients_as=lambda region, _: clients_for(region))
        )

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name in ("cloudformation", "ec2", "sts")
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/ann", "UserId": "AIDA"}

    def describe_stacks(self, **asked: str) -> dict[str, Any]:
        self.calls.append("DescribeStacks")
        assert asked == {"StackName": STACK}
        if not self.states:
            raise refusal("ValidationError", f"Stack with id {STACK} does not exist")
        outputs = [{"OutputKey": "VpcEndpointId", "OutputValue": ENDPOINT}]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}

    def get_template(self, **_: str) -> dict[str, Any]:
        self.calls.append("GetTemplate")
        return {"TemplateBody": json.loads(json.dumps(self.template))}

    def describe_vpc_endpoints(self, **asked: Any) -> dict[str, Any]:
        self.calls.append("DescribeVpcEndpoints")
        assert asked == {"Filters": [{"Name": "vpc-endpoint-id", "Values": [ENDPOINT]}]}
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"VpcEndpoints": [{"VpcEndpointId": ENDPOINT, "State": state}] if state else []}

    def describe_vpc_endpoint_services(self, **_: Any) -> dict[str, Any]:
        self.calls.append("DescribeVpcEndpointServices")
        if self.refuses is not None:
            raise self.refuses
        return {"ServiceDetails": [{"AcceptanceRequired": self.acceptance}]}


def file(**link: Any) -> Any:
    return {NAME: deployment(private_link=private_link(**link))}


def test_an_endpoint_that_is_available_is_deployed_with_its_dns_after_two_calls() -> None:
    account, given = Account("available"), file()
    found = phases(given, access=account.access)
    assert (dict(found.deployments), found.waiting) == (given, ())
    assert account.calls == ["DescribeStacks", "DescribeVpcEndpoints"]


@pytest.mark.parametrize("state", ["pendingAcceptance", "pending"])
def test_an_endpoint_that_is_not_yet_available_is_deployed_without_dns(state: str) -> None:
    account = Account(state)
    found = phases(
        file(dns="hosted-zone", dns_bridge=True, client_vpc_ids=["vpc-0a1b2c3d4e5f60799"]), access=account.access
    )
    assert found.waiting == (Waiting(deployment=NAME, endpoint_id=ENDPOINT, state=state),)
    assert found.deployments == file(dns="none")
    assert f"endpoint {ENDPOINT} is in state {state}, so it is not wired into DNS" in found.waiting[0].why
    assert f"run `pinekeep deploy --deployment {NAME}` again when it is available" in found.waiting[0].why


def test_an_endpoint_that_is_wired_already_is_never_taken_out_of_dns() -> None:
    account, given = Account("pendingAcceptance", template=WIRED), file()
    found = phases(given, access=account.access)
    assert (dict(found.deployments), found.waiting) == (given, ())


def test_a_new_endpoint_of_a_service_that_accepts_each_connection_comes_without_dns() -> None:
    found = phases(file(), access=Account(acceptance=True).access)
    assert found.waiting == (Waiting(deployment=NAME),)
    assert not wires_dns(found.deployments[NAME])
    assert not phases(file(), access=Account().access).waiting


def test_an_adopted_endpoint_is_asked_for_by_its_id() -> None:
    adopted = {
        "id": VPC,
        "adopt": ENDPOINT,
        "dns_name": f"{ENDPOINT}-abcdefgh.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com",
        "dns_hosted_zone_id": "Z7HUB22UULQXV",
    }
    link = {"vpc": adopted, "dns": "hosted-zone"}
    account = Account("pendingAcceptance")
    found = phases({NAME: deployment(private_link=link)}, access=account.access)
    assert account.calls[0] == "DescribeVpcEndpoints"
    assert found.waiting[0].endpoint_id == ENDPOINT


def test_without_dns_nothing_is_asked() -> None:
    for given in (file(dns="none"), {NAME: deployment(cmek=cmek())}):
        account = Account("pending")
        assert phases(given, access=account.access).deployments == given
        assert account.calls == []


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "InvalidServiceName"])
def test_a_service_that_cannot_be_read_is_taken_to_need_no_acceptance(code: str) -> None:
    assert not phases(file(), access=Account(refuses=refusal(code)).access).waiting


def test_another_refusal_is_told() -> None:
    with pytest.raises(AwsRefusedError):
        phases(file(), access=Account(refuses=refusal("RequestLimitExceeded")).access)


def test_what_was_left_is_read_again_and_says_when_it_is_available() -> None:
    (now,) = refreshed([Waiting(deployment=NAME)], file(), access=Account("available").access)
    assert now.why == (
        f"{NAME}: endpoint {ENDPOINT} is in state available, and not yet wired into DNS; "
        f"run `pinekeep deploy --deployment {NAME}` again"
    )


# --- Waiting ---


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def waited(account: Account, *, minutes: float = 1) -> tuple[tuple[Waiting, ...], list[str], float]:
    said: list[str] = []
    clock = Clock()
    left = wait_until_available(
        [Waiting(deployment=NAME)],
        file(),
        access=account.access,
        minutes=minutes,
        tell=said.append,
        clock=clock,
        sleep=clock.sleep,
    )
    return left, said, clock.now


def test_waiting_ends_when_the_endpoint_is_available_and_tells_each_state_once() -> None:
    left, said, _ = waited(Account("pendingAcceptance", "pendingAcceptance", "pending", "available"))
    assert left == ()
    assert said == [f"{NAME}: endpoint {ENDPOINT} is in state {each}" for each in ("pendingAcceptance", "pending")]


def test_waiting_ends_after_the_minutes_given() -> None:
    left, _, seconds = waited(Account("pendingAcceptance"), minutes=2)
    assert left == (Waiting(deployment=NAME, endpoint_id=ENDPOINT, state="pendingAcceptance"),)
    assert seconds == 120


@pytest.mark.parametrize("state", ["rejected", "failed", "expired", "Deleted"])
def test_waiting_ends_with_a_sentence_where_the_endpoint_will_never_be_available(state: str) -> None:
    with pytest.raises(AwsRefusedError, match=f"endpoint {ENDPOINT} is in state {state}") as refused:
        waited(Account("pending", state))
    assert "write another `generation`" in str(refused.value.hint)


def test_waiting_ends_where_the_endpoint_is_gone() -> None:
    with pytest.raises(AwsRefusedError, match="the endpoint is gone while it was waited for"):
        waited(Account("pending", ""))
