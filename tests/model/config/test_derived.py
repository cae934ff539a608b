from typing import Any

import pytest

from pinekeep.model.config.derived import customer_keys_of, numbered_role_arn, numbered_role_name, stacks_of
from pinekeep.model.config.models import Deployment

CMEK = {"trust": {"regions": ["us-east-1"], "external_id": "none"}}
LINK = {
    "vpc": {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
    "clients": {"cidrs": ["10.0.0.0/16"]},
}
KEY = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def deployment(**parts: Any) -> Deployment:
    return Deployment.model_validate({"account": "111122223333", "region": "us-east-1", **parts})


@pytest.mark.parametrize(
    ("parts", "stacks"),
    [
        ({"cmek": CMEK}, ["Pinekeep-a-Cmek"]),
        ({"private_link": LINK}, ["Pinekeep-a-PrivateLink"]),
        ({"cmek": CMEK, "private_link": LINK}, ["Pinekeep-a-Cmek", "Pinekeep-a-PrivateLink"]),
    ],
)
def test_a_deployment_has_a_stack_for_each_part_and_the_key_comes_first(parts: Any, stacks: list[str]) -> None:
    assert stacks_of("a", deployment(**parts)) == stacks


def test_further_roles_are_numbered() -> None:
    made = deployment(cmek=CMEK)
    assert [numbered_role_name("a", made, number) for number in (1, 2)] == [
        "pinekeep-a-us-east-1",
        "pinekeep-a-us-east-1-2",
    ]
    assert numbered_role_arn("a", made, 2) == "arn:aws:iam::111122223333:role/pinekeep-a-us-east-1-2"


def test_a_customer_brings_its_keys_or_its_whole_account() -> None:
    customers = [
        {"name": "Acme Inc.", "account": "444455556666", "key_arns": [KEY]},
        {"name": "globex", "account": "555566667777"},
    ]
    found = customer_keys_of(deployment(cmek={**CMEK, "customer_keys": customers}))
    assert [(each.name, each.resources) for each in found] == [
        ("acme-inc", (KEY,)),
        ("globex", ("arn:aws:kms:*:555566667777:key/*",)),
    ]
    assert customer_keys_of(deployment(private_link=LINK)) == []
