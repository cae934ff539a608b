"""Reading the grants on a key, page by page, and the key's replicas in their own Regions."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.reads.live import LiveReplica, Unreadable
from tests.account.fake_aws import KEY, FakeAws, deployment

THERE = KEY.replace("us-east-1", "eu-west-1")
ALSO = ("grants", "replicas")


class RegionalAws(FakeAws):
    """Notes in which Region each client is made."""

    def __init__(self) -> None:
        super().__init__()
        self.regions: list[tuple[str, str]] = []
        topology = {
            "PrimaryKey": {"Arn": KEY, "Region": "us-east-1"},
            "ReplicaKeys": [{"Arn": THERE, "Region": "eu-west-1"}],
        }
        self.answers["describe_key"] = {"KeyMetadata": {"Arn": KEY, "MultiRegionConfiguration": topology}}

    def client(self, service_name: str, **settings: Any) -> Any:
        self.regions.append((service_name, settings["region_name"]))
        return super().client(service_name, **settings)


@pytest.fixture
def aws() -> RegionalAws:
    return RegionalAws()


def pages(KeyId: str, Limit: int, Marker: str = "0") -> Any:  # noqa: N803 - AWS's names
    number = int(Marker)
    page = {"Grants": [{"GrantId": f"{KeyId}/{number}"}], "Truncated": number < 2}
    assert Limit == 100
    return page | ({"NextMarker": str(number + 1)} if number < 2 else {})


def test_the_grants_of_all_pages_are_read(aws: RegionalAws) -> None:
    aws.answers["list_grants"] = pages
    live = aws.read(deployment(), also=ALSO)
    assert live.grants == [{"GrantId": f"{KEY}/{number}"} for number in range(3)]


def test_each_replica_is_read_in_its_own_region(aws: RegionalAws) -> None:
    aws.answers["list_grants"] = pages
    aws.answers["get_key_policy"] = lambda KeyId, PolicyName: {"Policy": f"{KeyId} {PolicyName}"}  # noqa: N803
    live = aws.read(deployment(), also=ALSO)
    assert live.replicas == [
        LiveReplica(
            arn=THERE,
            region="eu-west-1",
            key_policy=f"{THERE} default",
            grants=[{"GrantId": f"{THERE}/{number}"} for number in range(3)],
        )
    ]
    assert ("kms", "eu-west-1") in aws.regions
    assert {region for service, region in aws.regions if service != "kms"} == {"us-east-1"}


def test_a_replica_takes_two_calls_and_a_key_without_one_none(aws: RegionalAws) -> None:
    aws.read(deployment(), also=ALSO)
    with_replica = len(aws.calls)
    plain = FakeAws()
    live = plain.read(deployment(), also=ALSO)
    assert (with_replica - len(plain.calls), live.replicas) == (2, [])


def test_what_may_not_be_read_of_a_replica_is_told_and_the_rest_read(aws: RegionalAws) -> None:
    def refused(KeyId: str, **_: Any) -> Any:  # noqa: N803
        if KeyId == THERE:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListGrants")
        return {"Grants": list[Any]()}

    aws.answers["list_grants"] = refused
    live = aws.read(deployment(), also=ALSO)
    assert live.grants == []
    assert isinstance(live.replicas, list)
    (replica,) = live.replicas
    assert isinstance(replica.grants, Unreadable)
    assert (replica.grants.permission, replica.key_policy) == ("kms:ListGrants", "{}")


def test_a_key_that_is_gone_has_no_grants_and_no_replicas(aws: RegionalAws) -> None:
    for operation in ("describe_key", "list_grants"):
        aws.refuse(operation, "NotFoundException")
    live = aws.read(deployment(), also=ALSO)
    assert (live.grants, live.replicas) == (None, None)
