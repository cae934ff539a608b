"""Check one deployment's live policies with IAM Access Analyzer."""

import json
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from urllib.parse import unquote

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.answers import part
from pinekeep.account.reads.calls import call, managed_policy
from pinekeep.account.reads.live import Live, LiveRole, Unreadable
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.policies.compare import PolicyFormatError, parse
from pinekeep.model.policies.document import Policy
from pinekeep.operations.verification.analyzer.calls import Answer, NotAnswered, answered, ask
from pinekeep.operations.verification.analyzer.catalogue import BY_ID, CHECKS
from pinekeep.operations.verification.analyzer.queries import Question, about_key, about_permissions, about_trust
from pinekeep.operations.verification.analyzer.verdicts import judge, private
from pinekeep.operations.verification.checks.finding import Finding, Verdict, failed, passed, unreadable

SIDE_BY_SIDE: Final = 4
"""Few: AWS asks for patience when IAM Access Analyzer is asked much at once."""

_ORDER: Final = {check.id: place for place, check in enumerate(CHECKS)}
_TRUST_CHECKS: Final = ("analyzer-trust-policy-valid", "analyzer-trust-policy-not-public")
_KEY_CHECKS: Final = (
    "analyzer-key-policy-valid",
    "analyzer-key-policy-not-public",
    "analyzer-key-policy-cannot-administer",
)
_PERMISSIONS_CHECKS: Final = ("analyzer-permissions-valid", "analyzer-role-cannot-administer")


@dataclass(frozen=True)
class _Said:
    """A verdict that needs nobody asked."""

    check: str
    about: str
    verdict: Verdict


def analyze(*, name: str, deployment: Deployment, live: Live, clients: Clients) -> list[Finding]:
    """Ask IAM Access Analyzer about the live policies, side by side, each question once. Changes nothing.

    Without ``cmek`` nothing is asked, nor about what does not exist. The findings are in the order of
    :data:`.catalogue.CHECKS`; whatever AWS refuses is one of them.
    """
    if deployment.cmek is None:
        return []
    adopted = deployment.cmek.key.adopt is not None
    template = f"revert it to the template: pinekeep deploy --revert-drift --deployment {name}"
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix=f"analyze-{name}") as pool:
        planned = [*_plan(name, deployment, live), *_plan_permissions(name, deployment, live, clients, pool)]
        questions = {each.key: each for each in planned if isinstance(each, Question)}
        asked = pool.map(partial(ask, clients=clients), questions.values())
        answers = dict(zip(questions, asked, strict=True))
    findings = []
    for each in planned:
        if isinstance(each, _Said):
            verdict = each.verdict
        else:
            fix = "change the key's policy, which its owner keeps" if adopted and each.kind == "key" else template
            verdict = _verdict(each, answers[each.key], restore=fix)
        check = BY_ID[each.check]
        findings.append(check.finding(name, verdict, title=f"{check.title} ({each.about})"))
    return sorted(findings, key=lambda each: _ORDER[each.check])


def _plan(name: str, deployment: Deployment, live: Live) -> Iterator[Question | _Said]:
    """Yield what is asked about the trust policies and the key policy."""
    for number, role in enumerate(_roles(live), start=1):
        about = f"role {_role_name(name, deployment, role, number)}"
        trust = role.role.get("AssumeRolePolicyDocument") if isinstance(role.role, dict) else role.role
        yield from _about(trust, _TRUST_CHECKS, about, partial(about_trust, about=about))
    arns = [str(each.role["Arn"]) for each in _roles(live) if isinstance(each.role, dict)]
    arns = list(dict.fromkeys([role_arn_of(name, deployment), *arns]))
    yield from _about(live.key_policy, _KEY_CHECKS, "key", lambda found: _of_key(found, arns))


def _of_key(document: Policy, roles: list[str]) -> Iterator[Question | _Said]:
    questions = list(about_key(document, about="key", roles=roles))
    yield from questions
    if not any(each.call == "CheckAccessNotGranted" for each in questions):
        check = "analyzer-key-policy-cannot-administer"
        found = "no statement of the key policy allows the role anything, so there is nothing to ask"
        yield _Said(check, "key", passed(found))


def _plan_permissions(
    name: str, deployment: Deployment, live: Live, clients: Clients, pool: ThreadPoolExecutor
) -> Iterator[Question | _Said]:
    """Yield what is asked about the roles' permissions policies, which are read for it."""
    policies: list[PermissionsPolicy] = []
    for number, role in enumerate(_roles(live), start=1):
        role_name = _role_name(name, deployment, role, number)
        for closed in unreadable_lists(role):
            yield from _about(closed, _PERMISSIONS_CHECKS, f"role {role_name}", lambda _: ())
        policies += permissions_policies(role, role_name=role_name, clients=clients)
    for policy, found in zip(policies, pool.map(operator.call, [each.read for each in policies]), strict=True):
        about = policy.about
        yield from _about(found, _PERMISSIONS_CHECKS, about, partial(about_permissions, about=about))


def _about(
    found: Any, checks: Iterable[str], about: str, questions: Callable[[Policy], Iterable[Question | _Said]]
) -> Iterator[Question | _Said]:
    """Yield the questions about what was read, or why there are none."""
    if found is None:
        return
    if isinstance(found, Unreadable | NotAnswered):
        for check in checks:
            yield _Said(check, about, _not_asked(found))
        return
    try:
        yield from list(questions(_document(found)))
    except PolicyFormatError as error:
        for check in checks:
            yield _Said(check, about, failed(str(error), fix="look at the policy in the AWS console"))


def _document(found: str | Mapping[str, Any]) -> Policy:
    """Return a policy document as a dictionary.

    Raises:
        PolicyFormatError: it is none.
    """
    parse(found)
    if isinstance(found, str):
        text = found.strip()
        return dict(json.loads(unquote(text) if text.startswith("%7B") else text))
    return dict(found)


def _roles(live: Live) -> tuple[Live | LiveRole, ...]:
    return (live, *live.further_roles)


def _role_name(name: str, deployment: Deployment, role: Live | LiveRole, number: int) -> str:
    arn = str(role.role["Arn"]) if isinstance(role.role, dict) else role_arn_of(name, deployment)
    known = number == 1 or isinstance(role.role, dict)
    return arn.rpartition("/")[2] if known else f"{arn.rpartition('/')[2]} (number {number})"


def _verdict(question: Question, answer: Answer | Unreadable | NotAnswered, *, restore: str) -> Verdict:
    if isinstance(answer, NotAnswered):
        answer = replace(answer, reason=private(answer.reason, question))
    if isinstance(answer, Unreadable | NotAnswered):
        return _not_asked(answer)
    return judge(question, answer, restore=restore)


def _not_asked(why: Unreadable | NotAnswered) -> Verdict:
    if isinstance(why, Unreadable):
        return unreadable(why)
    return Verdict(status="unreadable", found=why.reason, fix=why.fix)


@dataclass(frozen=True, kw_only=True)
class PermissionsPolicy:
    """One permissions policy of a role; ``read`` gives its document, or what stands in the way."""

    about: str
    read: Callable[[], Any]


def permissions_policies(role: Live | LiveRole, *, role_name: str, clients: Clients) -> Iterable[PermissionsPolicy]:
    """Yield the permissions policies of a role. Nothing is read yet."""
    known = role.customer_policies if isinstance(role.customer_policies, Mapping) else {}
    for name in role.inline_policies if isinstance(role.inline_policies, list) else []:
        yield PermissionsPolicy(
            about=f"inline policy {name} of role {role_name}", read=_inline(role_name, name, clients)
        )
    for each in role.attached_policies if isinstance(role.attached_policies, list) else []:
        arn = each["PolicyArn"]
        found = known.get(arn)
        yield PermissionsPolicy(
            about=f"policy {arn.rpartition('/')[2]} of role {role_name}",
            read=_given(found) if found is not None else _attached(arn, clients),
        )


def unreadable_lists(role: Live | LiveRole) -> list[Unreadable]:
    """Return why the names of some of the role's policies are not known."""
    return [each for each in (role.inline_policies, role.attached_policies) if isinstance(each, Unreadable)]


def _given(document: Any) -> Callable[[], Any]:
    return lambda: document


def _inline(role_name: str, name: str, clients: Clients) -> Callable[[], Any]:
    return lambda: part(_ask(clients, "iam:GetRolePolicy", RoleName=role_name, PolicyName=name), "PolicyDocument")


def _attached(arn: str, clients: Clients) -> Callable[[], Any]:
    return lambda: managed_policy(partial(_ask, clients), arn)


def _ask(clients: Clients, permission: str, **arguments: Any) -> Any:
    return answered(partial(call, clients, permission, **arguments), permission=permission, clients=clients)
