"""Rules about the key."""

from collections.abc import Iterator

from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.config.partial import UNKNOWN, known, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.facts import aws
from pinekeep.model.policies.key import key_policy
from pinekeep.model.values.keys import administrator_error, administrator_is_pinecone, key_policy_error

_ADOPT = ("cmek", "key", "adopt")
_ADMINISTRATORS = ("cmek", "key", "administrators")


def adopted_key_is_of_the_partition(here: Subject) -> Iterator[Problem]:
    """An adopted key is in the partition in which Pinecone runs."""
    arn = _adopted(here)
    if arn and arn.partition != aws.PARTITION:
        message = f"the key is in partition {arn.partition}; Pinecone runs in partition {aws.PARTITION}"
        yield here.problem("adopt-partition", message, f"adopt a key of partition {aws.PARTITION}", *_ADOPT)


def adopted_key_is_of_the_account(here: Subject) -> Iterator[Problem]:
    """An adopted key is in the deployment's account."""
    arn = _adopted(here)
    if arn and here.deployment.account != arn.account:
        yield here.problem(
            "adopt-account",
            f"the key is in account {arn.account}, the deployment in {here.deployment.account}",
            "adopt a key of the deployment's own account; a key of another one, such as your security account, goes "
            f'under cmek as customer_keys: [{{name: security, account: "{arn.account}", key_arns: [{arn}]}}] in '
            "place of key, and `pinekeep customer-template --customer security --out .` writes the files for that "
            "account",
            *_ADOPT,
        )


def adopted_key_is_of_the_region(here: Subject) -> Iterator[Problem]:
    """An adopted key is in the deployment's Region."""
    arn = _adopted(here)
    if arn and here.deployment.region != arn.region:
        message = f"the key is in {arn.region}, the deployment in {here.deployment.region}"
        yield here.problem("adopt-region", message, "adopt a key of the deployment's own Region", *_ADOPT)


def _adopted(here: Subject) -> KeyArn | None:
    adopt = here.cmek.key.adopt
    return KeyArn.parse(adopt) if isinstance(adopt, str) else None


def adopted_key_keeps_its_settings(here: Subject) -> Iterator[Problem]:
    """Settings of a new key have no effect on an adopted one."""
    key = here.cmek.key
    if key is UNKNOWN or key.adopt is None:
        return
    for name in type(key).model_fields:
        if name != "adopt" and name in key.model_fields_set:
            yield here.problem(
                "adopt-with-settings",
                f"an adopted key is not created here, so {name} has no effect",
                f"remove {name}, or remove adopt",
                "cmek",
                "key",
                name,
            )


def administrators_are_of_the_account(here: Subject) -> Iterator[Problem]:
    """Key administrators are in the key's own account."""
    for index, arn in known_items(here.cmek.key.administrators):
        yield from here.invalid(administrator_error(arn, here.deployment.account), *_ADMINISTRATORS, index)


def pinecone_is_no_administrator(here: Subject) -> Iterator[Problem]:
    """The role that Pinecone assumes never administers the key."""
    for index, arn in known_items(here.cmek.key.administrators):
        error = administrator_is_pinecone(arn, role_arn_of(here.name, here.deployment))
        yield from here.invalid(error, *_ADMINISTRATORS, index)


def key_policy_fits(here: Subject) -> Iterator[Problem]:
    """KMS limits the size of a key policy, which names each administrator twice."""
    if not here.cmek.has_own_key or here.cmek.key.adopt is not None:
        return
    administrators = [arn for _index, arn in known_items(here.cmek.key.administrators)]
    policy = key_policy(
        account=known(here.deployment.account),
        administrators=administrators,
        role=role_arn_of(here.name, here.deployment),
        multi_region=here.cmek.key.multi_region,
    )
    yield from here.invalid(key_policy_error(policy, administrators=len(administrators)), *_ADMINISTRATORS)
