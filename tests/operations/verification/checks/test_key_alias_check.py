from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

OTHER = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"


def test_a_missing_alias_fails(world: "World") -> None:
    wrong = world.when(alias_key=None)
    assert wrong.failure("key-alias") == "there is no such alias"
    assert wrong.finding("key-alias").what == "alias/pinecone/prod"
    assert wrong.failures() == {"key-alias"}


def test_an_alias_of_another_key_names_that_key(world: "World") -> None:
    wrong = world.changed("alias_key", Arn=OTHER)
    assert wrong.failure("key-alias") == f"it points at another key: {OTHER}"
    assert "update-alias --alias-name alias/pinecone/prod" in str(wrong.finding("key-alias").fix)
