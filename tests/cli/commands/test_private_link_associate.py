"""``pinekeep private-link associate`` on an AWS with two accounts."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import Run

pytestmark = pytest.mark.process

HUB, SPOKE = "111122223333", "444455556666"
ZONE_NAME = "private.aped-4627-b74a.pinecone.io"
Write = Callable[..., None]


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture(autouse=True)
def _credentials(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current credentials are of the hub, those of the profile ``spoke`` of the spoke."""

    def source_of(profile: str | None) -> Source:
        session = aws.session(SPOKE if profile == "spoke" else HUB)
        return Source(environment=dict, clients_for=lambda region: Clients(session, region))

    monkeypatch.setattr(Access, "of_the_user", lambda _: Access(source_of))


def vpc_of(aws: EmbeddedAws, account: str = HUB, region: str = "us-east-1") -> str:
    ec2 = aws.session(account, region=region).client("ec2")
    return str(ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"])


def zone_of(aws: EmbeddedAws, vpc: str, *, account: str = HUB, name: str = ZONE_NAME) -> str:
    made = (
        aws.session(account)
        .client("route53")
        .create_hosted_zone(Name=name, VPC={"VPCRegion": "us-east-1", "VPCId": vpc}, CallerReference=f"{vpc}{name}")
    )
    return str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")


@pytest.fixture
def place(aws: EmbeddedAws, folder: Path) -> Iterator[tuple[str, str, Write]]:
    """The endpoint's VPC and hosted zone in a stack, and a way to write a file with them."""
    own = vpc_of(aws)
    zone = zone_of(aws, own)
    cloudformation = aws.session().client("cloudformation")
    outputs = {name: {"Value": value} for name, value in (("HostedZoneId", zone), ("VpcId", own))}
    template = {"Resources": {"X": {"Type": "AWS::Logs::LogGroup"}}, "Outputs": outputs}
    stack = "Pinekeep-search-PrivateLink"
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.05})

    def write(*clients: str, **settings: str) -> None:
        lines = ["version: 1", 'pinecone_account: "740000000001"', "deployments:", "  search:"]
        lines += [f'    account: "{HUB}"', "    region: us-east-1", "    private_link:", "      dns: hosted-zone"]
        lines += [f"      vpc: {{id: {own}, subnet_ids: [subnet-0a1b2c3d4e5f60718, subnet-0a1b2c3d4e5f60719]}}"]
        lines += ["      clients: {cidrs: [10.0.0.0/16]}", f"      client_vpcs: [{', '.join(clients)}]"]
        lines += [f"      {name}: {value}" for name, value in settings.items()]
        (folder / "pinekeep.yaml").write_text("\n".join(lines) + "\n")

    yield own, zone, write
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.05})


def spoke(vpc: str, credentials: str = ", profile: spoke") -> str:
    return f'{{id: {vpc}, account: "{SPOKE}"{credentials}}}'


def vpcs_with(aws: EmbeddedAws, zone: str) -> list[str]:
    return [each["VPCId"] for each in aws.session().client("route53").get_hosted_zone(Id=zone)["VPCs"]]


def authorized(aws: EmbeddedAws, zone: str) -> list[str]:
    found = aws.session().client("route53").list_vpc_association_authorizations(HostedZoneId=zone)["VPCs"]
    return [each["VPCId"] for each in found]


def associate(pinekeep: Run, *options: str) -> Any:
    return pinekeep("private-link", "associate", *(options or ("--yes",)), "--json")


def statuses(result: Any) -> list[str]:
    return [each["status"] for each in result.require_schema("private-link associate")["associations"]]


def test_vpcs_of_another_account_and_of_another_region_are_associated_once(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run
) -> None:
    own, zone, write = place
    theirs, far = vpc_of(aws, SPOKE), vpc_of(aws, HUB, "eu-west-1")
    write(spoke(theirs), f"{{id: {far}, region: eu-west-1}}")
    seen = associate(pinekeep, "--dry-run")
    assert (seen.code, seen.json["changed"], statuses(seen)) == (0, False, ["needed", "needed"])
    assert vpcs_with(aws, zone) == [own]
    assert authorized(aws, zone) == []
    done = associate(pinekeep)
    assert (done.code, done.json["changed"], statuses(done)) == (0, True, ["associated", "associated"])
    assert vpcs_with(aws, zone) == [own, theirs, far]
    assert authorized(aws, zone) == []
    again = associate(pinekeep)
    assert (again.code, again.json["changed"], statuses(again)) == (0, False, ["existing", "existing"])


def test_the_owner_of_an_account_without_credentials_gets_the_command(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run
) -> None:
    own, zone, write = place
    theirs = vpc_of(aws, SPOKE)
    write(spoke(theirs, ""))
    told = pinekeep("private-link", "associate", "--yes")
    command = f"associate-vpc-with-hosted-zone --hosted-zone-id {zone} --vpc VPCRegion=us-east-1,VPCId={theirs}"
    assert told.code == 0
    assert f"\n    aws route53 {command}\n" in told.out
    assert authorized(aws, zone) == [theirs]
    assert vpcs_with(aws, zone) == [own]
    again = associate(pinekeep)
    assert (again.json["changed"], statuses(again)) == (False, ["owner"])
    vpc = {"VPCRegion": "us-east-1", "VPCId": theirs}
    aws.session(SPOKE).client("route53").associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc)
    # The authorization is used up, so it is deleted.
    last = associate(pinekeep)
    assert (last.code, statuses(last), authorized(aws, zone)) == (0, ["existing"], [])
    assert not associate(pinekeep).json["changed"]


def test_a_zone_of_the_same_name_is_refused_by_its_id_and_the_others_are_associated(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run
) -> None:
    own, zone, write = place
    taken, free = vpc_of(aws, SPOKE), vpc_of(aws, SPOKE)
    rival = zone_of(aws, taken, account=SPOKE)
    zone_of(aws, free, account=SPOKE, name="private.example.com")
    write(spoke(taken), spoke(free))
    result = associate(pinekeep)
    assert (result.code, statuses(result)) == (3, ["refused", "associated"])
    refused = result.json["associations"][0]
    assert refused["why"] == f"the VPC has hosted zone {rival} of the same name {ZONE_NAME}, and takes one of a name"
    assert f"disassociate-vpc-from-hosted-zone --hosted-zone-id {rival} --vpc VPCRegion" in refused["hint"]
    assert (vpcs_with(aws, zone), authorized(aws, zone)) == ([own, free], [])


def test_a_refused_association_leaves_no_authorization(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run
) -> None:
    own, zone, write = place
    write(spoke("vpc-0dead000000000000"))
    result = associate(pinekeep)
    assert (result.code, statuses(result)) == (3, ["refused"])
    assert (vpcs_with(aws, zone), authorized(aws, zone)) == ([own], [])


def test_credentials_of_a_third_account_are_refused(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run
) -> None:
    _, zone, write = place
    write('{id: vpc-0a1b2c3d4e5f60799, account: "777788889999", profile: spoke}')
    result = associate(pinekeep)
    assert (result.code, statuses(result), authorized(aws, zone)) == (3, ["refused"], [])
    assert SPOKE in result.json["associations"][0]["why"]


def test_the_vpcs_of_an_adopted_zone_are_its_own_and_the_clients(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run
) -> None:
    own, _, write = place
    other, client = vpc_of(aws), vpc_of(aws)
    # The endpoint's own VPC must not have the stack's zone besides.
    aws.session().client("route53").associate_vpc_with_hosted_zone(
        HostedZoneId=place[1], VPC={"VPCRegion": "us-east-1", "VPCId": vpc_of(aws)}
    )
    aws.session().client("route53").disassociate_vpc_from_hosted_zone(
        HostedZoneId=place[1], VPC={"VPCRegion": "us-east-1", "VPCId": own}
    )
    adopted = zone_of(aws, other)
    write(hosted_zone_id=adopted, client_vpc_ids=f"[{client}]")
    result = associate(pinekeep)
    assert (result.code, statuses(result)) == (0, ["associated", "associated"])
    assert vpcs_with(aws, adopted) == [other, own, client]


@pytest.mark.parametrize(("name", "word"), [("private.example.com", "private"), ("", "no hosted zone")])
def test_an_adopted_zone_of_another_name_is_refused(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run, name: str, word: str
) -> None:
    _, _, write = place
    write(hosted_zone_id=zone_of(aws, vpc_of(aws), name=name) if name else "Z0000000000000000000A")
    result = associate(pinekeep)
    assert result.code == 2
    assert word in result.err
    assert name in result.err


def test_nothing_happens_without_a_yes_or_without_vpcs(
    aws: EmbeddedAws, place: tuple[str, str, Write], pinekeep: Run
) -> None:
    own, zone, write = place
    write(spoke(vpc_of(aws, SPOKE)))
    asked = pinekeep("private-link", "associate")
    assert (asked.code, vpcs_with(aws, zone), authorized(aws, zone)) == (2, [own], [])
    write()
    nothing = pinekeep("private-link", "associate", "--yes")
    assert nothing.code == 2
    assert "no deployment here has VPCs to associate" in nothing.err
