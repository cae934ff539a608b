"""A decision table as JSON, as a Markdown page, and as text for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.decisions.access import wording as words
from pinekeep.decisions.access.decision import Decision, Effect, StatementRef
from pinekeep.decisions.access.policies import BucketPolicies, KeyPolicy, Resource, RolePolicies
from pinekeep.decisions.access.principals import Kind, Principal
from pinekeep.decisions.access.requests import Group
from pinekeep.decisions.access.table import EVALUATOR, Outcome, Table, assumptions, not_looked_at

OF_BUCKETS: Final = (
    Group.LIST,
    Group.READ_OBJECTS,
    Group.WRITE_OBJECTS,
    Group.DELETE_OBJECTS,
    Group.RETENTION,
    Group.BUCKET,
)
"""The groups of requests on a bucket."""

NOBODY: Final = "nobody"
_ORIGINS: Final = {
    "synthesized": "the synthesized policies, nothing deployed was read",
    "live": "the policies that are live in the account",
}


# --- JSON ---


def as_json(table: Table) -> dict[str, Any]:
    """Return the table for JSON: the same policies give the same text, and the order has no meaning."""
    policies = table.policies
    return {
        "deployment": policies.name,
        "part": policies.part,
        "decided_from": policies.origin,
        "evaluator": EVALUATOR,
        "account": policies.account,
        "region": policies.region,
        "roles": [{"id": each.id, "arn": each.arn} for each in policies.roles],
        "keys": [{"id": each.id, "arn": each.arn, "known": each.document is not None} for each in policies.keys],
        "buckets": [{"id": each.id, "arn": each.arn, "known": each.document is not None} for each in policies.buckets],
        "assumptions": list(assumptions(policies)),
        "not_looked_at": list(not_looked_at(policies)),
        "notes": table.notes(),
        "summary": [{"question": question, "answer": answer} for question, answer in summary(table)],
        "principals": [
            {"id": each.id, "kind": each.kind, "arn": each.arn, "words": each.words, "iam_allows": each.identity}
            for each in table.principals
        ],
        "requests": [
            {"id": each.id, "on": each.on, "group": each.group, "action": each.action, "words": each.words}
            for each in table.requests
        ],
        "decisions": [
            {"principal": row.principal.id, "request": row.request.id, **_decided(row.decision)} for row in table.rows
        ],
    }


def _decided(decision: Decision) -> Mapping[str, Any]:
    return {
        "effect": decision.effect.value,
        "explicit": decision.explicit,
        "statements": [_referred(each) for each in decision.statements],
        "reason": decision.reason,
        "through_iam": None if decision.through_iam is None else _referred(decision.through_iam),
    }


def _referred(ref: StatementRef) -> Mapping[str, Any]:
    return {"policy": ref.policy, "sid": ref.sid, "number": ref.number, "grant": ref.grant}


# --- The summary ---


def summary(table: Table) -> list[tuple[str, str]]:
    """Return a reviewer's questions, each with its answer."""
    found: list[tuple[str, str]] = []
    for role in table.policies.roles:
        if table.place(role.id, Group.ASSUME):
            found += _of_role(table, role)
    for key in table.policies.keys:
        if table.place(key.id, Group.USE):
            found += _of_key(table, key)
    for bucket in table.policies.buckets:
        found += _of_bucket(table, bucket)
    return found


def _of_role(table: Table, role: RolePolicies) -> Iterator[tuple[str, str]]:
    asked = table.asked(role.id, Group.ASSUME)
    lines = [
        f"{words.names(block.principals)} {words.extent(outcome.requests, of=asked)}"
        for block in table.blocks(role.id, Group.ASSUME)
        for outcome in block.outcomes
        if outcome.effect is Effect.ALLOW
    ]
    answer = _and_undecided("; ".join(lines) or NOBODY, table, role, Group.ASSUME)
    yield f"Who can {words.doing(Group.ASSUME, role)}?", answer


def _of_key(table: Table, key: KeyPolicy) -> Iterator[tuple[str, str]]:
    if table.policies.part == "cmek":
        reaching = table.reaching(key)
        yield (
            f"Through which role can Pinecone encrypt and decrypt with {key.words}?",
            "; ".join(f"{who.words} through {role.name}" for who, role in reaching) or "none",
        )
    else:
        yield (
            f"Who can {words.doing(Group.THROUGH_S3, key)}?",
            _and_undecided(_who(table, key, Group.THROUGH_S3), table, key, Group.THROUGH_S3),
        )
    for group in (Group.USE, Group.SERVICE_GRANTS, Group.GRANTS, Group.ADMINISTER, Group.DELETE):
        yield f"Who can {words.doing(group, key)}?", _and_undecided(_who(table, key, group), table, key, group)
    could = table.through_iam(key.id, Group.USE)
    yield (f"Whom could IAM policies of account {key.account} still let use {key.words}?", _named(could))
    could = tuple(
        {
            each.id: each for group in (Group.ADMINISTER, Group.DELETE) for each in table.through_iam(key.id, group)
        }.values()
    )
    yield f"Whom could they still let administer or delete {key.words}?", _named(could)


def _of_bucket(table: Table, bucket: BucketPolicies) -> Iterator[tuple[str, str]]:
    for group in OF_BUCKETS:
        yield f"Who can {words.doing(group, bucket)}?", _and_undecided(_who(table, bucket, group), table, bucket, group)
    could = tuple({each.id: each for group in OF_BUCKETS for each in table.through_iam(bucket.id, group)}.values())
    yield f"To whom could IAM policies of account {bucket.account} give more on {bucket.words}?", _named(could)


def _named(found: tuple[Principal, ...]) -> str:
    others = [each for each in found if each.kind is not Kind.USER]
    if len(others) == len(found):
        return words.names(found) or NOBODY
    return words.listed(["any user or role of the account", *(each.words for each in others)])


def _who(table: Table, resource: Resource, group: Group) -> str:
    every = table.asked(resource.id, group)
    lines = []
    for block in table.blocks(resource.id, group):
        asked = [each for outcome in block.outcomes if outcome.effect is Effect.ALLOW for each in outcome.requests]
        if asked:
            lines.append(" ".join(filter(None, (words.names(block.principals), words.extent(asked, of=every)))))
    return "; ".join(lines) or NOBODY


def _and_undecided(text: str, table: Table, resource: Resource, group: Group) -> str:
    undecided = table.can(resource.id, group, Effect.UNDECIDED)
    return f"{text}; undecided for {words.names(undecided)}" if undecided else text


# --- A page for a security review ---


def as_markdown(table: Table) -> str:
    """Return the table as a Markdown page: sources, answers, then every decision."""
    policies = table.policies
    lines = [
        f"# Who can do what: {policies.heading}",
        "",
        f"Decided from {_ORIGINS[policies.origin]}, for account {policies.account} in {policies.region}, "
        f"by {EVALUATOR}.",
        "",
        *(f"- Role `{each.arn}`" for each in policies.roles),
        *(f"- Key `{each.arn}`{'' if each.document else ', whose key policy is not known'}" for each in policies.keys),
        *(f"- Bucket `{each.arn}`" for each in policies.buckets),
        "",
        "## Summary",
        "",
        "| Question | Answer |",
        "|---|---|",
        *(f"| {_cell(question)} | {_cell(answer)} |" for question, answer in summary(table)),
    ]
    notes = table.notes()
    if notes:
        lines += ["", "## Notes", "", *(f"- {_cell(each)}" for each in notes)]
    lines += ["", "## Assumptions", "", *(f"- {each}" for each in assumptions(policies))]
    lines += ["", "## Not looked at", "", *(f"- {each}" for each in not_looked_at(policies))]
    lines += ["", "## Principals", ""]
    lines += ["| Principal | ARN | Assumed permissions of its own IAM policies |", "|---|---|---|"]
    lines += [f"| {_cell(each.words)} | `{each.arn}` | {each.identity} |" for each in table.principals]
    for resource, group in table.places():
        title = words.doing(group, resource)
        lines += [
            "",
            f"## {title[0].upper()}{title[1:]}",
            "",
            "| Who | What | Decision | Which statement |",
            "|---|---|---|---|",
        ]
        lines += _markdown_rows(table, resource, group)
    return "\n".join([*lines, ""])


def _markdown_rows(table: Table, resource: Resource, group: Group) -> Iterator[str]:
    every = table.asked(resource.id, group)
    for block in table.blocks(resource.id, group):
        for outcome in block.outcomes:
            what = words.what(outcome.requests, of=every)
            cells = (words.names(block.principals), what, f"**{outcome.effect}**", _why(outcome))
            yield f"| {' | '.join(map(_cell, cells))} |"


def _why(outcome: Outcome) -> str:
    if outcome.through_iam is None:
        return outcome.reason
    return f"{outcome.reason}; through IAM: {outcome.through_iam}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# --- For a terminal ---


def as_text(table: Table) -> str:
    """Return the table for a terminal. Principals denied only for lack of a statement that allows are left out."""
    policies = table.policies
    lines = [f"{policies.heading}: decided from {_ORIGINS[policies.origin]}"]
    for resource, group in table.places():
        every = table.asked(resource.id, group)
        lines += ["", words.doing(group, resource)]
        for block in table.blocks(resource.id, group):
            if all(map(_plainly_denied, block.outcomes)):
                continue
            lines.append(f"  {words.names(block.principals)}")
            for outcome in block.outcomes:
                part = "" if len(block.outcomes) == 1 else f"{words.what(outcome.requests, of=every)}: "
                lines.append(f"    {outcome.effect.value:<9}  {part}{_why(outcome)}")
        lines += ["  everyone else", f"    {Effect.DENY.value}"]
    notes = table.notes()
    if notes:
        lines += ["", "notes", *(f"  {each}" for each in notes)]
    return "\n".join(lines)


def _plainly_denied(outcome: Outcome) -> bool:
    return outcome.effect is Effect.DENY and not outcome.explicit and outcome.through_iam is None
