"""The stacks and the names they will use: free, taken, or kept by an earlier stack of the deployment."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from pinekeep.account.reads.live import Document, Unreadable
from pinekeep.decisions.privileges.scope import makes_key
from pinekeep.model import naming
from pinekeep.model.config.derived import stack_region
from pinekeep.model.config.models import alias_of
from pinekeep.model.facts import aws, stack_status
from pinekeep.operations.preflight.check import (
    Subject,
    new_cmek,
    new_key,
    registry,
    tags_of,
    with_cmek,
    with_global_monitoring,
    with_link,
    with_monitoring,
    with_storage,
)
from pinekeep.operations.verification.checks.base import items, mapping
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed, unreadable

CHECKS: Final = registry()


def _state(field: str, subject: Subject) -> Iterator[Verdict]:
    """There is none, or it is the deployment's own and can be deployed over."""
    stack: Any = getattr(subject.seen, field)
    if stack is None:
        yield passed("there is none: it will be created")
        return
    name, status = stack["StackName"], stack["StackStatus"]
    owner = tags_of(stack).get(naming.DEPLOYMENT_TAG)
    region = stack_region(name, subject.name, subject.deployment)
    where = f" in {region}" if region != subject.region else ""
    if remedy := stack_status.remedy(status, name=name, region=region):
        yield failed(f"stack {name}{where} is in state {status}", fix=remedy)
    elif status in stack_status.NEVER_CREATED:
        yield noted(
            f"stack {name}{where} is in state {status}: nothing was ever deployed to it; a change set was made for it, "
            "by hand or by a `pinekeep plan` or `cdk diff` that was killed",
            fix="nothing needs to be done: a deployment makes a change set of its own and leaves those of others",
        )
    elif _was_taken_back_in(stack, subject):
        yield passed(f"{status}: it was imported, and will be updated")
    elif owner != subject.name:
        whose = f"is tagged as deployment {owner}'s" if owner else f"lacks the tag {naming.DEPLOYMENT_TAG}"
        yield failed(
            f"stack {name}{where} exists already and {whose}, so it was not created from this deployment",
            fix="a deployment over it would remove what is in it: give the deployment another name; if the stack "
            f"is yours all the same, tag it {naming.DEPLOYMENT_TAG}={subject.name} by an update of the stack",
        )
    else:
        yield passed(f"{status}: it will be updated")


for _id, _title, _field, _applies in (
    ("cmek-stack", "The stack of key and role", "cmek_stack", with_cmek),
    ("private-link-stack", "The stack of the endpoint", "private_link_stack", with_link),
    ("storage-stack", "The stack of the audit bucket and the storage roles", "storage_stack", with_storage),
    ("monitoring-stack", "The stack of the monitoring", "monitoring_stack", with_monitoring),
    (
        "global-monitoring-stack",
        f"The stack in {aws.GLOBAL_EVENTS_REGION} that forwards events",
        "global_monitoring_stack",
        with_global_monitoring,
    ),
):
    CHECKS.add(
        id=_id,
        title=_title,
        wanted="no stack of this name, or the deployment's own in a state that can be deployed over",
        meaning="A stack that cannot be deployed over stops the deployment; a stack of something else would lose "
        "what is in it.",
        reads=(_field,),
        applies=_applies,
    )(partial(_state, _field))


def _was_taken_back_in(stack: Any, subject: Subject) -> bool:
    """Whether the stack was made by ``pinekeep recover``. An import can set no tags; the first update does."""
    return (
        stack["StackStatus"] == "IMPORT_COMPLETE"
        and naming.DEPLOYMENT_TAG not in tags_of(stack)
        # Its description is the template's; not everything that answers like CloudFormation keeps it.
        and f"({subject.name})" in (stack.get("Description") or f"({subject.name})")
    )


@CHECKS.add(
    id="left-behind",
    title="Resources retained by an earlier stack",
    wanted="no resources retained by an earlier stack of the deployment",
    meaning="Pinecone may use that key and that role. A second key would be one that Pinecone never hears of, "
    "while nobody looks after the first.",
    uses=("roles", "alias_key", "alias_key_tags", "tagged_keys"),
    applies=new_cmek,
)
def _left_behind(subject: Subject) -> Verdict:
    roles = [name for name, each in mapping(subject.seen.roles).items() if _is_ours(subject, tags_of(each))]
    keys = _keys_left(subject)
    if not roles and not keys:
        looked = (subject.seen.roles, subject.seen.alias_key, subject.seen.alias_key_tags, subject.seen.tagged_keys)
        closed = next((each for each in looked if isinstance(each, Unreadable)), None)
        return unreadable(closed) if closed else passed()
    things = [*(f"role {each}" for each in roles), *(f"key {each}{_unusual_state(subject, each)}" for each in keys)]
    return failed(
        f"stack {subject.cmek_stack_name} is gone, and its retained resources are still there: {', '.join(things)}",
        fix=_take_back(subject, roles=roles, keys=keys),
    )


@CHECKS.add(
    id="role-name",
    title="Name of the role",
    wanted="no role of this name",
    meaning="CloudFormation cannot make a role of a name that is taken; somebody else's role is not to be changed.",
    reads=("roles",),
    applies=new_cmek,
)
def _role(subject: Subject) -> Iterator[Verdict]:
    """No role has the name; one that an earlier stack of the deployment kept is told by :func:`left_behind`."""
    found = mapping(subject.seen.roles)
    others = [name for name, each in found.items() if not _is_ours(subject, tags_of(each))]
    if not found:
        names = [each.name for each in subject.roles]
        yield passed(f"{', '.join(names)}: free" if len(names) < _FEW else f"{len(names)} names: free")
    for name in others:
        yield failed(
            f"the role {name} exists already and does not belong to stack {subject.cmek_stack_name}",
            fix="if Pinecone uses it, keep it and give this deployment another role_name",
        )


@CHECKS.add(
    id="key-alias-name",
    title="Alias of the key",
    wanted="no alias of this name",
    meaning="CloudFormation cannot make an alias that is taken, and people go by it to find the key.",
    reads=("alias_key",),
    uses=("alias_key_tags",),
    applies=new_key,
)
def _alias(subject: Subject) -> Verdict | None:
    name, key = alias_of(subject.name, subject.deployment), subject.seen.alias_key
    if not isinstance(key, dict):
        return passed(f"{name}: free")
    if not _is_our_key(subject, key):
        return failed(
            f"{name} exists already, for key {key['Arn']}",
            fix="if Pinecone is to use that key, name it under cmek.key.adopt; else choose another alias",
        )
    return None


def _keys_left(subject: Subject) -> list[str]:
    keys = list(items(subject.seen.tagged_keys))
    key = subject.seen.alias_key
    if isinstance(key, dict) and key["Arn"] not in keys and _is_our_key(subject, key):
        keys.insert(0, key["Arn"])
    return keys


def _is_our_key(subject: Subject, key: Document) -> bool:
    listed = key["Arn"] in items(subject.seen.tagged_keys)
    return listed or _is_ours(subject, mapping(subject.seen.alias_key_tags))


def _unusual_state(subject: Subject, arn: str) -> str:
    """Return what is wrong with a key that is left, as far as it was looked at."""
    key = subject.seen.alias_key
    state = key.get("KeyState", aws.KEY_ENABLED) if isinstance(key, dict) and key["Arn"] == arn else aws.KEY_ENABLED
    return "" if state == aws.KEY_ENABLED else f" (it is in state {state})"


def _take_back(subject: Subject, *, roles: list[str], keys: list[str]) -> str:
    """Return how to go on with what is there, so that Pinecone keeps the key and the role that it knows."""
    if len(keys) > 1:
        return (
            "find out which of the keys Pinecone was given (its console shows it under Manage > CMEK), then import "
            "that one as if it were the only one; never delete another before you know that no project uses it"
        )
    stack = subject.cmek_stack_name
    imported = (
        f"import what is left into a stack named {stack} (CloudFormation: Create stack > With existing resources; the "
        "template: `pinekeep synth`), then deploy"
    )
    if roles and (keys or not makes_key(subject.deployment)):
        recover = f"import the retained resources into stack {stack}: {subject.run('recover')}"
        if not keys:
            return recover
        return f"{recover}. If Pinecone was never given them: adopt the key ({_adopt(keys[0])}) and delete the role"
    if keys:
        return f"adopt the key: {_adopt(keys[0])}; or {imported}"
    return f"{imported}. If Pinecone was never given the role, delete it instead"


def _adopt(arn: str) -> str:
    return f"cmek.key.adopt: {arn}"


_FEW: Final = 4


def _is_ours(subject: Subject, tags: Mapping[str, str]) -> bool:
    return tags.get(naming.DEPLOYMENT_TAG) == subject.name
