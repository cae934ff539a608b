import re

import botocore.session
import pytest

from pinekeep.model.facts import pinecone, regions


def test_the_commercial_regions_are_those_that_botocore_knows() -> None:
    known = botocore.session.get_session().get_available_regions("ec2")
    assert sorted(regions.COMMERCIAL) == sorted(known)
    assert set(pinecone.REGIONS) <= set(regions.COMMERCIAL)


def test_each_region_of_another_partition_is_known_to_be_of_it() -> None:
    session = botocore.session.get_session()
    others = [each for each in session.get_available_partitions() if each != "aws"]
    assert {each.id for each in regions.OTHER_PARTITIONS} == set(others)
    for partition in others:
        for region in session.get_available_regions("ec2", partition_name=partition):
            found = regions.partition_of(region)
            assert found is not None, region
            assert found.id == partition


@pytest.mark.parametrize("region", [*pinecone.REGIONS, "us-est-1", "us-gov", "cn"])
def test_what_is_in_no_other_partition_is_not_said_to_be(region: str) -> None:
    assert regions.elsewhere(region) is None


def test_the_partitions_patterns_exclude_each_other() -> None:
    for region in ("us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1"):
        assert sum(bool(re.fullmatch(each.pattern, region)) for each in regions.OTHER_PARTITIONS) == 1
