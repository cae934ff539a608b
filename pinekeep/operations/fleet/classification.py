"""Classifying what an update would change in an instance, by the rules of ``plan``. Pure.

The template of the stack set, filled in with the parameters that an instance has, is compared with the new template and
the wanted parameters. Equal updates are classified once: in a fleet most are.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pinekeep.model.arns import role_arn
from pinekeep.model.config import Deployment
from pinekeep.model.naming import Output
from pinekeep.model.policies.compare import shortened
from pinekeep.operations.fleet.desired import Desired, DesiredInstance
from pinekeep.operations.fleet.local_changes import local_changes
from pinekeep.operations.fleet.proof import combination
from pinekeep.operations.plan.classify import Finding, classify
from pinekeep.operations.plan.meaning import LiveAccess, Templates, meaning
from pinekeep.operations.plan.rules import Kind, Rule
from pinekeep.operations.plan.state import Template, deployed_state, planned_state
from pinekeep.operations.plan.subject import Meaning, Subject
from pinekeep.operations.release.resolution import Resolution

ROLE_REGION: Final = Rule(
    "role-region",
    Kind.BREAKS,
    "the role would be created by the stack of another Region",
    "the role exists: it cannot be created twice, and the stack that has it would have to let go of it",
)
TEMPLATE_UNKNOWN: Final = Rule(
    "template-unknown",
    Kind.BREAKS,
    "the template of the stack set cannot be compared",
    "whether an update replaces the role or the key is not known",
    remedy="set the template of the stack set back to one of `pinekeep release`",
)
RULES: Final = (ROLE_REGION, TEMPLATE_UNKNOWN)
"""The rules of fleets alone."""

_SAME_ID: Final = "the same external ID"
_OLD_ID: Final = "that of the stack"
_NEW_ID: Final = "that of the file"
"""Stand for external IDs, which no message names."""
_DECIDED_IDS: Final = {
    f"the external ID {shortened(_OLD_ID)} (agreed on before)": "the external ID of the stack",
    f"the external ID {shortened(_NEW_ID)} (agreed on now)": "the external ID of the file",
}
"""How decisions name those, and how they read."""
_PRESENT_KEY: Final = "of the present key"
_PRESENT_ENDPOINT: Final = "the present endpoint"
_EXTERNAL_ID: Final = "ExternalId"
_ROLE_REGION: Final = "RoleRegion"
_KEY_ARN: Final = "KeyArn"


class Classifier:
    """Classifies the updates of one fleet's instances. ``template``: the template body of the stack set."""

    def __init__(self, desired: Desired, *, template: str, pinecone_account: str | None) -> None:
        self._desired = desired
        self._pinecone = pinecone_account
        self._new: Template = json.loads(desired.template)
        self._old = _parsed(template)
        self._known: dict[object, tuple[str, tuple[Finding, ...]]] = {}

    def findings(self, instance: DesiredInstance, values: Mapping[str, str]) -> tuple[Finding, ...]:
        """Return the findings about an update of an instance, the most severe first. ``values``: those that it has."""
        return self._findings(instance, values, instance.values)

    def of_template(self, instance: DesiredInstance, values: Mapping[str, str]) -> tuple[Finding, ...]:
        """Return the findings about the new template alone, with the parameters that the instance has."""
        return self._findings(instance, values, {**instance.values, **values})

    def _findings(
        self, instance: DesiredInstance, before: Mapping[str, str], after: Mapping[str, str]
    ) -> tuple[Finding, ...]:
        before, after = _without_ids(before, after)
        account = instance.target.account
        key = (
            *(tuple(sorted((name, _general(each, account)) for name, each in one.items())) for one in (before, after)),
            instance.target.region,
            combination(instance.target),
        )
        if key not in self._known:
            self._known[key] = account, self._classified(instance, before, after)
        first, found = self._known[key]
        if first == account:
            return found
        return tuple(replace(each, what=each.what.replace(first, account)) for each in found)

    def _classified(
        self, instance: DesiredInstance, before: Mapping[str, str], after: Mapping[str, str]
    ) -> tuple[Finding, ...]:
        found: list[Finding] = []
        region = instance.target.region
        was, is_ = (each.get(_ROLE_REGION) or region for each in (before, after))
        if was != is_:
            found.append(
                Finding(rule=ROLE_REGION, what=f"the Region of the account's role changes from {was} to {is_}")
            )
        try:
            old = self._filled(self._old, before, instance)
            in_one_stack = self._with_role(self._old, before, instance) if self._has_role_elsewhere(before) else old
        except (KeyError, ValueError, TypeError, AttributeError, IndexError):
            what = "the template of the stack set is not one of Pinekeep's, or was edited"
            return (*found, Finding(rule=TEMPLATE_UNKNOWN, what=what))
        new = self._filled(self._new, after, instance)
        planned = self._with_role(self._new, after, instance) if self._has_role_elsewhere(after) else new
        subject = self._subject(instance, (before, after), (old, new), (in_one_stack, planned))
        found += (replace(each, what=_readable(each.what)) for each in classify(subject))
        return tuple(sorted(found, key=lambda each: -each.kind.rank))

    def _subject(
        self,
        instance: DesiredInstance,
        values: tuple[Mapping[str, str], Mapping[str, str]],
        templates: tuple[Template, Template],
        decided: tuple[Template, Template],
    ) -> Subject:
        """Return the input of the rules. ``decided``: the templates with the role, wherever it is created."""
        name, stack = self._desired.name, self._desired.stack_set
        deployment = _with_id(instance.target.deployment, values[1].get(_EXTERNAL_ID))
        changes = local_changes(stack, *templates)
        is_cmek = self._desired.part == "cmek"
        (old, new), pinecone = templates, self._pinecone or ""
        before = deployed_state(
            cmek=decided[0] if is_cmek else None,
            link=None if is_cmek else old,
            outputs=_outputs(old, values[0], instance.target.account),
        )
        after = planned_state(
            name,
            deployment,
            cmek=decided[1] if is_cmek else None,
            link=None if is_cmek else new,
            before=before,
            changes=changes,
        )
        access = Meaning()
        if is_cmek:
            access = meaning(
                name,
                deployment,
                pinecone_account=pinecone,
                templates=Templates(last=decided[0], planned=decided[1]),
                live=LiveAccess(),
                before=before,
                changes=local_changes(stack, *decided),
            )
        return Subject(
            name=name,
            deployment=deployment,
            before=before,
            after=after,
            changes=changes,
            existing=frozenset({stack}),
            meaning=access,
            pinecone_account=self._pinecone,
        )

    def _has_role_elsewhere(self, values: Mapping[str, str]) -> bool:
        return self._desired.part == "cmek" and bool(values.get(_ROLE_REGION))

    def _with_role(self, template: Template, values: Mapping[str, str], instance: DesiredInstance) -> Template:
        """Return a template as it would be if the stack created the role itself, which is decided upon."""
        return self._filled(template, {**values, _ROLE_REGION: ""}, instance)

    def _filled(self, template: Template, values: Mapping[str, str], instance: DesiredInstance) -> Template:
        declared = template.get("Parameters") or {}
        known = {name: value for name, value in values.items() if name in declared}
        target = instance.target
        found: Template = Resolution(template, known, account=target.account, region=target.region).template()
        return found


def _parsed(template: str) -> Template:
    """Return a template; an empty one if it is not JSON, which differs from every other."""
    try:
        found = json.loads(template)
    except ValueError:
        return {"Parameters": None, "Resources": None}
    return found if isinstance(found, dict) else {"Parameters": None, "Resources": None}


def _without_ids(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the values without external IDs: what stands for them shows whether they differ."""
    if _EXTERNAL_ID not in before or _EXTERNAL_ID not in after:
        return before, after
    same = before[_EXTERNAL_ID] == after[_EXTERNAL_ID]
    return (
        {**before, _EXTERNAL_ID: _SAME_ID if same else _OLD_ID},
        {**after, _EXTERNAL_ID: _SAME_ID if same else _NEW_ID},
    )


def _readable(what: str) -> str:
    for stand_in, words in _DECIDED_IDS.items():
        what = what.replace(stand_in, words)
    return what


def _with_id(deployment: Deployment, external_id: str | None) -> Deployment:
    cmek = deployment.cmek
    if cmek is None or external_id is None:
        return deployment
    trust = cmek.trust.model_copy(update={"external_id": external_id})
    return deployment.model_copy(update={"cmek": cmek.model_copy(update={"trust": trust})})


def _general(value: str, account: str) -> str:
    return value.replace(account, "ACCOUNT")


def _outputs(template: Template, values: Mapping[str, str], account: str) -> dict[str, str]:
    """Return the outputs of a stack as far as they follow from its parameters; what AWS assigns has words instead."""
    given = template.get("Outputs") or {}
    found: dict[str, str] = {name: each["Value"] for name, each in given.items() if isinstance(each.get("Value"), str)}
    if values.get("RoleName"):
        found[Output.ROLE_ARN] = role_arn(
            account=account, role_name=values["RoleName"], path=values.get("RolePath") or "/"
        )
    if _EXTERNAL_ID in values:
        found[Output.EXTERNAL_ID] = values[_EXTERNAL_ID]
    if Output.KEY_ARN in given:
        found[Output.KEY_ARN] = values.get(_KEY_ARN) or _PRESENT_KEY
    if Output.VPC_ENDPOINT_ID in given:
        found[Output.VPC_ENDPOINT_ID] = _PRESENT_ENDPOINT
    return found


def changed_parameters(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parameters whose values differ."""
    return tuple(name for name in after if before.get(name) != after[name])
