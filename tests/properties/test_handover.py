"""What Pinecone was given for good: any change of it is refused, whatever else changes; any other change is not."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pinekeep.model.config.handover.changes import changes
from pinekeep.model.config.handover.file import Handover, digest
from pinekeep.model.config.models import PinekeepFile, role_arn_of
from tests.properties.configurations import Data, configurations
from tests.properties.settings import tried

MADE = "arn:aws:kms:us-east-1:111122223333:key/1a701453-e750-49ea-8e75-228c38fd39c0"
OTHER = "arn:aws:kms:us-east-1:111122223333:key/2b701453-e750-49ea-8e75-228c38fd39c0"


def handed_over(data: Data) -> dict[str, Handover]:
    """Return what is handed over once everything is deployed."""
    content = PinekeepFile.model_validate(data)
    found = {}
    for name, each in content.deployments.items():
        if each.cmek is None:
            continue
        adopted, regions = each.cmek.key.adopt, each.cmek.trust.regions
        found[name] = Handover(
            account=each.account,
            region=each.region,
            role_arn=role_arn_of(name, each),
            key_arn=(adopted or MADE) if each.cmek.has_own_key else None,
            key_adopted=each.cmek.has_own_key and adopted is not None,
            external_id=digest(each.cmek.trust.external_id),
            pinecone_account=content.pinecone_account,
            regions="all" if regions == "all" else tuple(sorted(regions)),
            recorded_at="2026-11-25T12:00:00+00:00",
        )
    return found


def told(data: Data, handovers: dict[str, Handover]) -> list[str]:
    found = list(changes(PinekeepFile.model_validate(data), handovers, file="pinekeep.handed-over.json"))
    assert {each.severity for each in found} <= {"warning"}
    return [each.code for each in found]


# --- Changes that take something away ---


def another_account(data: Data, name: str) -> None:
    data["deployments"][name]["account"] = "444455556666"


def another_region(data: Data, name: str) -> None:
    deployment = data["deployments"][name]
    deployment["region"] = "eu-west-1" if deployment["region"] != "eu-west-1" else "us-east-1"


def another_role(data: Data, name: str) -> None:
    data["deployments"][name]["cmek"]["role_name"] = "another-one"


def another_external_id(data: Data, name: str) -> None:
    data["deployments"][name]["cmek"]["trust"]["external_id"] = "00000000-0000-4000-8000-000000000001"


def no_external_id(data: Data, name: str) -> None:
    trust = data["deployments"][name]["cmek"]["trust"]
    assume(trust["external_id"] != "none")
    trust["external_id"] = "none"


def another_pinecone_account(data: Data, _: str) -> None:
    data["pinecone_account"] = "444455556666"


def a_region_less(data: Data, name: str) -> None:
    trust = data["deployments"][name]["cmek"]["trust"]
    trust["allow_undocumented_regions"] = True
    # A region that is in no drawn list, so that every other one is dropped.
    trust["regions"] = ["ap-southeast-2"] if trust["regions"] == "all" else [_other_than(trust["regions"])]


def _other_than(regions: list[str]) -> str:
    return next(
        each for each in ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1") if each != regions[0]
    )


def another_key(data: Data, name: str) -> None:
    data["deployments"][name]["cmek"]["key"] = {"adopt": OTHER}


def adopted_no_more(data: Data, name: str) -> None:
    data["deployments"][name]["cmek"]["key"] = {}


def own_key_dropped(data: Data, name: str) -> None:
    cmek = data["deployments"][name]["cmek"]
    cmek.pop("key", None)
    cmek["customer_keys"] = [{"name": "somebody", "account": "444455556666"}]


def cmek_removed(data: Data, name: str) -> None:
    del data["deployments"][name]["cmek"]


def renamed(data: Data, name: str) -> None:
    data["deployments"]["another-name"] = data["deployments"].pop(name)


LOSSES = {
    another_account: "account",
    another_region: "region",
    another_role: "role",
    another_external_id: "external-id",
    no_external_id: "external-id",
    another_pinecone_account: "pinecone-account",
    a_region_less: "regions",
    another_key: "key",
    adopted_no_more: "key-not-adopted",
    own_key_dropped: "key-removed",
    cmek_removed: "cmek-removed",
    renamed: "deployment-removed",
}


KEYS = {
    another_key: [{}, {"adopt": MADE}],
    adopted_no_more: [{"adopt": MADE}],
    own_key_dropped: [{}, {"adopt": MADE}],
}
"""The keys that there are before, where it is the key that changes."""


# --- Changes that take nothing away ---


def change_the_rest(draw: Any, data: Data) -> None:
    """Change everything that Pinecone does not rely on for good."""
    for name, deployment in list(data["deployments"].items()):
        deployment["tags"] = {"changed": "yes"}
        deployment["permissions_boundary"] = f"arn:aws:iam::{deployment['account']}:policy/boundary"
        deployment.pop("private_link", None)
        if "cmek" not in deployment:
            data["deployments"].pop(name)
            continue
        cmek = deployment["cmek"]
        if "key" not in cmek and not cmek.get("customer_keys"):
            cmek["key"] = {}
        if "key" in cmek:
            cmek["customer_keys"] = [{"name": "newcomer", "account": "444455556666"}]
        if "adopt" not in cmek.get("key", {"adopt": ""}):
            cmek["key"] = draw(st.sampled_from([{"rotation_days": 90, "alias": "other"}, {"adopt": MADE}]))
        cmek["describe_customer_keys"] = True
        trust = cmek["trust"]
        trust["accept_confused_deputy"] = trust["allow_undocumented_regions"] = True
        if trust["regions"] != "all":
            more = sorted({*trust["regions"], "ap-southeast-1"}, reverse=True)
            trust["regions"] = draw(st.sampled_from([more, "all"]))
    data["deployments"]["one-more"] = {
        "account": "111122223333",
        "region": "us-east-1",
        "cmek": {"trust": {"regions": "all", "external_id": "11111111-1111-4111-8111-111111111111"}},
    }
    data["deployments"] = dict(reversed(data["deployments"].items()))


@tried(100)
@given(configurations(), st.data())
def test_a_change_of_anything_else_takes_nothing_away(data: Data, draws: Any) -> None:
    handovers = handed_over(data)
    assert told(data, handovers) == []
    changed = deepcopy(data)
    change_the_rest(draws.draw, changed)
    assert told(changed, handovers) == []


@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__)
@tried(40)
@given(data=configurations(), draws=st.data())
def test_whatever_was_given_and_changes_is_told_whatever_else_changes(lose: Any, data: Data, draws: Any) -> None:
    names = sorted(handed_over(data))
    assume(names)
    name = draws.draw(st.sampled_from(names))
    if lose in KEYS:
        data["deployments"][name]["cmek"]["key"] = draws.draw(st.sampled_from(KEYS[lose]))
    handovers = handed_over(data)
    changed = deepcopy(data)
    if draws.draw(st.booleans()):
        change_the_rest(draws.draw, changed)
    lose(changed, name)
    assert f"handed-over-{LOSSES[lose]}" in told(changed, handovers)
