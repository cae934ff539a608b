"""Grants on the key, and replicas of it: what opens it beside its policy, and stands in no template.

A grant to a stranger fails; one that is for an AWS service, gives the role nothing new, or was given by the owner of an
adopted key is a note. Which is which says :mod:`pinekeep.model.policies.grant_holders`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from pinekeep.account.reads.live import LiveReplica, Unreadable
from pinekeep.model.config.roles import grant_holders
from pinekeep.model.policies.grant_holders import Holder, Holders
from pinekeep.model.policies.grants import Grant, parse_grants
from pinekeep.operations.verification.checks import decisions, key_policy
from pinekeep.operations.verification.checks.check import Subject, registry, with_key
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, noted, passed, unreadable

_WANTED: Final = "no grants but those for AWS services"
_NONE: Final = "there are no grants"
_SHOWN: Final = 10
_LIST: Final = "aws kms list-grants --key-id {arn} --region {region}"
_MEANING: Final = "Whoever holds the grant can use the key of the project's data, whatever the key policy says."
_DECRYPTS: Final = (
    "Whoever holds the grant can decrypt what is encrypted with the key of the project's data, whatever the key policy "
    "says."
)
_REPLICA_MEANING: Final = "A replica decrypts what the key encrypted: whoever may use it can read the project's data."


def holders(subject: Subject) -> Holders:
    """Return what tells whose grants on the key are whose."""
    return grant_holders(subject.name, subject.deployment, subject.customers)


CHECKS: Final = registry(applies=with_key)


@CHECKS.add(id="key-grants", title="Grants on the key", wanted=_WANTED, meaning=_MEANING)
def _grants(subject: Subject, grants: list[Any]) -> Iterator[Verdict]:
    arn = subject.live.key["Arn"] if isinstance(subject.live.key, dict) else ""
    yield from _of_key(subject, grants, arn=arn, what=None)


def _of_key(subject: Subject, entries: list[Any], *, arn: str, what: str | None) -> Iterator[Verdict]:
    known = holders(subject)
    by_holder: dict[Holder, list[Grant]] = {}
    for each in parse_grants(entries, key_arn=arn):
        by_holder.setdefault(known.holder(each), []).append(each)
    open_to = by_holder.pop(Holder.STRANGER, [])
    for each in open_to[:_SHOWN]:
        yield failed(
            "; ".join(filter(None, (str(each), each.origin))),
            wanted=_WANTED,
            fix=f"end it: {each.revoke_command}",
            what=what,
            meaning=_DECRYPTS if "Decrypt" in each.operations else _MEANING,
        )
    if len(open_to) > _SHOWN:
        listing = _LIST.format(arn=arn, region=arn.split(":")[3])
        yield failed(
            f"{len(open_to) - _SHOWN} more grants to others",
            wanted=_WANTED,
            fix=f"list them: {listing}, and end each with aws kms revoke-grant",
            what=what,
        )
    for kind, words in _NOTED.items():
        if kind in by_holder:
            told = first([*map(str, by_holder[kind])], _SHOWN, more="; and")
            yield noted(f"{words}: {told}", wanted=_WANTED, what=what)
    if not open_to and not by_holder:
        yield passed(_NONE, wanted=_WANTED, what=what)


_NOTED: Final = {
    Holder.SERVICE: "for AWS services that the account asked",
    Holder.ROLE: "to the role, which gives it nothing that the key policy does not",
    Holder.OF_THE_OWNER: "to others by the owner of the adopted key",
}


@CHECKS.add(
    id="key-replicas",
    title="Replicas of the key",
    wanted="no replica is open to anyone to whom the key is not",
    meaning=_REPLICA_MEANING,
)
def _replicas(subject: Subject, replicas: list[LiveReplica]) -> Iterator[Verdict]:
    if not replicas:
        yield passed("there are no replicas")
    for each in replicas:
        what = f"Replica of the key in {each.region}"
        closed = next((one for one in (each.key_policy, each.grants) if isinstance(one, Unreadable)), None)
        if closed is not None:
            yield unreadable(closed, what=what)
            continue
        if isinstance(each.key_policy, str):
            yield from _policy_of_replica(subject, each, each.key_policy, what)
        if isinstance(each.grants, list):
            yield from _of_key(subject, each.grants, arn=each.arn, what=f"Grants on the replica in {each.region}")


def _policy_of_replica(subject: Subject, replica: LiveReplica, text: str, what: str) -> Iterator[Verdict]:
    if subject.cmek.key.adopt is not None:
        for verdict in key_policy.not_more(subject, text):
            yield replace(verdict, what=what, wanted=key_policy.NOT_MORE)
        return
    told = decisions.of_key_policy(subject, text)
    narrower = [each for each in told if " can no longer " in each or each.startswith(decisions.UNDECIDED)]
    wider = [each for each in told if each not in narrower]
    fix = _copy_policy(subject, replica)
    if wider:
        yield failed("; ".join(told), fix=fix, what=what, meaning=_REPLICA_MEANING)
    elif narrower:
        yield noted(
            "; ".join(narrower), wanted="who can do what is as with the key", fix=fix, what=what,
            meaning="Pinecone uses the key of its own Region, not the replica."
        )  # fmt: skip
    else:
        yield passed("its policy is that of the key", what=what)


def _copy_policy(subject: Subject, replica: LiveReplica) -> str:
    key = subject.live.key
    arn = key["Arn"] if isinstance(key, dict) else ""
    region = subject.region
    return (
        f"once the key's own policy is right, copy it: aws kms get-key-policy --key-id {arn} --policy-name default "
        f"--query Policy --output text --region {region} > key-policy.json && aws kms put-key-policy --key-id "
        f"{replica.arn} --policy-name default --policy file://key-policy.json --region {replica.region}"
    )
