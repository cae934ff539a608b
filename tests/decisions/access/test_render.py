"""The table as JSON, as a page, and for a terminal."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from pinekeep.decisions.access.render import as_json, as_markdown, as_text, summary
from tests.decisions.access.worlds import KEY, ROLE, table, with_customer, with_key, with_trust, world


def test_json_is_the_same_for_the_same_policies() -> None:
    first, second = (json.dumps(as_json(table(world()))) for _ in range(2))
    assert first == second


def test_json_holds_every_decision_with_its_statement() -> None:
    found = as_json(table(world()))
    assert len(found["decisions"]) == len(found["principals"]) * len(found["requests"])
    [decision] = [
        each
        for each in found["decisions"]
        if (each["principal"], each["request"]) == ("role/pinekeep-prod", "key kms:Decrypt")
    ]
    assert decision == {
        "principal": "role/pinekeep-prod",
        "request": "key kms:Decrypt",
        "effect": "allow",
        "explicit": False,
        "statements": [{"policy": "the key policy", "sid": "AllowUseOfTheKey", "number": 4, "grant": None}],
        "reason": "statement AllowUseOfTheKey of the key policy allows it",
        "through_iam": None,
    }
    assert (found["decided_from"], found["roles"], found["keys"]) == (
        "synthesized",
        [{"id": "role/pinekeep-prod", "arn": ROLE}],
        [{"id": "key", "arn": KEY, "known": True}],
    )


def test_the_external_id_is_in_no_output() -> None:
    found = table(world())
    for text in (json.dumps(as_json(found)), as_markdown(found), as_text(found)):
        assert "8c2b1c4e-6c1b" not in text


def test_the_summary_answers_what_a_reviewer_asks() -> None:
    answers = dict(summary(table(world())))
    root = "the root user of account 111122223333"
    assert answers == {
        "Who can assume the role pinekeep-prod?": "Pinecone's access roles of us-east-1, us-west-2 with the agreed "
        "external ID",
        "Through which role can Pinecone encrypt and decrypt with the key?": "Pinecone's access role of us-east-1 "
        "through pinekeep-prod; Pinecone's access role of us-west-2 through pinekeep-prod",
        "Who can use the key?": "the role pinekeep-prod; the key administrator role/KeyAdmins (only "
        f"DescribeKey); {root}",
        "Who can make grants on the key for AWS services?": "the role pinekeep-prod; the key administrator "
        f"role/KeyAdmins (all but CreateGrant); {root}",
        "Who can make grants on the key for anyone?": "the key administrator role/KeyAdmins (all but CreateGrant); "
        f"{root}",
        "Who can administer the key?": "the key administrator role/KeyAdmins (all but ReplicateKey, "
        f"ImportKeyMaterial); {root}",
        "Who can delete the key?": f"the key administrator role/KeyAdmins; {root}",
        "Whom could IAM policies of account 111122223333 still let use the key?": "any user or role of the account",
        "Whom could they still let administer or delete the key?": "any user or role of the account, the role "
        "pinekeep-prod and the key administrator role/KeyAdmins",
    }


def test_the_summary_says_for_whom_it_is_undecided() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.1/32"}}
    answers = dict(summary(table(with_trust(lambda statement: statement.update(Condition=condition)))))
    assert answers["Who can assume the role pinekeep-prod?"] == (
        "nobody; undecided for Pinecone's access roles of us-east-1, us-west-2"
    )


def test_the_summary_of_a_locked_out_key_says_nobody() -> None:
    answers = dict(summary(table(with_key(lambda statements: statements.pop(0), world(administrators=[])))))
    assert answers["Who can administer the key?"] == "nobody"
    assert answers["Whom could IAM policies of account 111122223333 still let use the key?"] == "nobody"


def test_the_summary_follows_a_customers_key_through_all_three_parts() -> None:
    question = "Through which role can Pinecone encrypt and decrypt with the key of acme?"
    assert dict(summary(table(with_customer(named=False))))[question] == "none"
    assert "us-east-1 through pinekeep-prod" in dict(summary(table(with_customer())))[question]


def test_the_page_has_its_parts_in_order() -> None:
    page = as_markdown(table(world()))
    headings = [line for line in page.splitlines() if line.startswith("#")]
    assert headings == [
        "# Who can do what: prod",
        "## Summary",
        "## Assumptions",
        "## Not looked at",
        "## Principals",
        "## Assume the role pinekeep-prod",
        "## Set session tags and identity in the role pinekeep-prod",
        "## Use the key",
        "## Make grants on the key for AWS services",
        "## Make grants on the key for anyone",
        "## Read the settings of the key",
        "## Administer the key",
        "## Delete the key",
    ]
    assert "Decided from the synthesized policies, nothing deployed was read, for account 111122223333" in page
    assert (
        "| the role pinekeep-prod | everything | **allow** | statement AllowUseOfTheKey of the key policy allows it |"
    ) in page


def test_the_page_says_which_key_policy_is_not_known() -> None:
    policies = world()
    assert f"- Key `{KEY}`\n" in as_markdown(table(policies))
    unknown = replace(policies, keys=(replace(policies.keys[0], document=None),))
    assert f"- Key `{KEY}`, whose key policy is not known\n" in as_markdown(table(unknown))


def test_every_decision_is_on_the_page() -> None:
    found = table(world())
    for resource, group in found.places():
        blocks = found.blocks(resource.id, group)
        shown = sum(len(outcome.requests) * len(each.principals) for each in blocks for outcome in each.outcomes)
        assert shown == len(found.place(resource.id, group))


def test_a_bar_in_a_name_does_not_break_the_page() -> None:
    page = as_markdown(table(with_trust(lambda statement: statement.update(Sid="a|b"))))
    assert "statement a\\|b of the trust policy" in page


def test_the_page_says_what_to_note() -> None:
    page = as_markdown(table(with_trust(lambda statement: statement.update(Principal={"Service": "x.amazonaws.com"}))))
    assert "## Notes\n\n- the trust policy names Service:x.amazonaws.com, which" in page


def test_a_terminal_shows_who_can_do_something_and_sums_up_the_others() -> None:
    text = as_text(table(with_trust(lambda statement: statement.pop("Condition"), world(regions=["us-east-1"]))))
    assert text.splitlines()[:8] == [
        "prod: decided from the policies that are live in the account",
        "",
        "assume the role pinekeep-prod",
        "  Pinecone's access role of us-east-1",
        "    allow      statement AllowPineconeToAssumeTheRole of the trust policy allows it",
        "  everyone else",
        "    deny",
        "",
    ]
    assert "\x1b" not in text


@pytest.mark.process
def test_neither_the_evaluator_nor_rich_is_imported_until_it_is_needed() -> None:
    code = (
        "import sys; from pinekeep.decisions.access import differences, live, render, template; "
        "assert not {'ministack', 'rich', 'aws_cdk', 'boto3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
