"""Changes of a configuration to values that Pinecone was given for good. One function for each value.

Each change is a warning, so that reading, verification and revocation still work. Commands that make templates for a
deployment refuse it (:meth:`pinekeep.model.config.Configuration.require_as_handed_over`).
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from pinekeep.model import naming
from pinekeep.model.config.handover.file import Handover, digest
from pinekeep.model.config.models import Cmek, Deployment, PinekeepFile, role_arn_of, role_name_of
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.values.trust import NO_EXTERNAL_ID
from pinekeep.model.words import listed, plain

_NAMED: Final = 5
_warning: Final = partial(Problem, severity="warning")


def changes(content: PinekeepFile, handovers: Mapping[str, Handover], *, file: str) -> Iterator[Problem]:
    """Yield a warning for each value that differs from Pinecone's. ``file``: the handover file, for the hints."""
    yield from _removed_deployments(content, handovers, file)
    yield from _pinecone_account(content, handovers)
    for name, deployment in content.deployments.items():
        if name in handovers:
            path: Path = ("deployments", name)
            yield from _moved(deployment, handovers[name], path)
            yield from lasting_values(name, deployment, handovers[name], path=path, way_out=_gave_up(name, file))


def lasting_values(
    name: str, deployment: Deployment, given: Handover, *, path: Path, way_out: str
) -> Iterator[Problem]:
    """Yield a warning for each of role, external ID, regions and key that differs from what Pinecone was given.

    ``path``: of the deployment's settings. ``way_out``: what to do if Pinecone stopped using the key for good.
    """
    cmek = deployment.cmek
    if cmek is None:
        yield _warning(
            "handed-over-cmek-removed",
            f"the file no longer has cmek for it, but Pinecone was given the role {given.role_arn}: role and key "
            "would stay in the account, unmanaged",
            f"restore cmek; {way_out}",
            path,
        )
        return
    yield from _role(name, deployment, given, path)
    yield from _external_id(cmek, given, path)
    yield from _regions(cmek, given, path)
    yield from _key(cmek, given, path)


def _removed_deployments(content: PinekeepFile, handovers: Mapping[str, Handover], file: str) -> Iterator[Problem]:
    new = {
        digest(deployment.cmek.trust.external_id): name
        for name, deployment in content.deployments.items()
        if deployment.cmek is not None and name not in handovers
    }
    for name, given in handovers.items():
        if name in content.deployments:
            continue
        message = f"deployment {name} is no longer in the file, but Pinecone was given its role {given.role_arn}"
        hint = f"restore it; {_gave_up(name, file)}"
        if given.external_id not in (None, NO_EXTERNAL_ID) and given.external_id in new:
            other = new[given.external_id]
            message += f"; {other} has its external ID: under that name another role and key would be created"
            hint = f"write name_in_aws: {name} under {other}: Pinecone can be given no other role and no other key"
        yield _warning("handed-over-deployment-removed", message, hint, ("deployments",))


def _pinecone_account(content: PinekeepFile, handovers: Mapping[str, Handover]) -> Iterator[Problem]:
    now = content.pinecone_account
    told: dict[str, list[str]] = {}
    for name, given in handovers.items():
        deployment = content.deployments.get(name)
        if deployment and deployment.cmek and now and given.pinecone_account not in (None, now):
            told.setdefault(str(given.pinecone_account), []).append(name)
    for account, names in told.items():
        few = [*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])]
        yield _warning(
            "handed-over-pinecone-account",
            f"{listed(few)} {'was' if len(names) == 1 else 'were'} handed over for Pinecone's account {account}; with "
            f"{now} Pinecone could no longer assume the role",
            f'write pinecone_account: "{account}"',
            ("pinecone_account",),
        )


def _moved(deployment: Deployment, given: Handover, path: Path) -> Iterator[Problem]:
    for setting, code, was, now in (
        ("account", "handed-over-account", given.account, deployment.account),
        ("region", "handed-over-region", given.region, deployment.region),
    ):
        if was != now:
            yield _warning(
                code,
                f"the role and key that Pinecone was given are in {was}; others would be created in {now}, and "
                "Pinecone can be given no other",
                f"restore {was}; for {now}, add a deployment with another name and a Pinecone project of its own",
                (*path, setting),
            )


def _role(name: str, deployment: Deployment, given: Handover, path: Path) -> Iterator[Problem]:
    # The move of a deployment changes its ARN, and is reported by itself.
    moved = (deployment.account, deployment.region) != (given.account, given.region)
    now = role_arn_of(name, deployment)
    if moved or now == given.role_arn:
        return
    path_and_name = given.role_arn.partition(":role")[2]
    iam_path, wanted = path_and_name[: path_and_name.rfind("/") + 1], path_and_name.rpartition("/")[2]
    if wanted == role_name_of(name, deployment):
        setting, hint = (*path, "iam_path"), f"write iam_path: {iam_path}"
    else:
        setting = (*path, "cmek", "role_name")
        default = naming.default_role_name(deployment=name, region=deployment.region)
        hint = "remove role_name" if wanted == default else f"write role_name: {wanted}"
        if deployment.iam_path != iam_path:
            hint += f", and iam_path: {iam_path}"
    yield _warning(
        "handed-over-role",
        f"Pinecone was given the role {given.role_arn}, which would change to {now}: Pinecone knows the role by its "
        "ARN and cannot be given another",
        hint,
        setting,
    )


def _external_id(cmek: Cmek, given: Handover, path: Path) -> Iterator[Problem]:
    now = cmek.trust.external_id
    if given.external_id is None or digest(now) == given.external_id:
        return
    if given.external_id == NO_EXTERNAL_ID:
        message = "Pinecone was given no external ID and presents none, so it would be refused"
        hint = "write external_id: none"
    elif now == NO_EXTERNAL_ID:
        message = "Pinecone was given an external ID, for good; without it any customer's project could use the role"
        hint = "restore the external ID from version control; `pinekeep handoff` shows the one that is deployed"
    else:
        message = "it is not the external ID that Pinecone was given, for good; with another one it would be refused"
        hint = "restore the old one from version control; `pinekeep handoff` shows the one that is deployed"
    yield _warning("handed-over-external-id", message, hint, (*path, "cmek", "trust", "external_id"))


def _regions(cmek: Cmek, given: Handover, path: Path) -> Iterator[Problem]:
    now = cmek.trust.regions
    if given.regions is None or now == "all":
        return
    if given.regions == "all":
        message = (
            "Pinecone was given the role for all its regions; those that are not listed would no longer be trusted"
        )
        hint = "write regions: all"
    else:
        gone = [each for each in given.regions if each not in now]
        if not gone:
            return
        message = f"Pinecone was given the role for {listed(gone)} too, and could no longer read or write data there"
        hint = f"write regions: [{listed([*now, *gone])}]"
    yield _warning("handed-over-regions", message, hint, (*path, "cmek", "trust", "regions"))


def _key(cmek: Cmek, given: Handover, path: Path) -> Iterator[Problem]:
    if given.key_arn is None:
        return
    was = f"Pinecone was given the key {given.key_arn}"
    back = f"key: {{adopt: {given.key_arn}}}" if given.key_adopted else "key: {}"
    if not cmek.has_own_key:
        yield _warning(
            "handed-over-key-removed",
            f"{was}, and with customer_keys alone the deployment has no key of its own",
            f"write {back} beside customer_keys",
            (*path, "cmek", "customer_keys"),
        )
    elif cmek.key.adopt is None and given.key_adopted:
        yield _warning(
            "handed-over-key-not-adopted",
            f"{was}, which was adopted; without adopt another one would be created, and Pinecone can be given no other",
            f"write {back}",
            (*path, "cmek", "key"),
        )
    elif cmek.key.adopt not in (None, given.key_arn):
        yield _warning(
            "handed-over-key",
            f"{was}, and can be given no other",
            f"write adopt: {given.key_arn}" if given.key_adopted else "remove adopt: the key is in the stack",
            (*path, "cmek", "key", "adopt"),
        )


def _gave_up(name: str, file: str) -> str:
    return (
        f"if Pinecone stopped using the key for good, after `pinekeep offboard`, remove the entry {name} from "
        f"{plain(file)}"
    )
