"""What was handed over for fleets: the file's bytes and bounds, and the changes that it refuses."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.model.config.fleet import handover as module
from pinekeep.model.config.fleet.handover import (
    changes_of,
    fleet_handover_path,
    joined,
    left_targets,
    read_fleet_handovers,
    write_fleet_handovers,
)
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.handover.file import Handover, digest

EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
OTHER_ID = "4f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
PLACE = ("111122223333", "us-east-1")
KEY = "arn:aws:kms:us-east-1:111122223333:key/1a701453-e750-49ea-8e75-228c38fd39c0"
GIVEN = Handover(
    account=PLACE[0],
    region=PLACE[1],
    role_arn="arn:aws:iam::111122223333:role/pinekeep-search",
    key_arn=KEY,
    external_id=digest(EXTERNAL_ID),
    pinecone_account="740000000001",
    regions=("eu-west-1", "us-east-1"),
    recorded_at="2026-11-30T12:00:00+00:00",
)
LINE = (
    '      "111122223333/us-east-1": {"role_arn": "arn:aws:iam::111122223333:role/pinekeep-search", '
    f'"key_arn": "{KEY}", "key_adopted": false, "external_id": "{digest(EXTERNAL_ID)}", '
    '"pinecone_account": "740000000001", "pinecone_regions": ["eu-west-1", "us-east-1"], '
    '"recorded_at": "2026-11-30T12:00:00+00:00"}'
)
TEXT = f'{{\n  "version": 1,\n  "fleets": {{\n    "search": {{\n{LINE}\n    }}\n  }}\n}}\n'


def target(account: str = PLACE[0], region: str = PLACE[1], **cmek: Any) -> Target:
    settings: dict[str, Any] = {
        "role_name": "pinekeep-search",
        "trust": {"regions": ["us-east-1", "eu-west-1"], "external_id": EXTERNAL_ID},
        **cmek,
    }
    deployment = Deployment.model_validate({"account": account, "region": region, "cmek": settings})
    return Target(account=account, region=region, deployment=deployment, role_region="us-east-1")


def fleet(*targets: Target, name: str = "search", pinecone_account: str = "740000000001") -> FleetTargets:
    settings = Fleet.model_validate(
        {
            "administrator": {"account": "444455556666", "region": "us-east-1"},
            "permissions": "self-managed",
            "regions": ["us-east-1"],
            "settings": {},
        }
    )
    return FleetTargets(name=name, fleet=settings, pinecone_account=pinecone_account, targets=targets)


def codes(targets: FleetTargets, handovers: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    found = changes_of(targets, handovers, file="pinekeep.fleet-handed-over.json")
    return {place: [each.code for each in problems] for place, problems in found.items()}


def test_the_file_is_beside_the_configuration() -> None:
    assert fleet_handover_path(Path("a/pinekeep.yaml")) == Path("a/pinekeep.fleet-handed-over.json")


def test_a_target_is_a_line_and_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_fleet_handovers(path, {"search": {PLACE: GIVEN}})
    assert path.read_text() == TEXT
    assert read_fleet_handovers(path) == {"search": {PLACE: GIVEN}}
    assert json.loads(TEXT)["version"] == 1
    nothing: list[dict[str, dict[tuple[str, str], Handover]]] = [{}, {"search": {}}]
    for empty in nothing:
        write_fleet_handovers(path, empty)
        assert read_fleet_handovers(path) == empty


def test_without_a_file_nothing_was_handed_over(tmp_path: Path) -> None:
    assert read_fleet_handovers(tmp_path / "a.json") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace('"version": 1', '"version": 2'), "is of version 2, and this Pinekeep reads version 1"),
        (TEXT.replace("111122223333/us", "1111/us"), "does not say what was handed over to Pinecone: fleets.search"),
        (TEXT.replace('"key_adopted": false, ', ""), "Field required"),
        (TEXT.replace(digest(EXTERNAL_ID), EXTERNAL_ID), "external_id"),
        (f"<<<<<<< ours\n{TEXT}", "Invalid JSON"),
        (TEXT.replace(LINE, f"{LINE},\n{LINE}"), "has the name '111122223333/us-east-1' twice in one place"),
    ],
)
def test_a_damaged_file_is_refused_with_the_place(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(WrongInputError, match=r"a\.json") as caught:
        read_fleet_handovers(path)
    assert said in caught.value.message
    assert caught.value.hint
    assert EXTERNAL_ID not in caught.value.message


def test_what_is_as_handed_over_is_no_change() -> None:
    assert changes_of(fleet(target()), {"search": {PLACE: GIVEN}}, file="f") == {}
    assert changes_of(fleet(target()), {}, file="f") == {}


@pytest.mark.parametrize(
    ("changed", "code", "hint"),
    [
        ({"role_name": "other"}, "handed-over-role", "write role_name: pinekeep-search"),
        (
            {"trust": {"regions": ["us-east-1", "eu-west-1"], "external_id": OTHER_ID}},
            "handed-over-external-id",
            "restore the old one",
        ),
        (
            {"trust": {"regions": ["us-east-1"], "external_id": EXTERNAL_ID}},
            "handed-over-regions",
            "write regions: [us-east-1, eu-west-1]",
        ),
        ({"key": {"adopt": KEY.replace("1a70", "2a70")}}, "handed-over-key", "remove adopt"),
    ],
)
def test_a_changed_value_is_told_for_its_target_alone(changed: dict[str, Any], code: str, hint: str) -> None:
    other = target("777788889999")
    given = {
        PLACE: GIVEN,
        ("777788889999", "us-east-1"): replace(
            GIVEN, account="777788889999", role_arn="arn:aws:iam::777788889999:role/pinekeep-search"
        ),
    }
    found = changes_of(fleet(target(**changed), other), {"search": given}, file="f")
    assert list(found) == [PLACE]
    ((problem,),) = found.values()
    assert (problem.code, problem.severity, problem.path[:2]) == (code, "warning", ("fleet", "search"))
    assert hint in str(problem.hint)
    assert EXTERNAL_ID not in problem.message + str(problem.hint)
    assert OTHER_ID not in problem.message + str(problem.hint)


def test_a_fleet_without_its_key_or_with_another_pinecone_account_is_told() -> None:
    link = Deployment.model_validate(
        {
            "account": PLACE[0],
            "region": PLACE[1],
            "private_link": {
                "vpc": {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
                "clients": {"cidrs": ["10.0.0.0/16"]},
            },
        }
    )
    without = fleet(Target(account=PLACE[0], region=PLACE[1], deployment=link))
    found = changes_of(without, {"search": {PLACE: GIVEN}}, file="pinekeep.fleet-handed-over.json")
    ((problem,),) = found.values()
    assert problem.code == "handed-over-cmek-removed"
    assert "remove 111122223333/us-east-1 of search from pinekeep.fleet-handed-over.json" in str(problem.hint)
    elsewhere = fleet(target(), pinecone_account="740000000002")
    assert codes(elsewhere, {"search": {PLACE: GIVEN}}) == {PLACE: ["handed-over-pinecone-account"]}


def test_a_fleet_of_another_name_would_create_other_roles_and_keys() -> None:
    renamed = fleet(target(role_name="pinekeep-find"), name="find")
    assert codes(renamed, {"search": {PLACE: GIVEN}}) == {PLACE: ["handed-over-deployment-removed"]}
    another = target(trust={"regions": ["us-east-1"], "external_id": OTHER_ID})
    assert codes(fleet(another, name="find"), {"search": {PLACE: GIVEN}}) == {}


def test_a_further_region_of_an_account_has_the_same_external_id_and_is_no_change() -> None:
    assert codes(fleet(target(), target(region="eu-west-1")), {"search": {PLACE: GIVEN}}) == {}


def test_targets_that_left_the_file_are_listed() -> None:
    assert left_targets(fleet(), {"search": {PLACE: GIVEN}}) == (PLACE,)
    assert left_targets(fleet(target()), {"search": {PLACE: GIVEN}}) == ()


def test_what_is_recorded_is_joined_and_never_written_over() -> None:
    later = replace(GIVEN, recorded_at="2027-01-01T00:00:00+00:00")
    assert joined({}, [GIVEN]) == ({PLACE: GIVEN}, ())
    assert joined({PLACE: GIVEN}, [later]) == ({PLACE: GIVEN}, ())
    wider = replace(later, regions=("eu-west-1", "us-east-1", "us-west-2"))
    assert joined({PLACE: GIVEN}, [wider]) == ({PLACE: wider}, ())
    changes: list[tuple[dict[str, Any], str]] = [
        ({"role_arn": "arn:aws:iam::111122223333:role/other"}, "role ARN"),
        ({"key_arn": KEY.replace("1a70", "2a70")}, "key ARN"),
        ({"external_id": digest(OTHER_ID)}, "external ID"),
        ({"pinecone_account": "740000000002"}, "account of Pinecone's"),
        ({"regions": ("us-east-1",)}, "trusted regions"),
    ]
    for changed, value in changes:
        after, (conflict,) = joined({PLACE: GIVEN}, [replace(later, **changed)])
        assert (after, conflict.place, conflict.value) == ({PLACE: GIVEN}, PLACE, value)


def test_ten_thousand_targets_are_read_compared_and_written_fast(tmp_path: Path) -> None:
    accounts = [f"{100000000000 + number}" for number in range(10_000)]
    given = {
        (account, "us-east-1"): replace(GIVEN, account=account, role_arn=f"arn:aws:iam::{account}:role/pinekeep-search")
        for account in accounts
    }
    path = tmp_path / "a.json"
    one = target()
    many = fleet(
        *(
            replace(one, account=each, deployment=one.deployment.model_copy(update={"account": each}))
            for each in accounts
        )
    )
    before = process_time()
    write_fleet_handovers(path, {"search": given})
    read = read_fleet_handovers(path)
    assert changes_of(many, read, file="f") == {}
    assert process_time() - before < 5
    assert read == {"search": given}
    assert path.stat().st_size < module.MAX_BYTES / 4
