"""The alias of the key."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import alias_of
from pinekeep.operations.verification.checks.check import Subject, registry, with_own_key
from pinekeep.operations.verification.checks.finding import Verdict, failed, passed

CHECKS: Final = registry()


@CHECKS.add(
    id="key-alias",
    title="Alias of the key",
    wanted="the configured alias points at the key",
    meaning="Pinecone works on, by the key's ARN; people who go by the alias see another key, or none.",
    reads=("alias_key", "key"),
    applies=with_own_key,
    sees_absence=True,
    promised=True,
)
def _alias(subject: Subject, behind: Document | None, key: Document | None) -> Iterator[Verdict]:
    name = alias_of(subject.name, subject.deployment)
    what, region = f"{name}", subject.deployment.region
    if key is None:
        return
    arn = key["Arn"]
    if behind is None:
        yield failed(
            "there is no such alias",
            wanted=f"an alias of {arn}",
            what=what,
            fix=f"aws kms create-alias --alias-name {name} --target-key-id {key['KeyId']} --region {region}",
        )
    elif behind["Arn"] != arn:
        yield failed(
            f"it points at another key: {behind['Arn']}",
            wanted=f"it points at {arn}",
            what=what,
            fix=f"aws kms update-alias --alias-name {name} --target-key-id {key['KeyId']} --region {region}",
        )
    else:
        yield passed(wanted=f"it points at {arn}", what=what)
