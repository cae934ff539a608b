from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.account.reads.live import LiveRole, Unreadable
from pinekeep.operations.verification.verify import CHECKS, check, verify

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

ACME = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ACME_TOO = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ac"
GLOBEX = "arn:aws:kms:*:555566667777:key/*"
ROLE = "arn:aws:iam::111122223333:role/pinekeep-prod-us-east-1"
POLICY = "arn:aws:iam::111122223333:policy/pinekeep-prod-us-east-1-keys-1"
CHECK, ATTACHED, NOTE = "customer-keys-policies", "role-attached-policies", "customer-keys-key-policies"
CUSTOMERS = [
    {"name": "acme", "account": "444455556666", "key_arns": [ACME, ACME_TOO]},
    {"name": "Globex Inc.", "account": "555566667777"},
]


def many(number: int) -> list[dict[str, Any]]:
    return [{"name": f"customer {each}", "account": f"{600000000000 + each}"} for each in range(number)]


@pytest.fixture
def both(world: "World") -> "World":
    """A deployment with a key of its own and customers."""
    return world.configured(cmek={"customer_keys": CUSTOMERS})


@pytest.fixture
def alone(both: "World") -> "World":
    """A deployment with customers, and no key of its own."""
    cmek = {name: value for name, value in both.settings["cmek"].items() if name != "key"}
    return replace(both, settings={**both.settings, "cmek": cmek})


@pytest.fixture(scope="module")
def crowd() -> "World":
    """A deployment whose customers fill more than one role."""
    from tests.operations.verification.conftest import SETTINGS, World  # noqa: PLC0415

    cmek = {"trust": SETTINGS["cmek"]["trust"], "customer_keys": many(2000)}
    return World({"account": SETTINGS["account"], "region": "us-east-1", "cmek": cmek})


def saying(world: "World", *statements: dict[str, Any]) -> "World":
    """The same world where the policy says this."""
    return world.when(customer_policies={POLICY: {"Version": "2012-10-17", "Statement": list(statements)}})


def statement(**changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": [ACME, ACME_TOO, GLOBEX],
        **changes,
    }


# --- Which checks there are ---


def test_a_deployment_without_a_key_of_its_own_is_checked_for_none(alone: "World") -> None:
    found = alone.findings()
    assert [each.check for each in found if each.status != "ok"] == [NOTE]
    assert not [each.check for each in found if each.check.startswith(("key-", "adopted-"))]
    assert {CHECK, ATTACHED, NOTE, "role-exists", "trust-policy-external-id"} <= {each.check for each in found}


def test_no_check_of_a_key_applies_where_there_is_none(alone: "World") -> None:
    about_keys = [each for each in CHECKS if each.id.startswith(("key-", "adopted-"))]
    assert len(about_keys) > 8
    assert not [each.id for each in about_keys if each.applies(alone.deployment)]


def test_a_key_of_ones_own_beside_customers_is_checked_like_any(both: "World") -> None:
    found = both.findings()
    assert [each.check for each in found if each.status != "ok"] == [NOTE]
    assert {"key-exists", "key-alias", "key-policy-users", "key-rotation"} <= {each.check for each in found}
    assert both.changed("key", KeyState="Disabled").failures() == {"key-state"}
    assert both.when(key=None, alias_key=None, key_policy=None, rotation=None).failures() == {"key-exists"}


def test_an_adopted_key_beside_customers_is_checked_as_one(alone: "World") -> None:
    adopted = alone.configured(cmek={"key": {"adopt": "arn:aws:kms:us-east-1:111122223333:key/" + ACME[-36:]}})
    assert [each.check for each in adopted.findings() if each.status != "ok"] == [NOTE]
    assert "adopted-key-policy-users" in {each.check for each in adopted.findings()}


def test_what_was_found_is_told_in_a_line(both: "World") -> None:
    found = both.finding(CHECK)
    assert (found.what, found.found) == (
        "policy pinekeep-prod-us-east-1-keys-1",
        "kms:Decrypt, kms:Encrypt with the keys of 2 customers",
    )
    assert both.finding(ATTACHED).found == "policy pinekeep-prod-us-east-1-keys-1"


def test_it_is_told_once_that_the_customers_key_policies_cannot_be_read(both: "World", crowd: "World") -> None:
    for world, number in ((both, "2"), (crowd, "2,000")):
        found = world.finding(NOTE)
        assert (found.status, found.passes) == ("note", True)
        assert found.found.startswith(f"those of {number} customers cannot be read")
        assert "proven when Pinecone first uses the key" in found.found


def test_customers_without_places_are_refused(both: "World") -> None:
    nobody: Any = None
    wrong = "the customers of deployment prod have no places"
    with pytest.raises(ValueError, match=wrong):
        check(name="prod", deployment=both.deployment, pinecone_account="444455556666", live=both.live)
    with pytest.raises(ValueError, match=wrong):
        verify({"prod": both.deployment}, pinecone_account="444455556666", clients_for=nobody)


# --- What is attached ---


def test_a_policy_that_is_not_attached_is_named_and_told_once(both: "World") -> None:
    wrong = both.when(attached_policies=[])
    assert wrong.failure(ATTACHED) == "policy pinekeep-prod-us-east-1-keys-1 not attached"
    assert wrong.failures() == {ATTACHED}
    gone = wrong.when(customer_policies={POLICY: None})
    assert gone.failures() == {ATTACHED}
    assert "pinekeep deploy --deployment prod" in str(gone.finding(ATTACHED).fix)


def test_another_policy_is_named_beside_the_planned_ones(both: "World") -> None:
    other = {"PolicyName": "Admin", "PolicyArn": "arn:aws:iam::aws:policy/Admin"}
    planned = both.live.attached_policies
    assert isinstance(planned, list)
    wrong = both.when(attached_policies=[*planned, other])
    assert wrong.failure(ATTACHED) == "attached policy Admin"
    assert "detach-role-policy --role-name pinekeep-prod-us-east-1 --policy-arn arn:aws:iam::aws:policy/Admin" in str(
        wrong.finding(ATTACHED).fix
    )
    assert both.when(attached_policies=[other]).failure(ATTACHED) == (
        "policy pinekeep-prod-us-east-1-keys-1 not attached; attached policy Admin"
    )


def test_a_policy_of_the_same_name_elsewhere_is_another_one(both: "World") -> None:
    namesake = {"PolicyName": POLICY.rpartition("/")[2], "PolicyArn": POLICY.replace("policy/", "policy/path/")}
    assert "not attached; attached policy" in both.when(attached_policies=[namesake]).failure(ATTACHED)


def test_an_inline_policy_is_refused_with_customers_too(both: "World") -> None:
    assert both.when(inline_policies=["more"]).failures() == {"role-inline-policies"}


def test_a_policy_that_is_attached_and_yet_unknown_fails(both: "World") -> None:
    assert both.when(customer_policies={POLICY: None}).failure(CHECK) == "AWS knows of none"
    assert both.when(customer_policies=None).failure(CHECK) == "AWS knows of none"


def test_policies_that_cannot_be_read_have_not_passed(both: "World") -> None:
    found = both.when(customer_policies=Unreadable("iam:GetPolicyVersion", "ask")).findings()
    unread = {CHECK: "unreadable", "decisions-as-planned": "unreadable"}
    assert {each.check: each.status for each in found if not each.passes} == unread


# --- What the policies say ---


def test_the_meaning_counts_and_not_the_wording(both: "World") -> None:
    spread = [
        statement(Sid="A", Action="KMS:encrypt", Resource=[GLOBEX, ACME]),
        statement(Sid="B", Action="kms:decrypt", Resource=ACME),
        statement(Sid="C", Resource=[ACME_TOO]),
        statement(Action=["kms:Decrypt"], Resource=[GLOBEX]),
    ]
    assert saying(both, *spread).failures() == set()
    assert saying(both, statement(), statement(Resource=GLOBEX.replace(":*:", ":eu-west-1:"))).failures() == set()


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ([ACME, ACME_TOO], "missing: Globex Inc."),
        ([GLOBEX], "missing: acme"),
        ([ACME, GLOBEX], "missing: acme (1 of 2 keys)"),
        ([ACME_TOO], "missing: Globex Inc., acme (1 of 2 keys)"),
        ([ACME, ACME_TOO, GLOBEX.replace(":*:", ":eu-west-1:")], "missing: Globex Inc."),
        ([ACME, ACME_TOO, GLOBEX, "*"], "too many: * (any account)"),
        (["*"], "too many: * (any account)"),
        ([ACME, ACME_TOO, GLOBEX, "arn:aws:kms:*:*:key/*"], "too many: arn:aws:kms:*:*:key/* (any account)"),
        (
            [ACME, ACME_TOO, GLOBEX, "arn:aws:kms:us-east-1:444455556666:key/mrk-1"],
            "too many: arn:aws:kms:us-east-1:444455556666:key/mrk-1 (acme)",
        ),
        (
            [ACME, ACME_TOO, GLOBEX, "arn:aws:kms:*:999988887777:key/*"],
            "too many: arn:aws:kms:*:999988887777:key/* (account 999988887777, no customer's)",
        ),
    ],
)
def test_keys_that_are_missing_or_too_many_are_told_by_their_customer(
    both: "World", resources: list[str], said: str
) -> None:
    wrong = saying(both, statement(Resource=resources))
    assert wrong.failure(CHECK) == said
    assert wrong.failures() == {CHECK}


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([statement(Action=["kms:Encrypt"])], "kms:Decrypt is missing for Globex Inc., acme"),
        (
            [statement(Action="kms:Encrypt"), statement(Action="kms:Decrypt", Resource=[ACME, GLOBEX])],
            "kms:Decrypt is missing for acme (1 of 2 keys)",
        ),
        ([statement(Action="kms:*")], "it allows kms:* too"),
        (
            [statement(), statement(Action="kms:ScheduleKeyDeletion", Resource=[ACME])],
            "it allows kms:ScheduleKeyDeletion too",
        ),
        ([statement(Action=["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"])], "it allows kms:DescribeKey too"),
        (
            [statement(), statement(Effect="Deny", Sid="No", Resource=[ACME])],
            f"there is statement No (Deny kms:Decrypt, kms:Encrypt on {ACME})",
        ),
        (
            [statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})],
            "missing: Globex Inc., acme; there is a statement (Allow kms:Decrypt, kms:Encrypt on "
            f"{GLOBEX}, {ACME}, {ACME_TOO} if StringEquals aws:SourceVpc vpc-1)",
        ),
        (
            [statement(), {"Effect": "Allow", "NotAction": "kms:Encrypt", "Resource": "*"}],
            "there is a statement (Allow all but kms:Encrypt on *)",
        ),
        (
            [statement(), {"Effect": "Allow", "Action": "kms:Encrypt", "NotResource": ACME}],
            f"there is a statement (Allow kms:Encrypt on all but {ACME})",
        ),
        ([], "missing: Globex Inc., acme"),
    ],
)
def test_other_actions_and_other_statements_are_told(
    both: "World", statements: list[dict[str, Any]], said: str
) -> None:
    assert saying(both, *statements).failure(CHECK) == said


def test_describing_keys_is_allowed_where_it_was_asked_for(both: "World") -> None:
    asked = both.configured(cmek={"describe_customer_keys": True})
    assert asked.failures() == set()
    assert saying(asked, statement()).failure(CHECK) == "kms:DescribeKey is missing for Globex Inc., acme"


def test_of_very_many_only_some_are_named(crowd: "World") -> None:
    documents = crowd.live.customer_policies
    assert isinstance(documents, dict)
    empty: dict[str, Any] = {each: {"Statement": []} for each in documents}
    first = crowd.when(customer_policies=empty).finding(CHECK, what="us-east-1-keys-2")
    assert first.found == ("missing: customer 171, customer 172, customer 173, customer 174, customer 175 and 166 more")


def test_a_document_that_is_none_fails(both: "World") -> None:
    assert both.when(customer_policies={POLICY: "{"}).failure(CHECK) == "the policy is not JSON"


# --- Further roles ---


def test_every_role_is_checked_and_told_apart_by_its_name(crowd: "World") -> None:
    found = crowd.findings()
    assert [each.check for each in found if each.status != "ok"] == [NOTE]
    for check_id in ("role-inline-policies", ATTACHED, "trust-policy-principals", "trust-policy-external-id"):
        ends = [each.what.rpartition(" (")[2] for each in found if each.check == check_id]
        assert ends == ["pinekeep-prod-us-east-1)", "pinekeep-prod-us-east-1-2)"], check_id
    assert [each.what for each in found if each.check == "role-exists"] == [
        "role pinekeep-prod-us-east-1",
        "role pinekeep-prod-us-east-1-2",
    ]
    assert len([each for each in found if each.check == CHECK]) == 12
    assert len({(each.check, each.what) for each in found}) == len(found)


def further(world: "World", **changes: Any) -> "World":
    (role,) = world.live.further_roles
    return world.when(further_roles=(replace(role, **changes),))


def test_a_missing_further_role_fails_once(crowd: "World") -> None:
    gone = crowd.when(further_roles=(LiveRole(customer_policies={}),))
    assert [each.what for each in gone.findings() if each.status == "failed"] == ["role pinekeep-prod-us-east-1-2"]
    assert crowd.when(further_roles=()).failures() == {"role-exists"}


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"inline_policies": ["more"]}, "role-inline-policies"),
        ({"attached_policies": []}, ATTACHED),
        ({"role": {"Arn": f"{ROLE}-2", "AssumeRolePolicyDocument": {"Statement": []}}}, "trust-policy-statement"),
    ],
)
def test_what_is_wrong_with_a_further_role_is_told_of_it(crowd: "World", changes: dict[str, Any], failed: str) -> None:
    wrong = [each for each in further(crowd, **changes).findings() if each.status == "failed"]
    found = [each for each in wrong if each.check != "decisions-as-planned"]
    assert failed in {each.check for each in found}
    assert all("pinekeep-prod-us-east-1-2" in each.what for each in found)


def test_an_external_id_that_a_further_role_asks_for_must_be_the_configured_one(crowd: "World") -> None:
    (role,) = crowd.live.further_roles
    assert isinstance(role.role, dict)
    trust = role.role["AssumeRolePolicyDocument"]["Statement"][0]
    other = {**trust, "Condition": {"StringEquals": {"sts:ExternalId": "another"}}}
    wrong = further(crowd, role={**role.role, "AssumeRolePolicyDocument": {"Statement": [other]}})
    assert wrong.failures() == {"trust-policy-external-id"}


# --- Outputs ---


def test_the_outputs_have_every_role_and_no_other(crowd: "World") -> None:
    stack = crowd.live.cmek_stack
    assert isinstance(stack, dict)
    without = [each for each in stack["Outputs"] if each["OutputKey"] != "RoleArn2"]
    assert crowd.changed("cmek_stack", Outputs=without).failure("cmek-stack-outputs") == "RoleArn2 is missing"
    third = [*stack["Outputs"], {"OutputKey": "RoleArn3", "OutputValue": f"{ROLE}-3"}]
    assert crowd.changed("cmek_stack", Outputs=third).failure("cmek-stack-outputs") == (
        "RoleArn3 is not in the configuration"
    )


def test_a_key_of_ones_own_that_the_configuration_has_no_more_is_told(both: "World", alone: "World") -> None:
    live: Any = both.live
    outputs = live.cmek_stack["Outputs"]
    wrong = alone.changed("cmek_stack", Outputs=outputs)
    assert wrong.failure("cmek-stack-outputs") == "KeyArn is not in the configuration"
    assert wrong.failures() == {"cmek-stack-outputs"}
