"""What the live policies come to, held against what the configured ones do."""

from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.decisions.access import table
from pinekeep.operations.verification import verify as verify_module
from tests.operations.verification.conftest import KEY_ARN, ROLE_ARN

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

CHECK = "decisions-as-planned"
STRANGER = "arn:aws:iam::999988887777:root"


def test_policies_that_say_the_same_are_not_decided_at_all(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "decision_table", lambda _: pytest.fail("takes longer than comparing"))
    assert world.finding(CHECK).found == "access is as configured"


def test_policies_written_otherwise_that_decide_the_same_pass(world: "World") -> None:
    def split(statements: list[dict[str, Any]]) -> None:
        (use,) = [each for each in statements if each["Sid"] == "AllowUseOfTheKey"]
        actions, use["Action"] = use["Action"], use["Action"][:2]
        statements.append({**use, "Sid": "More", "Action": actions[2:]})

    apart = world.keyed(split)
    assert apart.finding(CHECK).status == "ok"
    assert apart.failures() == set()


def test_whoever_may_assume_the_role_now_is_named_with_the_statement(world: "World") -> None:
    wrong = world.trusting(lambda document: document["Statement"][0]["Principal"]["AWS"].append(STRANGER))
    assert wrong.failure(CHECK) == (
        "a role of account 999988887777 can now assume the role pinekeep-prod-us-east-1 with the agreed external ID: "
        "statement AllowPineconeToAssumeTheRole of the trust policy"
    )
    assert "--revert-drift" in str(wrong.finding(CHECK).fix)


def test_a_role_that_was_deleted_and_made_anew_can_no_longer_use_the_key(world: "World") -> None:
    def orphan(statements: list[dict[str, Any]]) -> None:
        for each in statements:
            if each["Principal"].get("AWS") == ROLE_ARN:
                each["Principal"] = {"AWS": "AROA1234567890EXAMPLE"}

    told = world.keyed(orphan).failure(CHECK)
    assert "the role pinekeep-prod-us-east-1 can no longer use the key: " in told


def test_what_an_inline_policy_gives_counts(world: "World") -> None:
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    wrong = world.when(inline_policies=["more"], inline_documents={"more": allow})
    assert "the role pinekeep-prod-us-east-1 can now administer the key" in wrong.failure(CHECK)
    take_off = "aws iam delete-role-policy --role-name pinekeep-prod-us-east-1 --policy-name more"
    assert wrong.finding(CHECK).fix == take_off, "the template does not have it, so CloudFormation leaves it"
    both = wrong.trusting(lambda document: document["Statement"][0]["Principal"]["AWS"].append(STRANGER))
    assert str(both.finding(CHECK).fix).startswith(f"{take_off}; then revert it to the template: pinekeep deploy")


def test_a_condition_that_nobody_can_decide_is_a_note(world: "World") -> None:
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": ROLE_ARN},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"Foo": {"aws:SourceIp": "10.0.0.0/8"}},
    }
    found = world.keyed(lambda statements: statements.append(statement)).finding(CHECK)
    assert found.status == "note"
    assert found.found.startswith("whether the role pinekeep-prod-us-east-1 can use the key (only Decrypt)")


def test_the_policy_of_an_adopted_key_is_its_owners_but_outsiders_are_told(world: "World") -> None:
    adopted = world.configured(cmek={"key": {"adopt": KEY_ARN, "administrators": [], "rotation_days": 365}})
    other = {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN.replace("pinekeep-", "x-")}, "Action": "kms:*"}
    assert adopted.keyed(lambda statements: statements.append({**other, "Resource": "*"})).finding(CHECK).status == "ok"
    outside = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    told = adopted.keyed(lambda statements: statements.append(outside)).failure(CHECK)
    assert "a stranger's role of the same name as Pinecone's can use the key (only Decrypt)" in told


def test_many_differences_are_counted(world: "World") -> None:
    def open_all(statements: list[dict[str, Any]]) -> None:
        statements[:] = [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]

    assert "; and " in world.keyed(open_all).failure(CHECK)


@pytest.mark.parametrize("missing", [{"role": None}, {"key": None, "key_policy": None}])
def test_what_is_missing_is_told_by_its_own_check(world: "World", missing: dict[str, Any]) -> None:
    assert not [each for each in world.when(**missing).findings() if each.check == CHECK]


def test_a_policy_that_is_none_fails(world: "World") -> None:
    assert world.when(key_policy="no JSON").finding(CHECK).found == "a policy is not JSON"


def test_the_check_is_made_of_what_the_others_read() -> None:
    (info,) = [each for each in verify_module.CHECKS if each.id == CHECK]
    others = {field for each in verify_module.CHECKS if each.id != CHECK for field in each.reads}
    assert set(info.reads) - others == {"attached_documents"}
