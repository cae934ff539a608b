import ipaddress
import re
from collections.abc import Iterator
from datetime import date
from types import ModuleType

import pytest

from pinekeep.model.facts import aws, pinecone
from pinekeep.model.facts.source import Source


def sources(module: ModuleType) -> Iterator[Source]:
    return (each for each in vars(module).values() if isinstance(each, Source))


@pytest.mark.parametrize("module", [aws, pinecone])
def test_every_source_has_a_title_a_site_and_a_day(module: ModuleType) -> None:
    found = list(sources(module))
    assert found
    for source in found:
        assert source.title
        assert re.fullmatch(r"[a-z.]+", source.site)
        assert source.checked > date(2026, 1, 1)


def test_a_source_is_cited_on_one_line() -> None:
    assert str(Source("Keys", "docs.example", date(2026, 11, 22))) == "Keys (docs.example, checked 2026-11-22)"


def test_pinecone_runs_in_five_regions_and_documents_three_for_keys() -> None:
    assert pinecone.REGIONS == ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1")
    assert pinecone.DOCUMENTED_ACCESS_REGIONS == ("us-east-1", "us-west-2", "eu-west-1")


def test_each_region_has_its_endpoint_service_and_zone() -> None:
    assert {region: (each.service_name, each.private_zone) for region, each in pinecone.PRIVATE_LINK.items()} == {
        "us-east-1": (
            "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54",
            "private.aped-4627-b74a.pinecone.io",
        ),
        "us-west-2": (
            "com.amazonaws.vpce.us-west-2.vpce-svc-04ecb9a0e0d5aab01",
            "private.apw5-4e34-81fa.pinecone.io",
        ),
        "eu-west-1": (
            "com.amazonaws.vpce.eu-west-1.vpce-svc-03c6b7e17ff02a70f",
            "private.apu-57e2-42f6.pinecone.io",
        ),
        "eu-central-1": (
            "com.amazonaws.vpce.eu-central-1.vpce-svc-037997ff6b3d25e34",
            "private.apec-a2ee-38c6.pinecone.io",
        ),
        "ap-southeast-1": (
            "com.amazonaws.vpce.ap-southeast-1.vpce-svc-0c12f00812e786068",
            "private.aps-d9bb-582b.pinecone.io",
        ),
    }


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        pinecone.PRIVATE_LINK["moon"] = pinecone.PRIVATE_LINK["us-east-1"]  # pyrefly: ignore[unsupported-operation]


def test_the_accounts_that_stand_for_others_are_known() -> None:
    assert pinecone.STORAGE_ACCOUNT == "713131977538"
    assert pinecone.PLACEHOLDER_ACCOUNTS == ("000000000000", "123456789012")


def test_bounds_are_those_of_aws() -> None:
    assert (aws.ROTATION_DAYS_MIN, aws.ROTATION_DAYS_MAX, aws.ROTATION_DAYS_DEFAULT) == (90, 2560, 365)
    assert (aws.DELETION_WINDOW_DAYS_MIN, aws.DELETION_WINDOW_DAYS_MAX) == (7, 30)
    assert (aws.ROLE_NAME_MAX, aws.TRUST_POLICY_MAX, aws.ALIAS_MAX) == (64, 2048, 250)
    assert (aws.TAG_KEY_MAX, aws.TAG_VALUE_MAX, aws.TAGS_MAX) == (128, 256, 50)
    assert (aws.VPC_PREFIX_SHORTEST, aws.VPC_PREFIX_LONGEST) == (16, 28)
    assert aws.SECURITY_GROUP_RULES_MAX == 60


def test_an_endpoint_has_nine_states() -> None:
    assert len(set(aws.ENDPOINT_STATES)) == len(aws.ENDPOINT_STATES) == 9


def test_the_rule_that_stands_for_no_egress_lets_nothing_out() -> None:
    assert ipaddress.IPv4Network(aws.NO_EGRESS.cidr_ip) == ipaddress.IPv4Network("255.255.255.255/32")
    assert aws.NO_EGRESS.ip_protocol == "icmp"


def test_each_use_of_a_bucket_lists_it_and_reads_or_writes_objects() -> None:
    assert {use: (each.bucket, each.objects) for use, each in pinecone.STORAGE_USES.items()} == {
        "audit": (("s3:ListBucket",), ("s3:PutObject",)),
        "import": (("s3:ListBucket",), ("s3:GetObject",)),
        "export": (("s3:ListBucket",), ("s3:PutObject",)),
    }
    assert (pinecone.AUDIT_TEST_OBJECT, pinecone.AUDIT_INTERVAL_MINUTES) == ("audit-log-access-test", 30)
