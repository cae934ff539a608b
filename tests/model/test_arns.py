import pytest

from pinekeep.model.arns import KeyArn, access_role_arn, path_of, policy_arn, role_arn, root_arn

KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"


def test_arns_are_made_as_aws_writes_them() -> None:
    assert role_arn(account="111122223333", role_name="pinecone") == "arn:aws:iam::111122223333:role/pinecone"


@pytest.mark.parametrize("path", ["/", "/delegated/", "/delegated/dev/"])
def test_a_path_goes_into_an_arn_and_comes_out_of_it(path: str) -> None:
    role = role_arn(account="111122223333", role_name="pinecone", path=path)
    assert role == f"arn:aws:iam::111122223333:role{path}pinecone"
    assert path_of(role) == path
    assert path_of(policy_arn(account="111122223333", policy_name="keys", path=path)) == path
    assert root_arn("111122223333") == "arn:aws:iam::111122223333:root"
    assert (
        access_role_arn(pinecone_account="740000000001", region="us-east-1")
        == "arn:aws:iam::740000000001:role/pinecone_cmek_access_us-east-1"
    )
    assert (
        access_role_arn(pinecone_account="740000000001", region="*")
        == "arn:aws:iam::740000000001:role/pinecone_cmek_access_*"
    )


@pytest.mark.parametrize("text", [KEY, KEY.replace("0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d", "mrk-" + "0a1b2c3d" * 4)])
def test_a_key_arn_comes_back_the_same(text: str) -> None:
    assert str(KeyArn.parse(text)) == text


def test_a_key_arn_has_its_parts() -> None:
    assert KeyArn.parse(KEY) == KeyArn("aws", "us-east-1", "111122223333", "0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d")


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY + "\n",
        " " + KEY,
        KEY + "0",
        KEY.upper(),
        KEY.replace(":key/", ":alias/"),
        KEY.replace("111122223333", "11112222333"),
        KEY.replace("111122223333", "\u0661" * 12),
        KEY.replace(":kms:", ":s3:"),
        KEY.replace("0a1b2c3d-", "0a1b2c3g-"),
    ],
)
def test_what_is_no_key_arn_is_none(text: str) -> None:
    assert KeyArn.parse(text) is None
