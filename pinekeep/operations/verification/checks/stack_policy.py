"""The policy of the stack of key and role: what CloudFormation may never do to them."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.policies.stack import parse_stack_policy, unprotected
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, judged

CHECKS: Final = registry()


@CHECKS.add(
    id="cmek-stack-policy",
    title="Stack policy of the key's stack",
    wanted="no update may replace or remove role, key or alias",
    meaning="An update of the stack, with whatever tool, may replace the role or the key that Pinecone was given.",
    reads=("cmek_stack", "stack_policy"),
    applies=with_cmek,
    sees_absence=True,
    promised=True,
)
def _stack_policy(subject: Subject, stack: Document | None, policy: str | None) -> Iterator[Verdict]:
    if stack is None:
        return
    found = parse_stack_policy(policy)
    missing = [f"nothing denies {each}" for each in unprotected(found)]
    yield judged(
        ["the stack has no stack policy"] if found is None else missing,
        fix=f"pinekeep deploy --deployment {subject.name} sets it, also where nothing else is to be deployed; see "
        f"aws cloudformation get-stack-policy --stack-name {naming.cmek_stack(subject.name)} "
        f"--region {subject.deployment.region}",
    )
