"""The KMS key: existence, state, kind, place, rotation and alias."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import alias_of
from pinekeep.model.facts import aws
from pinekeep.operations.verification.checks.check import Subject, registry, with_key, with_own_key
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed
from pinekeep.operations.verification.checks.revocation import restore, since

ENABLED: Final = aws.KEY_ENABLED

_CANCEL: Final = (
    "aws kms cancel-key-deletion --key-id {arn} --region {region}; aws kms enable-key --key-id {arn} --region {region}"
)

_STATES: Final = {
    "Creating": ("is being created", "wait a minute, then verify again", "Pinecone cannot use the key yet."),
    "Disabled": (
        "is disabled, so KMS refuses every use of it",
        "aws kms enable-key --key-id {arn} --region {region}",
        "Pinecone cannot encrypt or decrypt until the key is enabled again; no data is lost.",
    ),
    "PendingDeletion": (
        "will be deleted on {date}, and all data of the Pinecone project with it",
        _CANCEL,
        "Pinecone cannot decrypt: the key is pending deletion until {date}, and from then on the project's data is "
        "lost for good.",
    ),
    "PendingReplicaDeletion": (
        "will be deleted as soon as its replicas are gone, and all data of the Pinecone project with it",
        _CANCEL,
        "Pinecone cannot decrypt: the key is pending deletion until its replicas are gone, and from then on the "
        "project's data is lost for good.",
    ),
    "PendingImport": (
        "has no key material; it waits for an import",
        "import the material that it had, with the import token that this gives: aws kms get-parameters-for-import "
        "--key-id {arn} --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_4096 --region {region}",
        "Pinecone cannot decrypt until the very material that the key had is imported again.",
    ),
    "Unavailable": (
        "is unavailable, because the key store that it is in is not connected",
        "connect the key store: aws kms connect-custom-key-store --custom-key-store-id {store} --region {region}",
        "Pinecone cannot encrypt or decrypt until the key store is connected again.",
    ),
    "Updating": ("is being changed", "wait a minute, then verify again", "Pinecone may be refused for a moment."),
}
"""What each state but Enabled is, what to do, and what it means for Pinecone."""
_OUTSIDE_MATERIAL: Final = (
    "Pinecone works on as long as the material is there; KMS does not rotate it, and where it expires, is deleted or "
    "its key store is not connected, the project's data cannot be read."
)
_REGIONS: Final = (
    "Pinecone works on with the key of this Region; a multi-Region key may have replicas in others, each with a key "
    "policy of its own."
)
_UNFORESEEN: Final = (
    "is in an unknown state",
    "look at it in the AWS console",
    "KMS may refuse to use the key, so Pinecone may not be able to read or write the project's data.",
)

_AS_BEFORE: Final = "Where the deletion is taken back, rotation is as it was before."
_MORE_OFTEN: Final = "Pinecone works on; the key's material rotates more often than configured."

CHECKS: Final = registry(applies=with_key)


@CHECKS.add(
    id="key-exists",
    title="The key",
    wanted="the key that Pinecone was given",
    meaning="Without the key, nobody can read the project's data again.",
    sees_absence=True,
    promised=True,
)
def _exists(subject: Subject, key: Document | None) -> Verdict:
    if key is None:
        gone = "it is lost for good, and so is what is encrypted with it: ask Pinecone's support before anything else"
        deployed = isinstance(subject.live.cmek_stack, Mapping)
        return failed("there is no such key", fix=gone if deployed else subject.make(None))
    return passed(key["Arn"])


@CHECKS.add(
    id="key-state",
    title="State of the key",
    wanted=ENABLED,
    meaning="KMS refuses to use the key, so Pinecone cannot read or write the project's data.",
)
def state(subject: Subject, key: Document, parameters: Mapping[str, Document] | None = None) -> Iterator[Verdict]:
    """The key is enabled."""
    found = key.get("KeyState", "unknown")
    if found == ENABLED:
        yield passed()
        return
    words, fix, meaning = _STATES.get(found, _UNFORESEEN)
    due = key.get("DeletionDate")
    date = due.date().isoformat() if isinstance(due, datetime) else "an unknown date"
    revoked = since(subject, parameters, what=key["Arn"])
    if found == "Disabled" and revoked:
        words = f"was disabled by pinekeep revoke{revoked}"
        fix = restore(subject)
    yield failed(
        f"{found}: the key {words.format(date=date)}",
        fix=fix.format(arn=key["Arn"], region=subject.region, store=key.get("CustomKeyStoreId")),
        meaning=meaning.format(date=date),
    )


@CHECKS.add(
    id="key-kind",
    title="Kind of the key",
    wanted="a symmetric key of the customer's, for encryption and decryption, with material made by KMS",
    meaning="Pinecone cannot encrypt with another kind of key.",
    needs_file=True,
)
def kind(subject: Subject, key: Document) -> Iterator[Verdict]:
    """The key is of the kind that Pinecone can use, and multi-Region as configured."""
    adopted = subject.cmek.key.adopt is not None
    problems: list[str] = []
    if key.get("KeyManager", "CUSTOMER") != "CUSTOMER":
        problems.append("it belongs to AWS, so its policy cannot name the role")
    if key.get("KeySpec") != aws.KEY_SPEC:
        problems.append(f"its spec is {key.get('KeySpec')}, which is not symmetric encryption ({aws.KEY_SPEC})")
    if key.get("KeyUsage") != aws.KEY_USAGE:
        problems.append(f"its usage is {key.get('KeyUsage')}, not {aws.KEY_USAGE}")
    if key.get("Origin") != aws.KEY_ORIGIN:
        problems.append(f"its material comes from {key.get('Origin')}, not from KMS ({aws.KEY_ORIGIN})")
    if not adopted:
        problems += _multi_region_problems(key, wanted=subject.cmek.key.multi_region)
    fix = (
        "none of this can be changed in a key: adopt another one, before Pinecone is given it"
        if adopted
        else "none of this can be changed in a key, and Pinecone cannot be given another: change the "
        "configuration to what the key is, or ask Pinecone's support"
    )
    right = f"{key.get('KeySpec')}, {key.get('KeyUsage')}, {key.get('Origin')}"
    yield judged(problems, right=right, fix=fix, meaning=_kind_meaning(key))


def _kind_meaning(key: Document) -> str | None:
    """Return what the kind means where Pinecone can use it all the same; None stands for the check's own sentence."""
    if (key.get("KeySpec"), key.get("KeyUsage")) != (aws.KEY_SPEC, aws.KEY_USAGE):
        return None
    if key.get("KeyManager", "CUSTOMER") != "CUSTOMER":
        return None
    if key.get("Origin") != aws.KEY_ORIGIN:
        return _OUTSIDE_MATERIAL
    return _REGIONS


def _multi_region_problems(key: Document, *, wanted: bool) -> list[str]:
    found = bool(key.get("MultiRegion"))
    if found != wanted:
        return [f"it is {'' if found else 'not '}a multi-Region key"]
    role_of_key = (key.get("MultiRegionConfiguration") or {}).get("MultiRegionKeyType", "PRIMARY")
    return [] if role_of_key == "PRIMARY" else ["it is a replica of a multi-Region key, not the primary"]


@CHECKS.add(
    id="key-place",
    title="Account and Region of the key",
    wanted="the deployment's account and Region",
    meaning="The role has no right to a key of another account, and Pinecone calls the key in its own Region.",
)
def _place(subject: Subject, key: Document) -> Verdict:
    wanted = f"account {subject.account}, Region {subject.region}"
    arn = KeyArn.parse(key["Arn"])
    found = f"account {arn.account}, Region {arn.region}" if arn else f"an ARN that cannot be read: {key['Arn']}"
    if found == wanted:
        return passed(wanted=wanted)
    return failed(found, wanted=wanted, fix="name the key of this account and Region under cmek.key.adopt")


@CHECKS.add(
    id="key-rotation",
    title="Rotation of the key",
    wanted="rotation is on, with the configured period",
    meaning="Pinecone works on; the key's material gets older than your rules allow.",
    applies=with_own_key,
    sees_absence=True,
    promised=True,
    needs_file=True,
)
def _rotation(subject: Subject, rotation: Document | None, key: Document | None) -> Verdict | None:
    if key is None:
        return None
    days = subject.cmek.key.rotation_days
    wanted = f"every {days} days"
    turn_on = f"aws kms enable-key-rotation --rotation-period-in-days {days}"
    fix = f"{turn_on} --key-id {key['Arn']} --region {subject.region}"
    if rotation is None:
        return failed("this kind of key cannot rotate", wanted=wanted, fix="see the check of the key's kind")
    if not rotation.get("KeyRotationEnabled"):
        if "DeletionDate" in key:
            told = "rotation is off (KMS says so of every key that waits for deletion)"
            return noted(told, wanted=wanted, fix="see the check of the key's state", meaning=_AS_BEFORE)
        return failed("rotation is off", wanted=wanted, fix=fix)
    period = rotation.get("RotationPeriodInDays", aws.ROTATION_DAYS_DEFAULT)
    if period == days:
        return passed(wanted=wanted)
    meaning = _MORE_OFTEN if period < days else None
    return failed(f"every {period} days", wanted=wanted, fix=fix, meaning=meaning)


@CHECKS.add(
    id="key-alias",
    title="Alias of the key",
    wanted="the configured alias points at the key",
    meaning="Pinecone works on, by the key's ARN; people who go by the alias see another key, or none.",
    applies=with_own_key,
    sees_absence=True,
    promised=True,
)
def _alias(subject: Subject, alias_key: Document | None, key: Document | None) -> Verdict | None:
    name = alias_of(subject.name, subject.deployment)
    region = subject.region
    if key is None:
        return None
    arn = key["Arn"]
    if alias_key is None:
        return failed(
            "there is no such alias",
            wanted=f"an alias of {arn}",
            what=name,
            fix=f"aws kms create-alias --alias-name {name} --target-key-id {key['KeyId']} --region {region}",
        )
    if alias_key["Arn"] != arn:
        return failed(
            f"it points at another key: {alias_key['Arn']}",
            wanted=f"it points at {arn}",
            what=name,
            fix=f"aws kms update-alias --alias-name {name} --target-key-id {key['KeyId']} --region {region}",
        )
    return passed(wanted=f"it points at {arn}", what=name)
