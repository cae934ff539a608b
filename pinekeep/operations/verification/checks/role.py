"""The role that Pinecone assumes: existence, permissions policies, permissions boundary and settings.

Source: "CreateRole" and "GetRole" of the IAM API reference (docs.aws.amazon.com, checked 2026-11-29): a session lasts
from 15 minutes to MaxSessionDuration, which is from one hour (the default) to 12.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.arns import path_of
from pinekeep.model.facts import aws
from pinekeep.model.policies.compare import Statement, parse
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.verification.checks import access
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed
from pinekeep.operations.verification.checks.revocation import is_cut_off

_NO_ATTACHED: Final = "no attached policy"
_NO_BOUNDARY: Final = "no permissions boundary"
_UNBOUND: Final = (
    "Pinecone works on; the role may be given more than the boundary that your organization asks for allows."
)
_POLICIES_MEAN: Final = access.Meanings(
    lost="The policy denies Pinecone the use of the key, so it cannot read or write the project's data.",
    gained="Pinecone may do more in the account than use the key.",
    undecided="The policy may deny Pinecone the use of the key, on a condition that cannot be decided from here.",
)
_CUSTOMERS_MEAN: Final = access.Meanings(
    lost="Pinecone may not use the keys of all customers, so it cannot read or write their data.",
    gained=_POLICIES_MEAN.gained,
    undecided=_POLICIES_MEAN.undecided,
)

CHECKS: Final = registry(applies=with_cmek, of_each_role=True)


@CHECKS.add(
    id="role-exists",
    title="The role that Pinecone assumes",
    wanted="a role of the configured name and ARN",
    meaning="Pinecone cannot assume the role, so it cannot read or write the project's data.",
    sees_absence=True,
    promised=True,
)
def _exists(subject: Subject, role: Document | None) -> Verdict:
    what = f"role {subject.role_arn.rsplit('/', 1)[-1]}"
    if role is None:
        fix = subject.make(subject.live.cmek_stack)
        return failed("there is no such role", wanted=subject.role_arn, what=what, fix=fix)
    if role["Arn"] != subject.role_arn:
        return failed(
            f"its ARN is {role['Arn']}",
            wanted=subject.role_arn,
            what=what,
            fix=f"if Pinecone was given it, write iam_path: {path_of(role['Arn'])}; else something else made it. If "
            f"nothing uses it, delete it: aws iam delete-role --role-name {subject.role.name}; then {subject.restore}",
        )
    return passed(wanted=subject.role_arn, what=what)


@CHECKS.add(
    id="role-inline-policies",
    title="Inline policies of the role",
    wanted="no inline policy",
    meaning="Pinecone may do more in the account than use the key.",
)
def _inline_policies(
    subject: Subject, inline_policies: list[str], inline_documents: Mapping[str, Any] | None
) -> Verdict:
    """The role has no inline policy; that of ``revoke`` has a check of its own."""
    found = dict.fromkeys(inline_policies) | dict(inline_documents or {})
    if is_cut_off(inline_documents):
        found.pop(REVOKED_POLICY_NAME, None)
    problems = [problem for each, document in found.items() for problem in _policy_problems("inline", each, document)]
    fix = "; ".join(delete_inline(subject.role.name, found))
    return access.weighed(problems, fix=f"{_granting(subject)}: {fix}", means=_POLICIES_MEAN)


def _policy_problems(kind: str, name: str, document: Any) -> Iterator[access.Problem]:
    """Yield what a policy on the role that is not planned does; one that is not known counts as one that gives."""
    told = f"{kind} policy {name}"
    if document is None:
        yield access.gained(told)
        return
    statements = parse(document)
    denying = [each for each in statements if not each.allows]
    in_the_way = [each for each in denying if access.concerns_use(each)]
    if in_the_way:
        say = access.undecided if all(each.conditions for each in in_the_way) else access.lost
        yield say(f"{told}, which denies the role {_actions(in_the_way)}")
    if any(each.allows for each in statements) or not statements:
        yield access.gained(f"{told}, which allows {_actions([each for each in statements if each.allows])}")
    elif not in_the_way:
        yield access.same(f"{told}, which denies nothing that Pinecone needs")


def _actions(statements: Iterable[Statement]) -> str:
    told = {action for each in statements for action in each.actions}
    spared = {action for each in statements for action in each.not_actions}
    return ", ".join([*sorted(told), *(f"all but {each}" for each in sorted(spared))]) or "nothing"


@CHECKS.add(
    id="role-attached-policies",
    title="Attached policies of the role",
    wanted="no attached policy but those with customers' keys",
    meaning="Pinecone may do more in the account than use the keys, or may not use those of all customers.",
    needs_file=True,
)
def _attached_policies(subject: Subject, attached_policies: list[Document]) -> Verdict:
    read = subject.live.attached_documents
    documents = read if isinstance(read, Mapping) else {}  # their names alone are enough to fail
    planned = {arn: arn.rsplit("/", 1)[-1] for arn in subject.role.policies}
    others = {each["PolicyArn"]: each["PolicyName"] for each in attached_policies if each["PolicyArn"] not in planned}
    attached = {each["PolicyArn"] for each in attached_policies}
    missing = [name for arn, name in planned.items() if arn not in attached]
    wanted = _count(list(planned.values())) if planned else _NO_ATTACHED
    problems: list[access.Problem] = []
    fixes: list[str] = []
    if missing:
        problems.append(access.lost(f"{_count(missing)} not attached"))
        fixes.append(subject.redeploy)
    for arn, name in others.items():
        problems += _policy_problems("attached", name, documents.get(arn))
    if others:
        fixes.append(f"{_granting(subject)}: {'; '.join(detach(subject.role.name, others))}")
    means = _CUSTOMERS_MEAN if missing else _POLICIES_MEAN
    return access.weighed(problems, wanted=wanted, fix="; then ".join(fixes), means=means)


def _granting(subject: Subject) -> str:
    if subject.cmek.customer_keys:
        return "the policies with customers' keys alone are to grant"
    return "the key policy alone is to grant"


def _count(names: list[str]) -> str:
    return f"{'policy' if len(names) == 1 else 'policies'} {', '.join(names)}"


@CHECKS.add(
    id="role-permissions-boundary",
    title="Permissions boundary of the role",
    wanted="the configured permissions boundary, or none",
    meaning="The boundary may take away the use of the key, so Pinecone cannot read or write the project's data.",
    promised=True,
    needs_file=True,
)
def _boundary(subject: Subject, role: Document) -> Verdict:
    found = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    planned = subject.deployment.permissions_boundary
    wanted = f"the permissions boundary {planned}" if planned else _NO_BOUNDARY
    if (found or None) == planned:
        return passed(wanted=wanted)
    if planned:
        told = f"the permissions boundary {found}" if found else _NO_BOUNDARY
        return failed(told, wanted=wanted, fix=subject.restore, meaning=None if found else _UNBOUND)
    return failed(
        f"the permissions boundary {found}",
        wanted=wanted,
        fix="a boundary that does not allow the use of the key takes it away from Pinecone: "
        f"aws iam delete-role-permissions-boundary --role-name {subject.role.name}",
    )


@CHECKS.add(
    id="role-settings",
    title="Settings of the role",
    wanted="session length, description and tags as in the template",
    meaning="It is noted: none of it refuses Pinecone, or allows others.",
)
def _settings(subject: Subject, role: Document) -> Iterator[Verdict]:
    verdicts = [*_session(subject, role), *_description(subject, role), *_tags(subject, role)]
    yield from verdicts or [passed()]


def _session(subject: Subject, role: Document) -> Iterator[Verdict]:
    found, default = role.get("MaxSessionDuration"), aws.SESSION_SECONDS_DEFAULT
    if found in (None, default):
        return
    longer = int(found) > default
    yield noted(
        f"a session lasts up to {_minutes(found)}",
        wanted=f"a session lasts up to {_minutes(default)}",
        what=f"Session length of role {subject.role.name}",
        fix=f"aws iam update-role --role-name {subject.role.name} --max-session-duration {default}",
        meaning="Pinecone works on; whoever holds a session's credentials holds them longer, also after the trust "
        "policy lets nobody in any more. `pinekeep revoke` cuts open sessions off all the same."
        if longer
        else "Pinecone works on as long as it asks for no longer session than the role allows.",
    )


def _minutes(seconds: int) -> str:
    return f"{seconds // 60:,} minutes"


def _description(subject: Subject, role: Document) -> Iterator[Verdict]:
    found, wanted = str(role.get("Description") or ""), naming.role_description(subject.name)
    if found == wanted:
        return
    yield noted(
        f"the description is {found!r}" if found else "there is no description",
        wanted=wanted,
        what=f"Description of role {subject.role.name}",
        fix=f"aws iam update-role --role-name {subject.role.name} --description '{wanted}'",
        meaning="It has no effect on access; it tells people why the role must stay.",
    )


def _tags(subject: Subject, role: Document) -> Iterator[Verdict]:
    yield from tags(
        subject,
        {str(each["Key"]): str(each["Value"]) for each in role.get("Tags") or []},
        what=f"Tags of role {subject.role.name}",
        command=f"aws iam tag-role --role-name {subject.role.name} --tags",
    )


def tags(subject: Subject, found: dict[str, str], *, what: str, command: str) -> Iterator[Verdict]:
    """Yield what differs between the tags of the template and those found; further ones are their owners'."""
    wanted = {**subject.deployment.tags, naming.DEPLOYMENT_TAG: subject.name}
    different = {key: value for key, value in wanted.items() if found.get(key) != value}
    if not different:
        return
    told = [f"{key} is {found[key]}" if key in found else f"{key} is missing" for key in different]
    yield noted(
        "; ".join(told),
        wanted=", ".join(f"{key}={value}" for key, value in wanted.items()),
        what=what,
        fix=f"{command} {' '.join(_quoted(key, value) for key, value in different.items())}",
        meaning="Pinecone works on; its tags tell whose it is, and policies of your organization may go by them.",
    )


def _quoted(key: str, value: str) -> str:
    return f"'Key={key},Value={value}'"


def delete_inline(role: str, names: Iterable[str]) -> list[str]:
    """Return a command for each inline policy."""
    return [f"aws iam delete-role-policy --role-name {role} --policy-name {each}" for each in names]


def detach(role: str, arns: Iterable[str]) -> list[str]:
    """Return a command for each attached policy."""
    return [f"aws iam detach-role-policy --role-name {role} --policy-arn {each}" for each in arns]
