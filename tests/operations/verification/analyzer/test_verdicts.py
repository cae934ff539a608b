import copy
from typing import Any

import pytest

from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.trust import trust_policy
from pinekeep.operations.verification.analyzer.queries import Question, about_key, about_permissions, about_trust
from pinekeep.operations.verification.analyzer.verdicts import ACCEPTED, OTHER_FORM, judge
from pinekeep.operations.verification.checks.finding import Verdict
from tests.operations.verification.analyzer.conftest import EXTERNAL_ID, KEY, ROLE, TRUST

RESTORE = "bring it back"
LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html"
ROOT_FORM = trust_policy(pinecone_account="444455556666", regions="all", external_id=EXTERNAL_ID, form="account-root")
FAIL = {"result": "FAIL", "message": "it might", "reasons": [{"description": "grants.", "statementId": "Open"}]}


def of(kind: str, call: str, document: Policy = TRUST) -> Question:
    every = (
        *about_trust(document, about="role"),
        *about_key(KEY, about="key", roles=[ROLE]),
        *about_permissions(KEY, about="policy"),
    )
    return next(each for each in every if (each.kind, each.call) == (kind, call))


def found(kind: str, code: str = "SOME_CODE", *, details: str = "Some details.", path: Any = ()) -> dict[str, Any]:
    places = [{"path": list(path)}] if path else []
    return {
        "findingType": kind,
        "issueCode": code,
        "findingDetails": details,
        "learnMoreLink": LINK,
        "locations": places,
    }


def validated(*findings: dict[str, Any], kind: str = "trust", document: Policy = TRUST) -> Verdict:
    return judge(of(kind, "ValidatePolicy", document), {"findings": list(findings)}, restore=RESTORE)


def test_no_finding_passes() -> None:
    assert (validated().status, validated().found) == ("ok", "AWS finds nothing wrong")


@pytest.mark.parametrize("kind", ["ERROR", "SECURITY_WARNING", "WARNING", "SOMETHING_NEW"])
def test_errors_and_warnings_fail_and_so_does_a_kind_that_is_not_known(kind: str) -> None:
    verdict = validated(found("SUGGESTION"), found(kind, "BAD"))
    assert verdict.status == "failed"
    assert str(verdict.found).startswith(f"{kind} BAD: Some details; AWS suggests")
    assert verdict.fix == f"{RESTORE}; see {LINK}"


def test_a_suggestion_is_told_and_passes() -> None:
    verdict = validated(found("SUGGESTION", "REDUNDANT_ACTION"))
    assert verdict.status == "ok"
    assert "AWS suggests: SUGGESTION REDUNDANT_ACTION: Some details" in str(verdict.found)


@pytest.mark.parametrize(("kind", "code"), list(ACCEPTED))
def test_an_accepted_warning_passes_and_its_reason_is_told(kind: Any, code: str) -> None:
    verdict = validated(found("WARNING", code), kind=kind)
    assert verdict.status == "ok"
    assert code in str(verdict.found)
    assert ACCEPTED[kind, code] in str(verdict.found)


@pytest.mark.parametrize(("kind", "code"), list(ACCEPTED))
def test_what_is_accepted_as_a_warning_of_a_key_policy_is_not_elsewhere_nor_as_an_error(kind: Any, code: str) -> None:
    assert validated(found("WARNING", code), kind="trust").status == "failed"
    assert validated(found("ERROR", code), kind=kind).status == "failed"


def test_findings_that_were_not_read_do_not_pass() -> None:
    verdict = judge(of("trust", "ValidatePolicy"), {"findings": [], "more": True}, restore=RESTORE)
    assert verdict.status == "failed"
    assert "not read" in str(verdict.found)


def test_the_place_is_told() -> None:
    path = [{"value": "Statement"}, {"index": 0}, {"value": "Action"}, {"substring": {"start": 0, "length": 1}}]
    assert "at Statement[0].Action: " in str(validated(found("ERROR", path=path)).found)


def test_an_external_id_is_not_repeated_whole() -> None:
    verdict = validated(found("ERROR", details=f"the value {EXTERNAL_ID} is odd"))
    assert EXTERNAL_ID not in str(verdict.found)
    assert EXTERNAL_ID[:8] in str(verdict.found)


@pytest.mark.parametrize(("document", "fix"), [(TRUST, OTHER_FORM), (ROOT_FORM, RESTORE)])
def test_a_finding_about_the_wildcard_names_the_other_form_where_it_is_the_documented_one(
    document: Policy, fix: str
) -> None:
    path = [{"value": "Statement"}, {"index": 0}, {"value": "Principal"}]
    verdict = validated(found("SECURITY_WARNING", path=path), document=document)
    assert verdict.fix == f"{fix}; see {LINK}"


def public(answer: dict[str, Any], document: Policy = TRUST) -> Verdict:
    return judge(of("trust", "CheckNoPublicAccess", document), answer, restore=RESTORE)


def test_a_trust_policy_that_aws_does_not_call_public_passes_in_whatever_form() -> None:
    assert public({"result": "PASS"}).status == public({"result": "PASS"}, ROOT_FORM).status == "ok"


def test_the_documented_form_that_aws_calls_public_fails_and_names_the_equal_form() -> None:
    verdict = public(FAIL)
    assert verdict.status == "failed"
    assert "AWS says that it might be public (FAIL): statement Open: grants" in str(verdict.found)
    assert "trust-policy-conditions" in str(verdict.found)
    assert "form: account-root" in str(verdict.fix)


def opened(condition: Any) -> Policy:
    document = copy.deepcopy(TRUST)
    document["Statement"][0]["Condition"] = condition
    return document


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/x"}},
        {"StringLikeIfExists": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/x"}},
    ],
)
def test_a_wildcard_without_the_condition_is_public_and_nothing_less(condition: Any) -> None:
    verdict = public(FAIL, opened(condition))
    assert (verdict.status, verdict.fix) == ("failed", RESTORE)


def test_one_open_statement_besides_the_documented_one_is_public() -> None:
    document = copy.deepcopy(TRUST)
    document["Statement"].append({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    assert public(FAIL, document).fix == RESTORE


def test_a_public_key_policy_fails_and_is_never_taken_for_the_documented_form() -> None:
    questions = about_key(TRUST, about="key", roles=[ROLE])
    question = next(each for each in questions if each.call == "CheckNoPublicAccess")
    verdict = judge(question, FAIL, restore=RESTORE)
    assert (verdict.status, verdict.fix) == ("failed", RESTORE)


def test_an_answer_that_is_neither_pass_nor_fail_does_not_pass() -> None:
    verdict = public({"message": "hm"})
    assert verdict.status == "failed"
    assert verdict.found == "AWS cannot tell: hm"


@pytest.mark.parametrize("kind", ["key", "permissions"])
def test_granted_administration_fails_with_the_statement(kind: str) -> None:
    question = of(kind, "CheckAccessNotGranted")
    verdict = judge(question, {"result": "FAIL", "reasons": [{"statementIndex": 1}]}, restore=RESTORE)
    assert verdict.status == "failed"
    assert "might grant it (FAIL): statement 2" in str(verdict.found)
    assert ("of those about the role" in str(verdict.found)) == (kind == "key")
    assert judge(question, {"result": "PASS"}, restore=RESTORE).status == "ok"
