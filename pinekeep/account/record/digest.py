"""A digest of the records beside the configuration file, for synthesis without credentials."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pinekeep.account.record.handover import Value
from pinekeep.account.record.store import Record
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.handover.file import Handover, digest, handover_path, read_handovers, write_handovers


def handover_of(record: Record, deployment: Deployment) -> Handover | None:
    """Return the file's entry for a record, without the replaceable endpoint; None where no role was handed over."""
    handed = record.handed_over
    role_arn = handed.get(Value.ROLE_ARN)
    if role_arn is None:
        return None
    external_id, key_arn, cmek = handed.get(Value.EXTERNAL_ID), handed.get(Value.KEY_ARN), deployment.cmek
    return Handover(
        account=deployment.account,
        region=deployment.region,
        role_arn=role_arn,
        key_arn=key_arn,
        key_adopted=key_arn is not None and cmek is not None and cmek.key.adopt is not None,
        external_id=None if external_id is None else digest(external_id),
        pinecone_account=handed.terms.pinecone_account,
        regions=handed.terms.regions,
        recorded_at=record.recorded_at,
    )


def remember_handovers(configuration: Configuration, records: Iterable[Record]) -> Path | None:
    """Write the records' content to the file beside the configuration.

    Returns the file, or None where nothing changed. Raises WrongInputError if the file cannot be written, is damaged,
    or contradicts a record.
    """
    path = handover_path(configuration.path)
    before = read_handovers(path)
    after = dict(before)
    for record in records:
        name = record.deployment
        now = handover_of(record, configuration.deployments[name])
        if now is None:
            continue
        known = before.get(name)
        if known is not None:
            now = _joined(name, known, now, path)
        after[name] = now
    return _write(path, before, after, hint="make the folder writable, then run `pinekeep handoff --record` again")


def forget_handover(configuration: Configuration, name: str) -> Path | None:
    """Remove an offboarded deployment from the file beside the configuration.

    Returns the file, or None where the deployment was not in it. Raises WrongInputError if the file cannot be written,
    or is damaged.
    """
    path = handover_path(configuration.path)
    before = read_handovers(path)
    after = {each: handover for each, handover in before.items() if each != name}
    return _write(path, before, after, hint=f"remove the entry {name} from it by hand")


def _joined(name: str, known: Handover, now: Handover, path: Path) -> Handover:
    """Return the entries merged. Raises WrongInputError if they differ in what Pinecone keeps permanently."""
    for value, was, is_now in (
        ("account", known.account, now.account),
        ("region", known.region, now.region),
        ("role", known.role_arn, now.role_arn),
        ("key", known.key_arn, now.key_arn),
        ("external ID", known.external_id, now.external_id),
        ("account of Pinecone's", known.pinecone_account, now.pinecone_account),
    ):
        if was is not None and is_now is not None and was != is_now:
            raise WrongInputError(
                f"{name}: {path} says that Pinecone was given another {value}: {was}; the record in the account says "
                f"{is_now}",
                hint=f"check which one Pinecone has; if it is the record's, remove the entry {name} from the file, "
                "then run `pinekeep handoff --record` again",
            )
    # A key that was adopted stays so, whatever the file says by now: its stack has none.
    return replace(now, key_adopted=now.key_adopted or known.key_adopted)


def _write(path: Path, before: dict[str, Handover], after: dict[str, Handover], *, hint: str) -> Path | None:
    if after == before:
        return None
    try:
        write_handovers(path, after)
    except WrongInputError as error:
        raise WrongInputError(f"{error.message}; what was done in AWS stands", hint=hint) from None
    return path
