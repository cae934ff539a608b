"""How many calls a verification makes, counted, and what it leaves out so that they are few."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.right_aws import PINECONE, RightAws
from pinekeep.account.client.clients import Clients
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import CALLS_MAX, LOOK_UPS_MAX, SIDE_BY_SIDE, Extent, verify
from tests.account.fake_aws import CMEK, EXISTING, NEW, deployment


class Verified:
    """One verification of some deployments, all of them right but for what is refused."""

    def __init__(self, *deployments: Deployment, refused: dict[str, str] | None = None, **extent: Any) -> None:
        named = {f"d{number}": each for number, each in enumerate(deployments)}
        self.aws = RightAws({name: self._whole(each) for name, each in named.items()})
        self.refused = refused or {}
        self.answers: dict[str, Callable[..., Any]] = {}
        self._named, self._extent = named, Extent(**extent)

    @staticmethod
    def _whole(each: Deployment) -> Deployment:
        """The AWS knows a key and an endpoint of each."""
        whole = deployment()
        return each.model_copy(
            update={"cmek": each.cmek or whole.cmek, "private_link": each.private_link or whole.private_link}
        )

    def client(self, service_name: str, **_: Any) -> Any:
        del service_name
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            if operation in self.refused:
                self.aws.calls.append((operation, arguments))
                message = "Stack with id x does not exist"
                raise ClientError({"Error": {"Code": self.refused[operation], "Message": message}}, operation)
            if operation in self.answers:
                self.aws.calls.append((operation, arguments))
                return self.answers[operation](**arguments)
            return getattr(self.aws, operation)(**arguments)

        return call

    def run(self) -> list[Finding]:
        return verify(
            self._named,
            pinecone_account=PINECONE,
            clients_for=lambda each: Clients(self, each.region),
            extent=self._extent,
        )

    def told(self) -> dict[str, str]:
        return {each.check: each.status for each in self.run()}

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.aws.calls]


@pytest.mark.parametrize("vpc", [EXISTING, NEW])
@pytest.mark.parametrize("dns", ["hosted-zone", "endpoint", "none"])
def test_one_deployment_takes_at_most_seventeen_calls_in_all_and_none_twice(vpc: Any, dns: str) -> None:
    verified = Verified(deployment(vpc=vpc, dns=dns))
    assert {each.status for each in verified.run()} == {"ok", "note"}
    assert len(verified.operations) == {"hosted-zone": CALLS_MAX, "endpoint": CALLS_MAX, "none": CALLS_MAX - 1}[dns]
    assert len({str(call) for call in verified.aws.calls}) == len(verified.operations)
    assert "get_caller_identity" not in verified.operations


NO_STACK = {"describe_stacks": "ValidationError"}


def caller(account: str) -> dict[str, Callable[..., Any]]:
    return {"get_caller_identity": lambda: {"Account": account, "Arn": f"arn:aws:iam::{account}:root"}}


def test_without_a_stack_aws_is_asked_once_whose_credentials_they_are() -> None:
    verified = Verified(*[deployment()] * 3, refused=NO_STACK)
    verified.answers = caller("111122223333")
    verified.run()
    assert Counter(verified.operations)["get_caller_identity"] == 1


def test_credentials_of_another_account_are_refused() -> None:
    for refused in (NO_STACK, dict[str, Any]()):
        verified = Verified(deployment(), refused=refused)
        verified.answers = caller("999988887777")
        elsewhere = deployment().model_copy(update={"account": "444455556666"})
        verified._named = {"d0": elsewhere}
        with pytest.raises(AwsRefusedError, match="the current credentials are for 999988887777"):
            verified.run()


def test_fifty_deployments_take_the_calls_of_fifty_but_not_the_look_ups_for_which_aws_would_make_them_wait() -> None:
    verified = Verified(*[deployment()] * 50)
    notes = [each for each in verified.run() if each.check == "key-activity"]
    assert "lookup_events" not in verified.operations
    assert len(verified.operations) == 50 * (CALLS_MAX - 1)
    assert Counter(verified.operations)["get_key_last_usage"] == 50, "KMS is asked all the same"
    assert {each.status for each in notes} == {"note"}
    assert "50 deployments of one account and Region are verified at once" in notes[0].found


def test_several_deployments_are_read_at_the_same_time() -> None:
    verified = Verified(*[deployment()] * SIDE_BY_SIDE)
    together = Barrier(2 * SIDE_BY_SIDE, timeout=20)

    def describe_stacks(**asked: Any) -> Any:
        together.wait()
        return verified.aws.describe_stacks(**asked)

    verified.answers = {"describe_stacks": describe_stacks}
    verified.run()
    assert SIDE_BY_SIDE >= 50 / 8, "50 deployments take at most 8 times one"


def test_a_few_deployments_and_those_of_other_regions_are_looked_up() -> None:
    there = deployment().model_copy(update={"region": "us-west-2"})
    verified = Verified(*[deployment()] * LOOK_UPS_MAX, deployment(cmek=None), there)
    verified.run()
    assert Counter(verified.operations)["lookup_events"] == LOOK_UPS_MAX + 1


def test_the_vpcs_dns_is_left_out_only_beside_a_key_and_a_hosted_zone() -> None:
    assert Verified(deployment()).told()["vpc-dns"] == "note"
    for other in (deployment(cmek=None), deployment(dns="endpoint")):
        assert Verified(other).told()["vpc-dns"] == "ok"


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        (deployment(), "note"),
        (deployment(dns="endpoint"), "note"),
        (deployment(dns="none"), "ok"),
        (deployment(cmek=None), "ok"),
    ],
)
def test_network_acls_are_read_where_the_calls_allow_it(settings: Deployment, status: str) -> None:
    verified = Verified(settings)
    assert verified.told()["endpoint-network-acl"] == status
    assert len(verified.operations) <= CALLS_MAX


DRIFT: dict[str, Callable[..., Any]] = {
    "detect_stack_drift": lambda StackName: {"StackDriftDetectionId": StackName},  # noqa: N803
    "describe_stack_drift_detection_status": lambda StackDriftDetectionId: {  # noqa: N803
        "DetectionStatus": "DETECTION_COMPLETE",
        "StackDriftStatus": "IN_SYNC" if StackDriftDetectionId else None,
    },
}


def test_drift_has_both_stacks_looked_at_and_reads_what_is_left_out_otherwise() -> None:
    verified = Verified(deployment(), drift=True)
    verified.answers = DRIFT
    told = verified.told()
    assert (told["endpoint-network-acl"], told["endpoint-rivals"]) == ("ok", "ok")
    assert (told["vpc-dns-servers"], told["vpc-resolver-rules"]) == ("ok", "ok")
    assert (told["vpc-dns"], told["cmek-stack-drift"], told["private-link-stack-drift"]) == ("ok", "ok", "ok")
    looked = [
        arguments["StackName"] for operation, arguments in verified.aws.calls if operation == "detect_stack_drift"
    ]
    assert sorted(looked) == ["Pinekeep-d0-Cmek", "Pinekeep-d0-PrivateLink"]


def test_drift_that_may_not_be_looked_for_has_not_passed() -> None:
    verified = Verified(deployment(vpc=None, cmek=CMEK), drift=True, refused={"detect_stack_drift": "AccessDenied"})
    (found,) = [each for each in verified.run() if "drift" in each.check]
    assert (found.status, found.fix) == ("unreadable", "allow detect_stack_drift to whoever runs this")
    assert found.found == "not readable without cloudformation:detect_stack_drift"


def test_drift_of_a_stack_that_there_is_not_is_not_looked_for() -> None:
    verified = Verified(deployment(), drift=True, refused=NO_STACK)
    verified.answers = caller("111122223333")
    verified.run()
    assert "detect_stack_drift" not in verified.operations
