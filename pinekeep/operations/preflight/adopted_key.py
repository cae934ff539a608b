"""The key that is adopted: that Pinecone can use it, before the project is tied to it for good."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pinekeep.account.reads.live import Live
from pinekeep.model.facts import aws
from pinekeep.model.naming import DEPLOYMENT_TAG
from pinekeep.model.policies.compare import PolicyFormatError
from pinekeep.operations.preflight.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

if TYPE_CHECKING:
    from pinekeep.operations.verification.checks import check


def _adopts(subject: Subject) -> bool:
    """A key that was there before."""
    return with_cmek(subject) and subject.cmek.key.adopt is not None and subject.cmek.has_own_key


CHECKS: Final = registry(applies=_adopts)


@CHECKS.add(
    id="adopted-key-exists",
    title="The adopted key",
    wanted="a key of this ARN",
    meaning="Pinecone cannot be given a key that does not exist, and cannot be given another one later.",
    reads=("adopted_key",),
)
def _exists(subject: Subject) -> Verdict:
    if subject.seen.adopted_key is None:
        return failed(
            f"there is no key {subject.cmek.key.adopt}",
            fix="look the ARN up in the KMS console, in this account and Region; a deleted key does not come back",
        )
    return passed(str(subject.cmek.key.adopt))


@CHECKS.add(
    id="adopted-key-state",
    title="State of the adopted key",
    wanted=aws.KEY_ENABLED,
    meaning="KMS refuses every use of a key that is not enabled; one that is being deleted takes the data with it.",
    reads=("adopted_key",),
)
def _state(subject: Subject) -> Iterator[Verdict]:
    from pinekeep.operations.verification.checks import key  # noqa: PLC0415 - the checks of `verify` are slow to import

    if (found := _found(subject)) is not None:
        yield from key.state(_verified(subject), found)


@CHECKS.add(
    id="adopted-key-kind",
    title="Kind of the adopted key",
    wanted="a symmetric key of the customer's, for encryption and decryption, with material made by KMS",
    meaning="Pinecone cannot encrypt with another kind of key.",
    reads=("adopted_key",),
)
def _kind(subject: Subject) -> Iterator[Verdict]:
    from pinekeep.operations.verification.checks import key  # noqa: PLC0415 - as above

    if (found := _found(subject)) is None:
        return
    yield from key.kind(_verified(subject), found)
    if found.get("MultiRegion"):
        kind_of_key = (found.get("MultiRegionConfiguration") or {}).get("MultiRegionKeyType", "PRIMARY").lower()
        yield noted(
            f"it is the {kind_of_key} of a multi-Region key",
            fix="Pinecone takes one ARN: this one. Its other copies have policies of their own, which nobody here "
            "looks at",
        )


@CHECKS.add(
    id="adopted-key-owner",
    title="Owner of the adopted key",
    wanted="no other deployment makes it",
    meaning="The other deployment takes every statement out of the key's policy that it does not write itself, so "
    "KMS refuses Pinecone the key.",
    reads=("adopted_key_tags",),
)
def _owner(subject: Subject) -> Verdict | None:
    tags = subject.seen.adopted_key_tags
    if not isinstance(tags, Mapping):
        return None
    other = tags.get(DEPLOYMENT_TAG)
    if other is None or other == subject.name:
        return passed()
    return failed(
        f"deployment {other} makes this key (its tag {DEPLOYMENT_TAG} says so), and writes its policy for its own role",
        fix=f"leave cmek.key.adopt of {subject.name} out, so that it gets a key of its own; a key serves one Pinecone "
        "project",
    )


@CHECKS.add(
    id="adopted-key-policy",
    title="Policy of the adopted key",
    wanted="it lets the role use the key",
    meaning="KMS refuses Pinecone the use of the key until its policy names the role.",
    reads=("adopted_key_policy",),
    blocks=False,
)
def _policy(subject: Subject) -> Iterator[Verdict]:
    from pinekeep.operations.verification.checks import key_policy  # noqa: PLC0415 - as above

    text = subject.seen.adopted_key_policy
    if not isinstance(text, str):
        return
    try:
        verdicts = list(key_policy.users(_verified(subject), text))
    except PolicyFormatError as error:
        yield noted(str(error), fix="look at the policy in the KMS console")
        return
    for each in verdicts:
        if each.status == "ok":
            yield passed()
        else:
            yield noted(str(each.found), fix=_in_order(subject))


def _in_order(subject: Subject) -> str:
    """Return what to do and when. KMS refuses a policy that names a role which is not there yet."""
    add = "add the two statements that `pinekeep check` prints to the key's policy"
    if not subject.makes_key_stack:
        return f"{add}, then `pinekeep verify`"
    return (
        f"in this order: deploy, so that there is the role (KMS refuses a policy that names none); {add}; "
        "`pinekeep verify`; only then `pinekeep handoff`"
    )


def _found(subject: Subject) -> dict[str, Any] | None:
    found = subject.seen.adopted_key
    return found if isinstance(found, dict) else None


def _verified(subject: Subject) -> "check.Subject":
    """Return the deployment as the checks of a live one know it."""
    from pinekeep.operations.verification.checks import check  # noqa: PLC0415 - as above

    return check.Subject(
        name=subject.name,
        deployment=subject.deployment,
        pinecone_account=subject.pinecone_account,
        live=Live(),
        customers=subject.customers,
    )
