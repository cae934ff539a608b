"""Rules about the key."""

import json
import re
from collections.abc import Iterator

from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import Deployment, PinekeepFile, role_arn_of
from pinekeep.model.config.partial import UNKNOWN, known, known_items
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.facts import aws
from pinekeep.model.policies.key import key_policy


def adopted_key_is_of_the_partition(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An adopted key is where Pinecone runs."""
    arn = _adopted(deployment)
    if arn and arn.partition != aws.PARTITION:
        yield Problem(
            "adopt-partition",
            f"the key is of partition {arn.partition}; Pinecone runs in partition {aws.PARTITION}",
            f"adopt a key of partition {aws.PARTITION}",
            (*path, "cmek", "key", "adopt"),
        )


def adopted_key_is_of_the_account(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An adopted key is in the deployment's account."""
    arn = _adopted(deployment)
    if arn and deployment.account != arn.account:
        yield Problem(
            "adopt-account",
            f"the key is in account {arn.account}, the deployment in {deployment.account}",
            "adopt a key of the deployment's own account; a key of another one, such as a security account of yours, "
            f'goes under cmek as customer_keys: [{{name: security, account: "{arn.account}", key_arns: [{arn}]}}] in '
            "place of key, and `pinekeep customer-template --customer security --out .` writes what that account does",
            (*path, "cmek", "key", "adopt"),
        )


def adopted_key_is_of_the_region(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An adopted key is in the deployment's Region."""
    arn = _adopted(deployment)
    if arn and deployment.region != arn.region:
        yield Problem(
            "adopt-region",
            f"the key is in {arn.region}, the deployment in {deployment.region}",
            "adopt a key of the deployment's own Region",
            (*path, "cmek", "key", "adopt"),
        )


def _adopted(deployment: Deployment) -> KeyArn | None:
    if deployment.cmek is None:
        return None
    adopt = deployment.cmek.key.adopt
    return KeyArn.parse(adopt) if isinstance(adopt, str) else None


def adopted_key_keeps_its_settings(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Settings of a new key say nothing about an adopted one."""
    if deployment.cmek is None or deployment.cmek.key is UNKNOWN or deployment.cmek.key.adopt is None:
        return
    for name in type(deployment.cmek.key).model_fields:
        if name != "adopt" and name in deployment.cmek.key.model_fields_set:
            yield Problem(
                "adopt-with-settings",
                f"an adopted key is not made here, so {name} would do nothing",
                f"remove {name}, or remove adopt",
                (*path, "cmek", "key", name),
            )


def administrators_are_of_the_account(
    _: PinekeepFile, __: str, deployment: Deployment, path: Path
) -> Iterator[Problem]:
    """Key administrators are of the key's own account."""
    if deployment.cmek is None:
        return
    for index, arn in known_items(deployment.cmek.key.administrators):
        account = arn.split(":")[4]
        if deployment.account != account:
            yield Problem(
                "administrator-account",
                f"{arn} is of account {account}; a key is administered from its own account, {deployment.account}",
                "name a role of the deployment's account",
                (*path, "cmek", "key", "administrators", index),
            )


def pinecone_is_no_administrator(_: PinekeepFile, name: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The role that Pinecone assumes never administers the key."""
    if deployment.cmek is None:
        return
    for index, arn in known_items(deployment.cmek.key.administrators):
        # Further roles, for more customers than one role holds, have the first one's name and a number.
        if re.fullmatch(re.escape(role_arn_of(name, deployment)) + r"(-\d+)?", arn):
            yield Problem(
                "administrator-is-pinecone",
                "this is the role that Pinecone assumes; it uses the key and never administers it",
                "remove it",
                (*path, "cmek", "key", "administrators", index),
            )


def key_policy_fits(_: PinekeepFile, name: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """KMS bounds the size of a key policy, which names each administrator twice."""
    if deployment.cmek is None or not deployment.cmek.has_own_key or deployment.cmek.key.adopt is not None:
        return
    administrators = [arn for _index, arn in known_items(deployment.cmek.key.administrators)]
    policy = key_policy(
        account=known(deployment.account),
        administrators=administrators,
        role=role_arn_of(name, deployment),
        multi_region=deployment.cmek.key.multi_region,
    )
    size = len(json.dumps(policy, separators=(",", ":")).encode())
    if size > aws.KEY_POLICY_MAX:
        yield Problem(
            "key-policy-size",
            f"with {len(administrators):,} administrators the key policy would have {size:,} bytes, KMS allows "
            f"{aws.KEY_POLICY_MAX:,}",
            "let the administrators assume one role, and name that one",
            (*path, "cmek", "key", "administrators"),
        )
