"""Whatever takes from Pinecone an access that the record says it was given breaks Pinecone, whichever field caused it.

A deployment is made and handed over, then its file is changed in a few fields. What an edit takes away is said beside
the edit, by hand; the plan has to find it from the templates, the change set and the record.
"""

import json
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from pinekeep.account.record.handover import HandedOver, Terms, Value
from pinekeep.account.record.store import Record
from pinekeep.emulator.extensions.cloudformation import REPLACING
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import alias_of, role_arn_of
from pinekeep.model.config.roster import make_rosters
from pinekeep.model.customers.ledger import Ledger
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.classify import classify, worst
from pinekeep.operations.plan.meaning import LiveAccess, Templates, meaning
from pinekeep.operations.plan.rules import Kind
from pinekeep.operations.plan.state import KEY_TYPE, deployed_state, planned_state
from pinekeep.operations.plan.subject import Subject
from stacks.build import add_stacks
from tests.properties.loaded import loaded
from tests.properties.settings import tried
from tests.stacks.support import new_scratch_app

NAME: Final = "search"
KEY_ARN: Final = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
OTHER_KEY: Final = KEY_ARN.replace("0f1e2d3c", "11111111")
EXTERNAL_ID: Final = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
BOUNDARY: Final = "arn:aws:iam::111122223333:policy/Boundary"
STATEMENTS: Final[dict[str, list[dict[str, Any]] | None]] = {
    "allows": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    "refuses": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    "unknown": None,
}

Data = dict[str, Any]
BASE: Final[Data] = {
    "version": 1,
    "pinecone_account": "740000000001",
    "deployments": {
        NAME: {
            "account": "111122223333",
            "region": "us-east-1",
            "cmek": {
                "trust": {"regions": ["us-east-1", "us-west-2"], "external_id": EXTERNAL_ID},
                "key": {"administrators": ["arn:aws:iam::111122223333:role/KeyAdmins"]},
            },
        }
    },
}


@dataclass(frozen=True)
class Edit:
    """A change of the file.

    Attributes:
        path: the field, from the deployment on; ``..`` leads out of it.
        value: what it becomes; None takes it out.
        takes: whether Pinecone loses what it was given.
        destroys: whether key, role or alias would be replaced or removed, which is never done.
    """

    path: tuple[str, ...]
    value: Any
    takes: bool = False
    destroys: bool = False

    def apply(self, data: Data) -> None:
        place = data if self.path[0] == ".." else data["deployments"][NAME]
        *above, last = (each for each in self.path if each != "..")
        for each in above:
            place = place.setdefault(each, {})
        if self.value is None:
            place.pop(last, None)
        else:
            place[last] = deepcopy(self.value)


CUSTOMER: Final = [{"name": "acme", "account": "444455556666"}]
EDITS: Final = (
    Edit(("..", "pinecone_account"), "740000000002", takes=True),
    Edit(("cmek", "trust", "external_id"), "4f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13", takes=True),
    Edit(("cmek", "trust", "regions"), ["us-east-1"], takes=True),
    Edit(("cmek", "trust", "regions"), ["eu-west-1"], takes=True),
    Edit(("cmek", "trust", "regions"), ["us-west-2", "us-east-1", "eu-west-1"]),
    Edit(("cmek", "trust", "regions"), "all"),
    Edit(("cmek", "role_name"), "another-role", takes=True, destroys=True),
    Edit(("iam_path",), "/team/", takes=True, destroys=True),
    Edit(("cmek", "key", "alias"), "pinecone/other", destroys=True),
    Edit(("cmek", "key", "multi_region"), True, destroys=True),
    Edit(("cmek", "key", "rotation_days"), 400),
    Edit(("cmek", "key", "deletion_window_days"), 20),
    Edit(("cmek", "key", "administrators"), ["arn:aws:iam::111122223333:user/ann"]),
    Edit(("cmek", "key"), {"adopt": OTHER_KEY}, takes=True, destroys=True),
    Edit(("cmek", "customer_keys"), CUSTOMER),
    Edit(("cmek", "key"), None, takes=False),
    Edit(("permissions_boundary",), BOUNDARY),
    Edit(("tags",), {"team": "search"}),
)


def template_of(data: Data) -> dict[str, Any]:
    configuration = loaded(data)
    app = new_scratch_app()
    add_stacks(
        app,
        configuration.deployments,
        pinecone_account=configuration.content.pinecone_account,
        customers=configuration.rosters.packings,
    )
    template: dict[str, Any] = app.synth().get_stack_by_name(naming.cmek_stack(NAME)).template
    return json.loads(json.dumps(template))


def changes_of(last: dict[str, Any], planned: dict[str, Any]) -> list[Change]:
    """Return the change set between two templates, as CloudFormation would work it out."""
    before, after = last["Resources"], planned["Resources"]
    found = []
    for logical_id in {**before, **after}:
        kind = (after.get(logical_id) or before[logical_id])["Type"]
        common = {"stack": naming.cmek_stack(NAME), "logical_id": logical_id, "type": kind}
        if logical_id not in before:
            found.append(Change(**common, action=Action.ADD))
        elif logical_id not in after:
            found.append(Change(**common, action=Action.REMOVE, retained=True))
        elif names := changed(before[logical_id], after[logical_id]):
            another = bool(REPLACING.get(kind, frozenset()) & set(names))
            found.append(
                Change(
                    **common,
                    action=Action.MODIFY,
                    replacement=Replacement.ALWAYS if another else Replacement.NEVER,
                    details=tuple(PropertyChange(attribute="Properties", name=name) for name in names),
                )
            )
    return found


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    was, is_ = before["Properties"], after["Properties"]
    return [name for name in {**was, **is_} if was.get(name) != is_.get(name)]


def outputs(name: str, deployment: Deployment) -> dict[str, str]:
    cmek = deployment.cmek
    assert cmek is not None
    return {
        "RoleArn": role_arn_of(name, deployment),
        "KeyArn": KEY_ARN,
        "ExternalId": cmek.trust.external_id,
        "KeyAlias": str(alias_of(name, deployment)),
    }


@cache
def last() -> dict[str, Any]:
    """Return the template of what is deployed."""
    return template_of(BASE)


WAS: Final = loaded(BASE).deployments[NAME]
RECORD: Final = Record(
    NAME,
    HandedOver(
        {
            Value.ROLE_ARN: role_arn_of(NAME, WAS),
            Value.KEY_ARN: KEY_ARN,
            Value.EXTERNAL_ID: EXTERNAL_ID,
        },
        Terms(pinecone_account="740000000001", regions=("us-east-1", "us-west-2")),
    ),
    "2026-11-20T10:00:00+00:00",
    "arn:aws:iam::111122223333:user/ann",
)


def planned_kind(data: Data, *, boundary: str) -> Kind:
    configuration = loaded(data)
    deployment = configuration.deployments[NAME]
    account = str(configuration.content.pinecone_account)
    planned = template_of(data)
    changes = changes_of(last(), planned)
    before = deployed_state(cmek=last(), link=None, outputs=outputs(NAME, WAS))
    statements = STATEMENTS[boundary]
    known = {} if statements is None else {BOUNDARY: {"Version": "2012-10-17", "Statement": statements}}
    subject = Subject(
        name=NAME,
        deployment=deployment,
        before=before,
        after=planned_state(NAME, deployment, cmek=planned, link=None, before=before, changes=changes),
        changes=tuple(changes),
        existing=frozenset({naming.cmek_stack(NAME)}),
        record=RECORD,
        pinecone_account=account,
        meaning=meaning(
            NAME,
            deployment,
            pinecone_account=account,
            templates=Templates(last=last(), planned=planned),
            live=LiveAccess(boundaries=known),
            before=before,
            changes=changes,
            handed_over=RECORD.handed_over,
        ),
    )
    return worst(classify(subject))


@tried(60)
@given(
    st.lists(st.sampled_from(EDITS), min_size=1, max_size=3, unique_by=lambda each: each.path[:2]),
    st.sampled_from(sorted(STATEMENTS)),
)
def test_a_file_that_takes_what_the_record_gave_breaks_pinecone_and_no_other_does(
    edits: list[Edit], boundary: str
) -> None:
    data = deepcopy(BASE)
    for each in edits:
        each.apply(data)
    cmek = data["deployments"][NAME]["cmek"]
    takes_key = "customer_keys" in cmek and "key" not in cmek
    bounded = any(each.path == ("permissions_boundary",) for each in edits) and boundary == "refuses"
    destroys = takes_key or any(each.destroys for each in edits)
    takes = destroys or bounded or any(each.takes for each in edits)
    kind = planned_kind(data, boundary=boundary)
    assert (kind in (Kind.BREAKS, Kind.DESTROYS)) == takes
    assert (kind is Kind.DESTROYS) == destroys


def test_the_change_sets_of_this_test_are_none_where_nothing_changes() -> None:
    assert changes_of(last(), template_of(BASE)) == []
    assert KEY_TYPE in {each["Type"] for each in last()["Resources"].values()}
    assert make_rosters(loaded(BASE).content, Ledger()).problems == ()
