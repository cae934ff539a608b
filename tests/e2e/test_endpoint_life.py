"""The life of an endpoint: from wherever it is, what is printed leads to a registered endpoint, and no key is lost."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.errors import AwsRefusedError
from tests.e2e.endpoint_life import Life, Made, fast

pytestmark = pytest.mark.e2e


@pytest.fixture
def made(aws: EmbeddedAws, tmp_path: Path) -> Iterator[Made]:
    """Deployments that nothing was done to yet. Their VPCs do not stay: an account holds five."""
    numbers = count(1)
    lives: list[Life] = []

    def make() -> Life:
        number = next(numbers)
        folder = tmp_path / f"life{number}"
        folder.mkdir()
        name = f"{tmp_path.name[-12:].replace('_', '-').strip('-')}{number}"
        lives.append(Life(aws, name, folder / "pinekeep.yaml"))
        return lives[-1]

    with fast(aws, tmp_path):
        yield make
    for each in lives:
        each.delete_stack(each.link_stack)


@pytest.fixture
def registered(made: Made) -> Life:
    """A deployment that was handed over with its endpoint."""
    life = made()
    life.require("deploy", "--yes")
    life.require("handoff", "--record")
    return life


def test_an_endpoint_is_replaced_without_an_outage(registered: Life) -> None:
    life = registered
    first = life.outputs(life.link_stack)["VpcEndpointId"]
    life.write(generation=2)
    refused = life.pinekeep("deploy", "--yes")
    assert refused.code == 1
    assert (
        f"Pinecone has endpoint {first} registered, and it would be deleted while it serves the clients" in refused.err
    )
    assert "write another number under `standby`" in refused.err
    assert f"to deploy role and key without it: pinekeep deploy --only cmek --deployment {life.name}" in refused.err

    life.write(generation=1, standby=2)
    life.require("deploy", "--yes")
    second = life.outputs(life.link_stack)["StandbyVpcEndpointId"]
    assert sorted(life.endpoints()) == sorted([first, second])
    life.write(generation=2, standby=1)
    early = life.pinekeep("deploy", "--yes")
    assert early.code == 1
    assert f"the clients would be directed to endpoint {second}" in early.err
    life.write(generation=1, standby=2)
    page = life.pinekeep("handoff", "--record")
    assert f"VPC endpoint ID  {first}" in page.out
    assert f"VPC endpoint ID  {second}" in page.out
    assert life.record()["standby_endpoint_ids"] == [second]

    life.write(generation=2, standby=1)
    life.require("deploy", "--yes")
    outputs = life.outputs(life.link_stack)
    assert (outputs["VpcEndpointId"], outputs["StandbyVpcEndpointId"]) == (second, first)
    assert life.private_dns() == [second]
    life.require("verify")
    life.require("handoff", "--record")
    assert life.record()["endpoint_id"] == second

    life.write(generation=2, standby=None)
    told = life.pinekeep("deploy", "--yes")
    assert told.code == 0
    assert "if Pinecone has it registered, remove it there too" in told.err
    assert life.endpoints() == [second]
    life.require("handoff", "--record")
    assert (life.record()["endpoint_id"], life.record()["retired_endpoint_ids"]) == (second, [first])
    life.require("verify")


@pytest.mark.fault(
    "The endpoint is taken away with `pinekeep destroy`, then wanted again",
    sees="an endpoint is created that Pinecone does not know yet",
    safe="The record notes that the old one is retired, so another is made. Register it in Pinecone, then "
    "`pinekeep handoff --record`.",
)
def test_a_destroyed_endpoint_is_made_anew(registered: Life, fault: Any) -> None:
    life = registered
    (first,) = life.endpoints()
    dry = life.pinekeep("destroy", "--dry-run", "--json")
    assert (dry.json["changed"], dry.json["retired"]) == (False, [first])
    destroyed = life.pinekeep("destroy", "--yes")
    assert f"recorded as retired: {first}" in destroyed.out
    assert f"next: remove {first} in the Pinecone console (Settings > Network > PRIVATE ENDPOINTS)" in destroyed.err
    assert "endpoint_id" not in life.record()
    again = life.pinekeep("deploy", "--yes")
    assert again.code == 0, again.err
    fault.require_seen(again.err)
    life.require("handoff", "--record")
    assert life.record()["retired_endpoint_ids"] == [first]
    assert [life.record()["endpoint_id"]] == life.endpoints()
    life.require("verify")


@pytest.mark.fault(
    "Somebody deletes the registered endpoint by hand",
    sees="Pinecone has endpoint … registered, which is gone; this deployment does not recreate it",
    safe="Role and key are deployed as ever. `pinekeep deploy --revert-drift` makes another endpoint, and "
    "`pinekeep handoff --record` takes it for the old one.",
)
def test_an_endpoint_deleted_by_hand_is_made_anew_as_the_fix_says(registered: Life, fault: Any) -> None:
    life = registered
    (first,) = life.endpoints()
    life.delete_endpoint(first)
    fault.require_seen(life.pinekeep("plan").out)
    verified = life.pinekeep("verify", "--json")
    (found,) = [each for each in verified.json["findings"] if each["check"] == "handed-over-endpoint"]
    assert found["fix"].startswith("create another: pinekeep deploy --revert-drift")
    assert "no longer exists" in life.pinekeep("handoff", "--record").err
    life.follow(found["fix"])
    assert life.record()["retired_endpoint_ids"] == [first]
    life.require("verify")


@pytest.mark.fault(
    "A registered endpoint is taken out of the file and stays live",
    sees="it is still live and no longer in the file",
    safe="Nothing of it is changed. `pinekeep destroy` takes it away also where the file does not have it.",
)
def test_an_endpoint_that_the_file_does_not_have_any_more_is_told_and_can_be_taken_away(
    registered: Life, fault: Any
) -> None:
    life = registered
    life.write(in_file=False)
    life.require("deploy", "--yes")
    verified = life.pinekeep("verify")
    assert verified.code == 1
    fault.require_seen(verified.out)
    life.require("destroy", "--yes")
    assert life.endpoints() == []
    life.require("verify")
    life.follow_advice()


def test_the_key_is_deployed_on_its_own_whatever_the_endpoint_is_like(registered: Life) -> None:
    life = registered
    keys = life.key_and_role()
    life.write(generation=2)
    assert life.pinekeep("deploy", "--yes").code == 1
    life.require("deploy", "--only", "cmek", "--yes")
    life.delete_stack(life.cmek_stack)
    life.delete_stack(life.link_stack)
    life.require("recover", "--yes")
    life.require("deploy", "--only", "cmek", "--yes")
    planned = life.pinekeep("plan", "--only", "cmek", "--json")
    assert [each["name"] for each in planned.json["deployments"][0]["stacks"]] == [life.cmek_stack]
    life.require("deploy", "--yes")
    life.require("handoff", "--record")
    life.require("verify")
    assert life.key_and_role() == keys
    life.write(in_file=False)
    without = life.pinekeep("deploy", "--only", "private_link", "--yes")
    assert without.code == 2
    assert f"{life.name} has no private_link" in without.err


def test_a_destruction_that_is_cut_short_can_be_run_again(registered: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life = registered
    (first,) = life.endpoints()
    with monkeypatch.context() as patched:
        patched.setattr("pinekeep.operations.deployment.deployer.delete_stack", fails)
        assert life.pinekeep("destroy", "--yes").code == 3
    assert life.record()["retired_endpoint_ids"] == [first]
    verified = life.pinekeep("verify", "--json")
    (found,) = [each for each in verified.json["findings"] if each["check"] == "handed-over-endpoint"]
    assert (found["status"], found["found"]) == ("failed", f"{first} is there and noted as retired")
    assert "`pinekeep destroy` did not finish" in life.pinekeep("plan").out
    life.follow(found["fix"])
    assert life.endpoints() == []
    life.follow_advice()


def test_an_endpoint_that_was_replaced_in_pinecone_while_the_old_one_lives_takes_a_word(registered: Life) -> None:
    life = registered
    (first,) = life.endpoints()
    life.write(generation=1, standby=2)
    life.require("deploy", "--yes")
    second = life.outputs(life.link_stack)["StandbyVpcEndpointId"]
    # Somebody made the second one the only one of the stack, past the plan, and kept the first.
    life.keep_out_of_stack(first)
    refused = life.pinekeep("handoff", "--record")
    assert refused.code == 1
    assert f"given the endpoint ID {first}, which is still live; the stack has {second} now" in refused.err
    life.require("handoff", "--record", "--endpoint-registered-anew")
    assert (life.record()["endpoint_id"], life.record()["retired_endpoint_ids"]) == (second, [first])
    verified = life.pinekeep("verify", "--json")
    (left,) = [each for each in verified.json["findings"] if "retired and still live" in each["found"]]
    assert left["fix"] == f"aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {first} --region us-east-1"


def fails(*_: Any, **__: Any) -> None:
    raise AwsRefusedError("EC2 is out of order")


# --- At random ---

GENERATIONS = st.sampled_from([(1, None), (2, None), (3, None), (1, 2), (2, 1), (2, 3), (3, 2)])


def machine(made: Made) -> type[RuleBasedStateMachine]:
    """Return the machine that walks at random, then does what is printed until all is well."""

    class AnyWay(RuleBasedStateMachine):
        life: Life  # pyrefly: ignore[uninitialized-instance-variable] # by the first rule
        keys: Any  # pyrefly: ignore[uninitialized-instance-variable]

        @initialize(handed_over=st.booleans())
        def begin(self, handed_over: bool) -> None:
            self.life = made()
            self.life.require("deploy", "--yes")
            self.keys = self.life.key_and_role()
            if handed_over:
                self.life.require("handoff", "--record")

        @rule(numbers=GENERATIONS)
        def write_the_file(self, numbers: tuple[int, int | None]) -> None:
            self.life.write(generation=numbers[0], standby=numbers[1], in_file=True)

        @rule()
        def take_the_endpoint_out_of_the_file(self) -> None:
            self.life.write(in_file=False)

        @rule(numbers=GENERATIONS, accepting=st.booleans())
        def write_and_deploy(self, numbers: tuple[int, int | None], accepting: bool) -> None:
            self.write_the_file(numbers)
            self.life.pinekeep("deploy", "--yes", *(("--accept-breaking", self.life.name) if accepting else ()))

        @rule()
        def deploy(self) -> None:
            self.life.pinekeep("deploy", "--yes")

        @rule()
        def deploy_the_key_alone(self) -> None:
            result = self.life.pinekeep("deploy", "--only", "cmek", "--yes")
            if result.code:
                assert f"pinekeep recover --deployment {self.life.name}" in result.err, result
                assert not self.life.outputs(self.life.cmek_stack)

        @rule(anew=st.booleans())
        def record(self, anew: bool) -> None:
            self.life.pinekeep("handoff", "--record", *(("--endpoint-registered-anew",) if anew else ()))

        @rule()
        def destroy(self) -> None:
            self.life.require("destroy", "--yes")
            assert self.life.endpoints() == []

        @rule(which=st.integers(0, 1))
        def delete_an_endpoint_by_hand(self, which: int) -> None:
            if live := self.life.endpoints():
                self.life.delete_endpoint(live[which % len(live)])

        @rule()
        def delete_the_endpoints_stack_by_hand(self) -> None:
            self.life.delete_stack(self.life.link_stack)

        @rule()
        def delete_the_keys_stack_by_hand(self) -> None:
            self.life.delete_stack(self.life.cmek_stack)

        @rule()
        def recover(self) -> None:
            self.life.pinekeep("recover", "--yes")

        @invariant()
        def key_and_role_are_the_same(self) -> None:
            if hasattr(self, "keys"):
                assert self.life.key_and_role() == self.keys, self.life.said

        def teardown(self) -> None:
            if hasattr(self, "keys"):
                self.life.follow_advice()
                assert self.life.key_and_role() == self.keys
                assert len(self.life.endpoints()) <= 2
            if hasattr(self, "life"):
                self.life.delete_stack(self.life.link_stack)

    return AnyWay


def test_from_wherever_it_is_what_is_printed_leads_to_a_registered_endpoint(made: Made) -> None:
    run_state_machine_as_test(
        machine(made),
        settings=settings(
            max_examples=9,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
