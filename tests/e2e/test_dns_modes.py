"""Every DNS mode, deployed one after the other by the steps of the docs: the names resolve after each of them."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.facts import pinecone
from pinekeep.operations.plan.resolution import MODES, Step, steps
from tests.command_support import Run

REGION = "us-east-1"
INDEX = f"docs-abc1234.{pinecone.INDEX_LABEL}.{pinecone.PRIVATE_LINK[REGION].private_zone}"
FILE = """\
version: 1
deployments:
  modes:
    account: "111122223333"
    region: us-east-1
    private_link:
      vpc: {{id: {vpc}, subnet_ids: [{subnets}]}}
      clients: {{cidrs: [10.30.0.0/16, 10.31.0.0/16]}}
      {settings}
"""
WAY = ("endpoint", "hosted-zone", "profile", "resolver-inbound", "profile", "endpoint", "none")


class Network:
    """A VPC for the endpoint, with two subnets, and a VPC of clients."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.ec2 = aws.session().client("ec2", region_name=REGION)
        self.vpc, self.clients = (self._vpc(cidr) for cidr in ("10.30.0.0/16", "10.31.0.0/16"))
        self.subnets = [
            self.ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.30.{number}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]

    def _vpc(self, cidr: str) -> str:
        vpc_id: str = self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            self.ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})
        return vpc_id

    def file(self, step: Step) -> str:
        settings = str(step).split(", ")
        if step.dns in ("hosted-zone", "profile") or step.bridge:
            settings.append(f"client_vpc_ids: [{self.clients}]")
        if step.dns == "resolver-inbound":
            settings.append("resolver: {client_cidrs: [192.168.0.0/24]}")
        indented = "\n      ".join(settings)
        return FILE.format(vpc=self.vpc, subnets=", ".join(self.subnets), settings=indented)

    def answers(self, vpc: str) -> list[str]:
        """Return the addresses that an index has for clients in a VPC; none of the internet."""
        found = self.aws.resolve(vpc, INDEX)
        return [each for each in found.records if each.startswith("10.")]


@pytest.fixture
def network(aws: EmbeddedAws) -> Iterator[Network]:
    """The network, in an embedded AWS that is afterwards as it was: an account has five VPCs."""
    aws.take_snapshot("before-dns-modes")
    yield Network(aws)
    aws.restore_snapshot("before-dns-modes")


def test_every_mode_is_among_those_that_are_walked() -> None:
    assert set(WAY) == set(MODES)


@pytest.mark.e2e
def test_the_steps_between_the_modes_keep_the_names_and_each_mode_verifies(
    network: Network, folder: Path, pinekeep: Run
) -> None:
    path = folder / "pinekeep.yaml"

    def deploy(step: Step) -> None:
        path.write_text(network.file(step))
        result = pinekeep("deploy", "--yes")
        assert result.code == 0, (step, result.err)

    deploy(Step(WAY[0]))
    addresses = sorted(network.answers(network.vpc))
    assert len(addresses) == 2
    for before, after in pairwise(WAY):
        for step in steps(before, after):
            deploy(step)
            if step.dns != "none" or step.bridge:
                assert sorted(network.answers(network.vpc)) == addresses, step
            if step.dns in ("hosted-zone", "profile") or step.bridge:
                assert sorted(network.answers(network.clients)) == addresses, step
        verified = pinekeep("verify")
        assert verified.code == 0, (after, verified.out)
    assert network.answers(network.vpc) == network.answers(network.clients) == []


@pytest.mark.e2e
def test_a_change_at_once_is_refused_while_pinecone_has_the_endpoint(
    network: Network, folder: Path, pinekeep: Run
) -> None:
    path = folder / "pinekeep.yaml"
    path.write_text(network.file(Step("endpoint")).replace("modes:", "at-once:"))
    assert pinekeep("deploy", "--yes").code == 0
    assert pinekeep("handoff", "--record").code == 0
    before = network.answers(network.vpc)
    for mode in ("hosted-zone", "none"):
        path.write_text(network.file(Step(mode)).replace("modes:", "at-once:"))
        refused = pinekeep("deploy", "--yes", "--accept-breaking", "at-once")
        assert refused.code != 0
        assert "would not resolve Pinecone's private names" in refused.err
        assert network.answers(network.vpc) == before
    path.write_text(network.file(Step("none", moved=True)).replace("modes:", "at-once:"))
    assert pinekeep("deploy", "--yes").code == 0
    assert network.answers(network.vpc) == []
