import pytest

from pinekeep.model.policies.permissions import account_keys_arn, customer_keys_policy

KEY = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("describe", "actions"),
    [(False, ["kms:Encrypt", "kms:Decrypt"]), (True, ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"])],
)
def test_the_role_uses_the_keys_and_does_nothing_else(describe: bool, actions: list[str]) -> None:
    assert customer_keys_policy([KEY], describe=describe) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "UseKeysOfCustomers", "Effect": "Allow", "Action": actions, "Resource": [KEY]},
        ],
    }


def test_the_resources_keep_their_order_and_are_copied() -> None:
    resources = [KEY, account_keys_arn("555566667777")]
    found = customer_keys_policy(resources, describe=False)
    resources.clear()
    assert found["Statement"][0]["Resource"] == [KEY, "arn:aws:kms:*:555566667777:key/*"]
