"""Sharing a Route 53 Profile with the account of a client VPC: the calls, held against AWS's description of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.operations.connectivity.association import Association, Status, Ways, targets_of
from pinekeep.operations.connectivity.profile_association import (
    SECONDS_TO_SHARE,
    associate_with_profile,
    look_at_profiles,
)
from tests.stacks.support import deployment, private_link

HUB, SPOKE = "111122223333", "444455556666"
PROFILE, ARN = "rp-0123456789abcdef", f"arn:aws:route53profiles:us-east-1:{HUB}:profile/rp-0123456789abcdef"
VPC = "vpc-0c1c2c3c4c5c6c7c8"
SHARE = f"arn:aws:ram:us-east-1:{HUB}:resource-share/0a1b"
INVITATION = f"arn:aws:ram:us-east-1:{HUB}:resource-share-invitation/2c3d"
NAME = "pinecone-search"


class Account:
    """An account whose answers are given in order, each with the request that must ask for it."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.stubs: dict[str, Stubber] = {}

    def stub(self, service: str) -> Stubber:
        if service not in self.stubs:
            session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y")
            self.stubs[service] = Stubber(session.client(service, region_name="us-east-1"))
        return self.stubs[service]

    def answers(self, service: str, call: str, answer: dict[str, Any], **asked: Any) -> None:
        self.stub(service).add_response(call, answer, asked)

    def refuses(self, service: str, call: str, code: str) -> None:
        self.stub(service).add_client_error(call, code, "no")

    def client(self, service_name: str, **_: Any) -> Any:
        if service_name == "sts":
            return self
        return self.stub(service_name).client

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": self.number, "Arn": f"arn:aws:iam::{self.number}:user/ann", "UserId": "AIDA"}


class World:
    """The Profile's account and the VPC's account."""

    def __init__(self, credentials: dict[str, str], **settings: Any) -> None:
        self.hub, self.spoke = Account(HUB), Account(SPOKE)
        client = {"id": VPC, "account": SPOKE, **credentials}
        link = private_link(dns="profile", client_vpcs=[client], **settings)
        self.deployment: Deployment = deployment(private_link=link)

        def source_of(profile: str | None) -> Source:
            account = self.spoke if profile else self.hub
            return Source(environment=dict, clients_for=lambda region: Clients(account, region))

        self.ways = Ways({"search": self.deployment}, Access(source_of))

    def look(self) -> Association:
        outputs = {"ProfileId": PROFILE}
        (found,) = look_at_profiles(targets_of("search", self.deployment, outputs), self.ways)
        return found

    def has_profile(self, owner: str = HUB) -> None:
        self.hub.answers(
            "route53profiles", "get_profile", {"Profile": {"Arn": ARN, "OwnerId": owner}}, ProfileId=PROFILE
        )

    def vpc_has(self, *profiles: str) -> None:
        found = [{"ProfileId": each, "ResourceId": VPC, "Status": "COMPLETE"} for each in profiles]
        answer = {"ProfileAssociations": found}
        self.spoke.answers("route53profiles", "list_profile_associations", answer, ResourceId=VPC)

    def has_share(self, *arns: str) -> None:
        asked = {"resourceOwner": "SELF", "name": NAME, "resourceShareStatus": "ACTIVE"}
        self.hub.answers(
            "ram", "get_resource_shares", {"resourceShares": [{"resourceShareArn": a} for a in arns]}, **asked
        )

    def share_has(self, kind: str, *entities: str, status: str = "ASSOCIATED") -> None:
        found = [{"associatedEntity": each, "status": status} for each in entities]
        answer = {"resourceShareAssociations": found}
        asked = {"associationType": kind, "resourceShareArns": [SHARE]}
        self.hub.answers("ram", "get_resource_share_associations", answer, **asked)

    def invites(self, *statuses: str) -> None:
        found = [{"resourceShareInvitationArn": INVITATION, "status": each} for each in statuses]
        answer = {"resourceShareInvitations": found}
        self.spoke.answers("ram", "get_resource_share_invitations", answer, resourceShareArns=[SHARE])

    def associates(self) -> None:
        asked = {"Name": f"{NAME}-{VPC}", "ProfileId": PROFILE, "ResourceId": VPC}
        self.spoke.answers("route53profiles", "associate_profile", {}, **asked)

    def creates_share(self) -> None:
        self.hub.answers(
            "ram",
            "create_resource_share",
            {"resourceShare": {"resourceShareArn": SHARE}},
            name=NAME,
            allowExternalPrincipals=True,
            tags=[{"key": "pinekeep:deployment", "value": "search"}],
            resourceArns=[ARN],
            principals=[SPOKE],
        )

    def do(self, association: Association) -> Association:
        now = [0.0]
        return associate_with_profile(
            association, self.ways, clock=lambda: now[0], sleep=lambda pause: now.__setitem__(0, now[0] + pause)
        )


@pytest.fixture(params=[{"profile": "spoke"}])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(request.param)
    with ExitStack() as stubs:
        for account in (made.hub, made.spoke):
            for service in ("route53profiles", "ram"):
                stubs.enter_context(account.stub(service))
        yield made
        for account in (made.hub, made.spoke):
            for stub in account.stubs.values():
                stub.assert_no_pending_responses()


without_credentials = pytest.mark.parametrize("world", [{}], indirect=True)


def test_a_profile_is_shared_accepted_and_associated(world: World) -> None:
    world.vpc_has()
    world.has_profile()
    found = world.look()
    assert (found.status, found.is_to_do) == (Status.NEEDED, True)
    world.has_profile()
    world.has_share()
    world.creates_share()
    # The invitation arrives late, and the Profile is seen some seconds after it is accepted.
    world.invites()
    world.spoke.refuses("route53profiles", "associate_profile", "ResourceNotFoundException")
    world.invites("PENDING")
    accepted = {"resourceShareInvitation": {"status": "ACCEPTED"}}
    world.spoke.answers("ram", "accept_resource_share_invitation", accepted, resourceShareInvitationArn=INVITATION)
    world.associates()
    assert world.do(found).status is Status.ASSOCIATED


def test_a_share_that_is_there_gets_what_it_lacks_alone(world: World) -> None:
    world.vpc_has()
    world.has_profile()
    found = world.look()
    world.has_profile()
    world.has_share(SHARE)
    world.share_has("RESOURCE", ARN)
    world.share_has("PRINCIPAL", SPOKE, status="DISASSOCIATED")
    world.hub.answers("ram", "associate_resource_share", {}, resourceShareArn=SHARE, principals=[SPOKE])
    world.invites("ACCEPTED")
    world.associates()
    assert world.do(found).status is Status.ASSOCIATED


def test_a_vpc_that_has_the_profile_is_left_alone(world: World) -> None:
    world.vpc_has(PROFILE)
    world.has_profile()
    found = world.look()
    assert (found.status, found.is_to_do) == (Status.EXISTING, False)


def test_a_vpc_with_another_profile_is_refused(world: World) -> None:
    world.vpc_has("rp-9999999999999999")
    world.has_profile()
    found = world.look()
    assert (found.status, found.why) == (Status.REFUSED, "the VPC has Profile rp-9999999999999999, and takes one")
    assert "disassociate-profile --profile-id rp-9999999999999999 --resource-id" in str(found.hint)


def test_a_profile_of_another_account_is_shared_by_its_owner(world: World) -> None:
    world.vpc_has()
    world.has_profile(owner="777788889999")
    found = world.look()
    assert found.status is Status.REFUSED
    assert "777788889999" in str(found.hint)


@without_credentials
def test_without_credentials_the_profile_is_shared_and_the_owner_gets_the_commands(world: World) -> None:
    world.has_profile()
    world.has_share()
    found = world.look()
    assert (found.status, found.is_to_do) == (Status.OWNER, True)
    assert "accept-resource-share-invitation" in found.commands[1]
    assert found.commands[2] == (
        f"aws route53profiles associate-profile --region us-east-1 --name {NAME}-{VPC} --profile-id {PROFILE} "
        f"--resource-id {VPC}"
    )
    world.has_profile()
    world.has_share()
    world.creates_share()
    assert world.do(found).authorized
    world.has_profile()
    world.has_share(SHARE)
    world.share_has("RESOURCE", ARN)
    world.share_has("PRINCIPAL", SPOKE, status="ASSOCIATING")
    assert not world.look().is_to_do


def test_a_share_that_never_arrives_ends_with_a_sentence(world: World) -> None:
    world.vpc_has()
    world.has_profile()
    found = world.look()
    world.has_profile()
    world.has_share()
    world.creates_share()
    for _ in range(int(SECONDS_TO_SHARE / 3) + 1):
        world.invites()
        world.spoke.refuses("route53profiles", "associate_profile", "AccessDeniedException")
    refused = world.do(found)
    assert refused.status is Status.REFUSED
    assert f"account {SPOKE} does not see the Profile 120 s after it was shared" in str(refused.why)


def test_a_refusal_of_aws_is_reported(world: World) -> None:
    world.vpc_has()
    world.has_profile()
    found = world.look()
    world.has_profile()
    world.hub.refuses("ram", "get_resource_shares", "AccessDeniedException")
    assert world.do(found).status is Status.REFUSED


def test_a_profile_that_does_not_exist_is_wrong_input(world: World) -> None:
    world.hub.refuses("route53profiles", "get_profile", "ResourceNotFoundException")
    with pytest.raises(WrongInputError, match=f"no Route 53 Profile {PROFILE}"):
        world.look()


def test_the_profile_comes_from_the_stack_or_from_the_file() -> None:
    deployed, given = World({}), World({}, profile_id="rp-8888888888888888")
    assert targets_of("search", given.deployment, {})[0].resource_id == "rp-8888888888888888"
    with pytest.raises(WrongInputError, match="the stack of the endpoint has no ProfileId"):
        targets_of("search", deployed.deployment, {})
