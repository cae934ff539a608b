"""What an answer of IAM Access Analyzer means. Pure.

Sources: IAM User Guide, "IAM policy validation check reference" and "How IAM Access Analyzer works", and the API
Reference (docs.aws.amazon.com).

Of the documented form for all regions, principal ``{"AWS": "*"}`` under a condition on ``aws:PrincipalArn``, AWS
documents that the wildcard may be written so in a trust policy (there is an error for a bare ``"*"`` alone) and that
the analyzer heeds conditions that an outsider cannot influence; but not what CheckNoPublicAccess says of an account
fixed only by a pattern, and a FAIL there means "might". So AWS's word is passed on as it is: PASS passes, FAIL fails,
and names the form with the same callers that names an account.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pinekeep.model.policies.compare import EVERYONE, EXTERNAL_ID_KEY, parse, shortened
from pinekeep.operations.verification.analyzer.calls import Answer
from pinekeep.operations.verification.analyzer.catalogue import BY_ID
from pinekeep.operations.verification.analyzer.queries import Kind, Question
from pinekeep.operations.verification.checks.finding import Verdict, failed, passed

ACCEPTED: Final[Mapping[tuple[Kind, str], str]] = {
    (
        "key",
        "MISSING_VERSION",
    ): "an adopted key's policy may be older than the version, which matters only to variables",
    ("key", "UNIQUE_SIDS_RECOMMENDED"): "names of statements mean nothing to KMS, and an adopted key keeps its own",
}
"""The WARNINGs that pass, by kind of policy and issue code, each with the reason. About the wildcard of the documented
trust form AWS documents no warning, so none is accepted: should one come, it fails and names the other form."""

OTHER_FORM: Final = (
    "set `form: account-root` under `trust`: it lets in exactly the same callers, and names Pinecone's account where "
    "the documented form has `*`"
)

_SUGGESTION: Final = "SUGGESTION"
_WARNING: Final = "WARNING"
_FIXED_OPERATORS: Final = frozenset({"stringlike", "stringequals", "arnlike", "arnequals"})


def judge(question: Question, answer: Answer, *, restore: str) -> Verdict:
    """Return what an answer means; ``restore`` tells how to bring the policy back to what it should be."""
    if question.call == "ValidatePolicy":
        return _validated(question, answer, restore)
    if answer.get("result") == "PASS":
        return passed(f"PASS: {BY_ID[question.check].wanted}")
    told = private(_reasons(answer, question), question)
    if answer.get("result") != "FAIL":
        return failed(f"AWS cannot tell{told}", fix=restore)
    if question.call == "CheckNoPublicAccess" and is_documented_form(question):
        return failed(
            f"AWS says that it might be public (FAIL){told}; it is principal * under a condition on aws:PrincipalArn, "
            "and whether that condition is right is told by trust-policy-conditions",
            fix=OTHER_FORM,
        )
    verb = "be public" if question.call == "CheckNoPublicAccess" else "grant it"
    return failed(f"AWS says that it might {verb} (FAIL){told}", fix=restore)


def is_documented_form(question: Question) -> bool:
    """Tell whether all that a trust policy allows everyone is under a condition on the caller's ARN."""
    open_to_all = [each for each in parse(question.document) if each.allows and EVERYONE in each.principals]
    return (
        question.kind == "trust"
        and bool(open_to_all)
        and all(
            any(
                one.key.lower() == "aws:principalarn"
                and one.operator.lower() in _FIXED_OPERATORS
                and EVERYONE not in one.values
                for one in each.conditions
            )
            for each in open_to_all
        )
    )


def _validated(question: Question, answer: Answer, restore: str) -> Verdict:
    wrong: list[Mapping[str, Any]] = []
    notes: list[str] = []
    for each in answer["findings"]:
        reason = ACCEPTED.get((question.kind, each["issueCode"])) if each["findingType"] == _WARNING else None
        if each["findingType"] == _SUGGESTION:
            notes.append(f"AWS suggests: {_finding(each, question)}")
        elif reason:
            notes.append(f"accepted: {_finding(each, question)} ({reason})")
        else:
            wrong.append(each)
    if answer.get("more"):
        notes.append("AWS has more findings, which were not read")
    if wrong or answer.get("more"):
        return failed(
            "; ".join([*(_finding(each, question) for each in wrong), *notes]), fix=_fix(question, wrong, restore)
        )
    return passed("; ".join(["AWS finds nothing wrong", *notes]))


def _fix(question: Question, wrong: Iterable[Mapping[str, Any]], restore: str) -> str:
    about_principal = any(
        {"value": "Principal"} in location["path"] or {"key": "Principal"} in location["path"]
        for each in wrong
        for location in each.get("locations") or []
    )
    fix = OTHER_FORM if about_principal and is_documented_form(question) else restore
    links = dict.fromkeys(each["learnMoreLink"] for each in wrong if each.get("learnMoreLink"))
    return f"{fix}; see {', '.join(links)}" if links else fix


def _finding(found: Mapping[str, Any], question: Question) -> str:
    said = str(found["findingDetails"]).strip().rstrip(".")
    places = [_place(each["path"]) for each in found.get("locations") or [] if each.get("path")]
    where = f" at {', '.join(dict.fromkeys(places))}" if places else ""
    return private(f"{found['findingType']} {found['issueCode']}{where}: {said}", question)


def _place(path: Iterable[Mapping[str, Any]]) -> str:
    """Return a place in a policy as JSON paths are written."""
    text = ""
    for each in path:
        if "index" in each:
            text += f"[{each['index']}]"
        elif "value" in each or "key" in each:
            text += f"{'.' if text else ''}{each.get('value', each.get('key'))}"
    return text


def _reasons(answer: Answer, question: Question) -> str:
    """Return why, with the statements that are the reason, by name and else by number from 1."""
    part = " of those about the role" if question.check == "analyzer-key-policy-cannot-administer" else ""
    told = []
    for each in answer.get("reasons") or []:
        number = f"{each['statementIndex'] + 1}{part}" if "statementIndex" in each else ""
        name = each.get("statementId") or number
        said = str(each.get("description") or "").strip().rstrip(".")
        told.append(": ".join(filter(None, (f"statement {name}" if name else "", said))))
    text = "; ".join(filter(None, told)) or str(answer.get("message") or "").strip().rstrip(".")
    return f": {text}" if text else ""


def private(text: str, question: Question) -> str:
    """Return a text with external IDs shortened."""
    for statement in parse(question.document):
        for condition in statement.conditions:
            for value in condition.values if condition.key.lower() == EXTERNAL_ID_KEY else ():
                text = text.replace(value, shortened(value)) if value else text
    return text
