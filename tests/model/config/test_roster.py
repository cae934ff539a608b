"""The configuration and the ledger beside it: who keeps which place, and what may not happen to them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from pinekeep.cli.root import run
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, ConfigurationError, load
from pinekeep.model.config.roster import ledger_after
from pinekeep.model.customers.ledger import Given, Ledger, Resident, ledger_path, read_ledger, write_ledger
from pinekeep.model.customers.packing import Place

FILE = "pinekeep.yaml"
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
ACME = {"name": "acme", "account": "444455556666"}
GLOBEX = {"name": "Globex Inc.", "account": "555566667777"}
ROLE = "arn:aws:iam::111122223333:role/pinekeep-prod-us-east-1"
TRUST = {"regions": ["us-east-1"], "external_id": "none"}
Customers = Sequence[Mapping[str, Any]]


def crowd(number: int) -> list[dict[str, Any]]:
    return [{"name": f"c{each}", "account": f"{600000000000 + each}"} for each in range(number)]


def keys(account: str, number: int) -> list[str]:
    return [f"arn:aws:kms:us-east-1:{account}:key/12345678-1234-4234-8234-{each:012d}" for each in range(number)]


def every(account: str) -> str:
    return f"arn:aws:kms:*:{account}:key/*"


def deployment(customers: Customers = (), **settings: Any) -> dict[str, Any]:
    cmek = {"trust": TRUST, **({"customer_keys": list(customers)} if customers else {}), **settings}
    return {"account": "111122223333", "region": "us-east-1", "cmek": cmek}


class Folder:
    """A configuration file and its ledger."""

    def __init__(self, path: Path) -> None:
        self.file = path / FILE
        self.ledger = ledger_path(self.file)

    def write(self, customers: Customers = (), **settings: Any) -> "Folder":
        return self.write_all(prod=deployment(customers, **settings))

    def write_all(self, **deployments: Any) -> "Folder":
        content = {"version": 1, "pinecone_account": "740000000001", "deployments": deployments}
        self.file.write_text(yaml.dump(content, Dumper=DUMPER, sort_keys=False), encoding="utf-8")
        return self

    def load(self) -> Configuration:
        return load(self.file)

    def places(self) -> Mapping[str, Place]:
        return self.load().rosters.packings["prod"].places

    def in_use(self, *handed_over: str) -> Ledger:
        """Write the ledger as after a deployment, and after these customers were handed over."""
        configuration = self.load()
        after = ledger_after(
            configuration.content,
            configuration.rosters,
            deployments=frozenset(configuration.deployments),
            handed_over=frozenset(handed_over),
        )
        write_ledger(self.ledger, after)
        return after

    def problems(self) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            self.load()
        return [each.render(FILE) for each in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# --- Who has which place ---


def test_without_customers_nobody_has_a_place(folder: Folder) -> None:
    rosters = folder.write().load().rosters
    assert (rosters.packings, rosters.problems, rosters.ledger) == ({}, (), Ledger())


def test_without_a_ledger_places_are_given_in_the_order_of_the_file(folder: Folder) -> None:
    assert folder.write([ACME, GLOBEX]).places() == {"acme": Place(1, (1,)), "globex-inc": Place(1, (1,))}


def test_whoever_is_in_the_ledger_keeps_the_place_wherever_there_would_be_room(folder: Folder) -> None:
    folder.write([ACME, GLOBEX])
    write_ledger(folder.ledger, Ledger({"prod": {"globex-inc": Resident(GLOBEX["account"], Place(3, (7,)), Given())}}))
    assert folder.places() == {"acme": Place(1, (1,)), "globex-inc": Place(3, (7,))}
    roles = folder.load().rosters.packings["prod"].roles
    assert [each.customers for each in roles] == [("acme",), (), ("globex-inc",)]


def test_nobody_moves_when_customers_come_go_and_change_their_order(folder: Folder) -> None:
    everybody = crowd(2000)
    folder.write(everybody).in_use("c5", "c1900")
    before = folder.places()
    assert {place.role for place in before.values()} == {1, 2}
    changed = [each for each in everybody[::-1] if each["name"] not in ("c0", "c17")]
    changed[500:500] = [ACME, GLOBEX]
    after = folder.write(changed).places()
    assert {name: place for name, place in after.items() if name in before} == {
        name: place for name, place in before.items() if name in after
    }
    assert (after["acme"], after["globex-inc"]) == (before["c0"], before["c17"]), "the room that became free"


def test_a_customer_who_spells_its_name_otherwise_is_the_same_customer(folder: Folder) -> None:
    folder.write([GLOBEX]).in_use("globex-inc")
    folder.write([{**GLOBEX, "name": "globex_INC"}])
    assert folder.places() == {"globex-inc": Place(1, (1,))}


def test_deployments_have_ledgers_of_their_own(folder: Folder) -> None:
    first, second = deployment([ACME]), deployment(crowd(3), role_name="other")
    after = folder.write_all(prod=first, dev=second).in_use("acme")
    assert set(after.of("prod")) == {"acme"}
    assert set(after.of("dev")) == {"c0", "c1", "c2"}
    assert not [each for each in after.of("dev").values() if each.handed_over]


# --- What is written down ---


def test_only_what_was_deployed_is_written_down_and_who_was_told_stays_so(folder: Folder) -> None:
    folder.write_all(prod=deployment([ACME, GLOBEX]), dev=deployment(crowd(1), role_name="other"))
    configuration = folder.load()
    first = ledger_after(
        configuration.content,
        configuration.rosters,
        deployments=frozenset({"prod"}),
        handed_over=frozenset({"acme"}),
    )
    assert first == Ledger(
        {
            "prod": {
                "acme": Resident("444455556666", Place(1, (1,)), Given(ROLE, (every("444455556666"),))),
                "globex-inc": Resident("555566667777", Place(1, (1,))),
            }
        }
    )
    write_ledger(folder.ledger, first)
    again = folder.load()
    assert ledger_after(again.content, again.rosters, deployments=frozenset({"prod"})) == first


def test_the_last_customer_taken_away_leaves_nobody_in_the_ledger(folder: Folder) -> None:
    folder.write([ACME]).in_use()
    assert folder.write().in_use().of("prod") == {}
    assert json.loads(folder.ledger.read_text())["deployments"] == {}


@pytest.mark.parametrize("arguments", [["check"], ["synth", "--out", "out"], ["check", "--json"]])
@pytest.mark.parametrize("known", [True, False])
def test_the_ledger_is_neither_made_nor_changed_by_looking(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, arguments: list[str], known: bool
) -> None:
    folder.write([ACME])
    if known:
        folder.in_use("acme")
    before = folder.ledger.read_bytes() if known else None
    folder.write([ACME, GLOBEX])
    monkeypatch.chdir(folder.file.parent)
    assert run(arguments) == 0
    assert (folder.ledger.read_bytes() if folder.ledger.exists() else None) == before


# --- Who may not go ---

LOST = "Pinecone could no longer use its key, and all data encrypted with it would be unreadable"


def test_a_customer_who_was_handed_over_may_not_go_without_a_word(folder: Folder) -> None:
    folder.write([ACME, GLOBEX]).in_use("acme")
    assert folder.write([GLOBEX]).problems() == [
        "pinekeep.yaml:13:7: error: deployments.prod.cmek.customer_keys: customer acme (account 444455556666) is no "
        f"longer in the file, but its role was handed over: {LOST}\n"
        "  hint: restore it, or write removed_customers: [acme] to confirm the removal"
    ]


def test_a_customer_who_was_handed_over_goes_with_a_word_and_leaves_the_ledger(folder: Folder) -> None:
    folder.write([ACME, GLOBEX]).in_use("acme")
    folder.write([GLOBEX], removed_customers=["ACME"])
    assert set(folder.places()) == {"globex-inc"}
    assert set(folder.in_use().of("prod")) == {"globex-inc"}
    assert folder.write([GLOBEX]).load(), "the word is needed until it is deployed"


def test_a_word_about_another_customer_does_not_do(folder: Folder) -> None:
    folder.write([ACME, GLOBEX]).in_use("acme", "globex-inc")
    (problem,) = folder.write(crowd(1), removed_customers=["acme"]).problems()
    assert "customer globex-inc (account 555566667777) is no longer in the file" in problem


def test_a_customer_who_was_told_nothing_may_go(folder: Folder) -> None:
    folder.write([ACME, GLOBEX]).in_use("acme")
    assert set(folder.write([ACME]).places()) == {"acme"}


@pytest.mark.parametrize("customers", [{"customer_keys": []}, {}])
def test_all_customers_at_once_may_not_go_either(folder: Folder, customers: dict[str, Any]) -> None:
    folder.write([ACME]).in_use("acme")
    (problem,) = folder.write(**customers).problems()
    assert "customer acme (account 444455556666) is no longer in the file" in problem


def test_the_whole_part_may_not_go_with_its_customers(folder: Folder) -> None:
    folder.write([ACME]).in_use("acme")
    vpc = {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}
    link = {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}}
    folder.write_all(prod={"account": "111122223333", "region": "us-east-1", "private_link": link})
    (problem,) = folder.problems()
    assert "customer acme (account 444455556666) is no longer in the file" in problem


def test_a_deployment_whose_customers_were_handed_over_may_not_go(folder: Folder) -> None:
    folder.write_all(prod=deployment([ACME, GLOBEX]), dev=deployment(role_name="other")).in_use("acme")
    assert folder.write_all(dev=deployment(role_name="other")).problems() == [
        "pinekeep.yaml:4:3: error: deployments: deployment prod is no longer in the file, nor are the roles that were "
        "handed over for 1 of its customers: acme\n"
        "  hint: restore it; if Pinecone may lose access to their keys, remove it from the ledger of customers too"
    ]


def test_a_deployment_whose_customers_were_told_nothing_may_go(folder: Folder) -> None:
    folder.write_all(prod=deployment([ACME]), dev=deployment(role_name="other")).in_use()
    assert folder.write_all(dev=deployment(role_name="other")).load()


# --- What may not change ---


def test_the_account_of_a_customer_who_was_handed_over_may_not_change(folder: Folder) -> None:
    folder.write([GLOBEX, ACME]).in_use("acme")
    assert folder.write([GLOBEX, {**ACME, "account": "666677778888"}]).problems() == [
        "pinekeep.yaml:16:18: error: deployments.prod.cmek.customer_keys[1].account: customer acme was handed over "
        "with account 444455556666; its key is there\n"
        "  hint: restore the account, or add a customer with another name"
    ]


def test_the_account_of_a_customer_who_was_told_nothing_may_change(folder: Folder) -> None:
    folder.write([ACME]).in_use()
    folder.write([{**ACME, "account": "666677778888"}])
    assert folder.in_use().of("prod")["acme"].account == "666677778888"


def test_keys_that_outgrow_the_role_are_refused_rather_than_moved(folder: Folder) -> None:
    everybody = crowd(1700)
    everybody[3]["key_arns"] = keys(everybody[3]["account"], 1)
    folder.write(everybody).in_use("c3")
    grown = [{**each, "key_arns": keys(each["account"], 80)} if each["name"] == "c3" else each for each in everybody]
    (problem,) = folder.write(grown).problems()
    assert problem.startswith("pinekeep.yaml:13:7: error: deployments.prod.cmek.customer_keys: ")
    assert (
        "the keys of customer c3 take 6,240 characters of policy, and role 1, which the customer was given, has no "
        "room for them: a role holds 10 managed policies with 6,007 characters each\n"
        "  hint: leave key_arns out, which takes one entry for the whole account, or remove keys"
    ) in problem


def test_keys_that_outgrow_the_policy_move_within_the_role_and_nobody_else_moves(folder: Folder) -> None:
    everybody = crowd(400)
    everybody[3]["key_arns"] = keys(everybody[3]["account"], 1)
    folder.write(everybody).in_use("c3")
    before = folder.places()
    grown = [{**each, "key_arns": keys(each["account"], 30)} if each["name"] == "c3" else each for each in everybody]
    after = folder.write(grown).places()
    assert {name for name in before if before[name] != after[name]} == {"c3"}
    assert after["c3"].role == before["c3"].role


# --- What a customer was given ---


def renamed(was: str, now: str, who: str = "customer acme was") -> str:
    return (
        f"{who} given the role arn:aws:iam::{was}, which would change to arn:aws:iam::{now}: Pinecone could no longer "
        "use their keys, and all data encrypted with them would be unreadable\n"
    )


def test_the_role_of_a_customer_who_was_handed_over_may_not_get_another_name(folder: Folder) -> None:
    folder.write([GLOBEX, ACME], role_name="ours").in_use("acme")
    assert folder.write([GLOBEX, ACME], role_name="theirs").problems() == [
        "pinekeep.yaml:17:18: error: deployments.prod.cmek.role_name: "
        + renamed("111122223333:role/ours", "111122223333:role/theirs")
        + "  hint: write role_name: ours; if Pinecone may lose access to their keys, write removed_roles: "
        "[arn:aws:iam::111122223333:role/ours]"
    ]


def test_a_role_name_left_out_is_another_name(folder: Folder) -> None:
    folder.write([GLOBEX, ACME], role_name="ours").in_use("acme", "globex-inc")
    assert folder.write([GLOBEX, ACME]).problems() == [
        "pinekeep.yaml:7:5: error: deployments.prod.cmek.role_name: "
        + renamed(
            "111122223333:role/ours",
            "111122223333:role/pinekeep-prod-us-east-1",
            who="customers globex-inc, acme were",
        )
        + "  hint: write role_name: ours; if Pinecone may lose access to their keys, write removed_roles: "
        "[arn:aws:iam::111122223333:role/ours]"
    ]


def test_another_region_is_another_name_where_none_is_given(folder: Folder) -> None:
    folder.write([ACME]).in_use("acme")
    moved = deployment([ACME])
    moved["region"] = "eu-west-1"
    (problem,) = folder.write_all(prod=moved).problems()
    assert "write role_name: pinekeep-prod-us-east-1" in problem
    moved["cmek"] = {**moved["cmek"], "role_name": "pinekeep-prod-us-east-1"}
    assert folder.write_all(prod=moved).load()


def test_a_role_may_not_move_to_another_account(folder: Folder) -> None:
    folder.write([ACME], role_name="ours").in_use("acme")
    moved = {**deployment([ACME], role_name="ours"), "account": "222233334444"}
    assert folder.write_all(prod=moved).problems() == [
        "pinekeep.yaml:5:14: error: deployments.prod.account: "
        + renamed("111122223333:role/ours", "222233334444:role/ours")
        + "  hint: restore account 111122223333; if Pinecone may lose access to their keys, write removed_roles: "
        "[arn:aws:iam::111122223333:role/ours]"
    ]


def test_a_further_roles_name_is_told_without_its_number(folder: Folder) -> None:
    folder.write(crowd(2000), role_name="ours-2").in_use("c0", *(f"c{each}" for each in range(1990, 2000)))
    first, second = folder.write(crowd(2000), role_name="theirs").problems()
    assert "customer c0 was given the role arn:aws:iam::111122223333:role/ours-2, which would change to arn" in first
    assert "customers c1990, c1991, c1992, c1993, c1994, … were given the role" in second
    assert "role/ours-2-2, which would change to arn:aws:iam::111122223333:role/theirs-2:" in second
    assert [each.count("write role_name: ours-2; if") for each in (first, second)] == [1, 1]


def test_a_role_of_customers_who_were_told_nothing_may_get_another_name(folder: Folder) -> None:
    folder.write([ACME], role_name="ours").in_use()
    assert folder.write([ACME], role_name="theirs").load()


def test_a_role_is_given_up_with_a_word_and_the_ledger_holds_the_next_one(folder: Folder) -> None:
    folder.write([ACME], role_name="ours").in_use("acme")
    old, new = (f"arn:aws:iam::111122223333:role/{name}" for name in ("ours", "theirs"))
    assert len(folder.write([ACME], role_name="theirs", removed_roles=[new[:-1], old[:-1]]).problems()) == 1
    folder.write([ACME], role_name="theirs", removed_roles=[old])
    assert folder.in_use().of("prod")["acme"].given == Given(new, (every("444455556666"),))
    (problem,) = folder.write([ACME], role_name="ours", removed_roles=[old]).problems()[1:]
    assert "removed_roles[0]: arn:aws:iam::111122223333:role/ours is the role of this deployment's customers" in problem


def test_a_key_of_a_customer_who_was_handed_over_may_not_go(folder: Folder) -> None:
    first, second, third = keys(ACME["account"], 3)
    folder.write([GLOBEX, {**ACME, "key_arns": [first, second]}]).in_use("acme")
    lost = (
        "no longer listed, {}: Pinecone could no longer use {them}, and all data encrypted with {them} would be "
        "unreadable\n"
    )
    place = "deployments.prod.cmek.customer_keys[1].key_arns: customer acme was handed over with "
    assert folder.write([GLOBEX, {**ACME, "key_arns": [second, third]}]).problems() == [
        f"pinekeep.yaml:18:9: error: {place}a key that is {lost.format(first, them='it')}"
        f"  hint: restore it, or write removed_keys: [{first}] to confirm the removal"
    ]
    both = f"{first}, {second}"
    assert folder.write([GLOBEX, {**ACME, "key_arns": [third]}]).problems() == [
        f"pinekeep.yaml:18:9: error: {place}keys that are {lost.format(both, them='them')}"
        f"  hint: restore them, or write removed_keys: [{both}] to confirm the removal"
    ]


def test_a_key_goes_with_a_word_and_leaves_the_ledger(folder: Folder) -> None:
    first, second = keys(ACME["account"], 2)
    folder.write([{**ACME, "key_arns": [first, second]}]).in_use("acme")
    folder.write([{**ACME, "key_arns": [second]}], removed_keys=[first])
    assert folder.in_use().of("prod")["acme"].given == Given(ROLE, (second,))
    assert folder.write([{**ACME, "key_arns": [second]}]).load(), "the word is needed until it is deployed"


def test_keys_come_and_change_their_order_and_are_kept_from_then_on(folder: Folder) -> None:
    first, second, third = keys(ACME["account"], 3)
    folder.write([{**ACME, "key_arns": [first, second]}]).in_use("acme")
    folder.write([{**ACME, "key_arns": [third, second, first]}]).in_use()
    (problem,) = folder.write([{**ACME, "key_arns": [first, second]}]).problems()
    assert f"handed over with a key that is no longer listed, {third}: " in problem


def test_keys_of_a_customer_who_was_told_nothing_may_go(folder: Folder) -> None:
    folder.write([{**ACME, "key_arns": keys(ACME["account"], 2)}]).in_use()
    assert folder.write([{**ACME, "key_arns": keys(ACME["account"], 1)}]).load()


def test_every_key_of_an_account_holds_those_that_were_named(folder: Folder) -> None:
    folder.write([{**ACME, "key_arns": keys(ACME["account"], 2)}]).in_use("acme")
    folder.write([ACME]).in_use()
    assert folder.load().rosters.ledger.of("prod")["acme"].given == Given(ROLE, (every("444455556666"),))


@pytest.mark.parametrize(("number", "named"), [(1, "1 is listed"), (2, "2 are listed")])
def test_a_customer_with_every_key_may_not_be_left_with_some_without_a_word(
    folder: Folder, number: int, named: str
) -> None:
    folder.write([GLOBEX, ACME]).in_use("acme")
    some: Customers = [GLOBEX, {**ACME, "key_arns": keys(ACME["account"], number)}]
    assert folder.write(some).problems() == [
        "pinekeep.yaml:18:9: error: deployments.prod.cmek.customer_keys[1].key_arns: customer acme was handed over "
        f"with every key of account 444455556666, and now {named}: Pinecone could no longer use the others, and "
        "all data encrypted with them would be unreadable\n"
        "  hint: remove key_arns, or write removed_keys: [arn:aws:kms:*:444455556666:key/*] if Pinecone was given "
        "none of the others"
    ]
    folder.write(some, removed_keys=["arn:aws:kms:*:444455556666:key/*"])
    assert folder.in_use().of("prod")["acme"].given == Given(ROLE, tuple(keys(ACME["account"], number)))


def test_of_many_keys_that_went_some_are_named(folder: Folder) -> None:
    many = keys(ACME["account"], 9)
    folder.write([{**ACME, "key_arns": many}]).in_use("acme")
    (problem,) = folder.write([{**ACME, "key_arns": many[:1]}]).problems()
    assert f"no longer listed, {', '.join(many[1:6])}, …: " in problem


def test_whether_five_keys_or_more_went_is_told(folder: Folder) -> None:
    many = keys(ACME["account"], 6)
    folder.write([{**ACME, "key_arns": many}]).in_use("acme")
    (problem,) = folder.write([{**ACME, "key_arns": many[:1]}]).problems()
    assert f"no longer listed, {', '.join(many[1:])}: " in problem


def test_the_customers_of_every_deployment_are_looked_at(folder: Folder) -> None:
    vpc = {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}
    link = {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}}
    first = {"account": "111122223333", "region": "us-east-1", "private_link": link}
    second = deployment(role_name="second")
    folder.write_all(first=first, second=second, third=deployment([ACME], role_name="ours")).in_use("acme")
    folder.write_all(first=first, second=second, third=deployment([ACME], role_name="theirs"))
    (problem,) = folder.problems()
    assert "deployments.third.cmek.role_name: customer acme was given the role" in problem


def test_the_role_that_is_made_without_a_name_cannot_be_given_up_and_kept(folder: Folder) -> None:
    (problem,) = folder.write([ACME], removed_roles=[ROLE]).problems()
    assert f"removed_roles[0]: {ROLE} is the role of this deployment's customers" in problem


# --- A ledger of the first version ---


def old_ledger(folder: Folder) -> None:
    """Write the ledger as the first version of its format had it: nobody knows with which role and keys."""
    found = json.loads(folder.ledger.read_text())
    for residents in found["deployments"].values():
        for each in residents.values():
            each["handed_over"] = each["handed_over"] is not None
    folder.ledger.write_text(json.dumps({**found, "version": 1}))


def test_an_old_ledger_keeps_everybody_where_they_are_and_is_warned_about(folder: Folder) -> None:
    folder.write([ACME, GLOBEX]).in_use("acme")
    old_ledger(folder)
    configuration = folder.load()
    assert configuration.rosters.ledger.of("prod")["acme"].given == Given(None, None)
    assert configuration.rosters.ledger.of("prod")["globex-inc"].given is None
    (warning,) = configuration.warnings
    assert warning.render(FILE) == (
        "pinekeep.yaml:13:7: warning: deployments.prod.cmek.customer_keys: the ledger of customers has an old "
        "format without the roles and keys that were handed over, so a change would not be detected for acme\n"
        "  hint: make sure that role and keys are unchanged; `pinekeep deploy` then records them"
    )


@pytest.mark.parametrize("unknown", ["role_arn", "keys"])
def test_what_is_half_written_down_is_warned_about(folder: Folder, unknown: str) -> None:
    folder.write([ACME]).in_use("acme")
    found = json.loads(folder.ledger.read_text())
    found["deployments"]["prod"]["acme"]["handed_over"][unknown] = None
    folder.ledger.write_text(json.dumps(found))
    assert [each.code for each in folder.load().warnings] == ["customers-given-unknown"]


def test_an_old_ledger_still_keeps_customers_from_going(folder: Folder) -> None:
    folder.write([ACME, GLOBEX]).in_use("acme")
    old_ledger(folder)
    (problem,) = folder.write([GLOBEX]).problems()
    assert "customer acme (account 444455556666) is no longer in the file" in problem


def test_an_old_ledger_becomes_a_new_one_without_loss(folder: Folder) -> None:
    dev = deployment(crowd(1), role_name="other")
    folder.write_all(prod=deployment([ACME, GLOBEX]), dev=dev)
    wanted = folder.in_use("acme", "c0")
    old_ledger(folder)
    configuration = folder.load()
    half = ledger_after(configuration.content, configuration.rosters, deployments=frozenset({"prod"}))
    write_ledger(folder.ledger, half)
    assert half.of("prod") == wanted.of("prod")
    assert read_ledger(folder.ledger).of("dev")["c0"].given == Given(None, None), "not deployed yet"
    assert [each.setting for each in folder.load().warnings] == ["deployments.dev.cmek.customer_keys"]
    assert folder.in_use() == wanted
    assert not folder.load().warnings


# --- The names of the roles ---


@pytest.mark.parametrize(("length", "right"), [(62, True), (63, False), (64, False)])
def test_a_role_name_leaves_room_for_the_number_of_the_last_role(folder: Folder, length: int, right: bool) -> None:
    name = "r" * length
    folder.write(crowd(2000), role_name=name)
    if right:
        assert len(folder.load().rosters.packings["prod"].roles) == 2
        return
    (problem,) = folder.problems()
    assert problem.endswith(
        "error: deployments.prod.cmek.role_name: the customers need 2 roles, and the name of the last one, "
        f"which ends in -2, has {length + 2} characters; a role's name has at most 64\n"
        "  hint: choose a shorter role_name"
    )


def test_a_role_name_may_be_as_long_as_iam_takes_where_one_role_will_do(folder: Folder) -> None:
    assert folder.write([ACME], role_name="r" * 64).load()


@pytest.mark.parametrize("taken", ["ours-2", "OURS-2"])
def test_a_further_role_may_not_have_the_name_of_another_deployments_role(folder: Folder, taken: str) -> None:
    folder.write_all(prod=deployment(crowd(2000), role_name="ours"), dev=deployment(role_name=taken))
    (problem,) = folder.problems()
    assert (
        f"deployments.dev.cmek.role_name: deployment prod already creates the role {taken} in account 111122223333; "
        "a role exists in all Regions of its account\n"
        "  hint: give each deployment a role_name of its own"
    ) in problem


def test_a_further_role_of_another_account_may_have_the_name(folder: Folder) -> None:
    other = {**deployment(role_name="ours-2"), "account": "222233334444"}
    assert folder.write_all(prod=deployment(crowd(2000), role_name="ours"), dev=other).load()


def test_a_name_that_no_further_role_needs_is_free(folder: Folder) -> None:
    assert folder.write_all(prod=deployment([ACME], role_name="ours"), dev=deployment(role_name="ours-2")).load()


def test_a_role_name_that_is_made_leaves_room_for_a_number_too(folder: Folder) -> None:
    name = "d" * 40
    far = {**deployment(crowd(2000)), "region": "ap-southeast-1"}
    (problem,) = folder.write_all(**{name: far}).problems()
    assert "the name of the last one, which ends in -2, has 66 characters" in problem


def test_a_further_role_that_is_made_without_a_name_may_not_have_another_ones(folder: Folder) -> None:
    other = deployment(role_name="pinekeep-prod-us-east-1-2")
    (problem,) = folder.write_all(prod=deployment(crowd(2000)), dev=other).problems()
    assert "deployment prod already creates the role pinekeep-prod-us-east-1-2 in account 111122223333" in problem


@pytest.mark.parametrize("free", ["ours-0", "ours-2"])
def test_a_name_that_no_role_needs_is_free_where_there_are_no_customers(folder: Folder, free: str) -> None:
    first, last = deployment(role_name="ours"), deployment([ACME], role_name="last")
    assert folder.write_all(prod=first, dev=deployment(role_name=free), last=last).load()


def test_names_are_compared_whatever_comes_before(folder: Folder) -> None:
    vpc = {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}
    link = {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}}
    first = {"account": "111122223333", "region": "us-east-1", "private_link": link}
    second = deployment(crowd(2000), role_name="ours")
    folder.write_all(first=first, second=second, third=deployment(role_name="ours-2"))
    with pytest.raises(ConfigurationError) as caught:
        folder.load()
    assert [each.code for each in caught.value.problems] == ["role-name-taken"]


def test_programs_know_a_long_name_by_its_code(folder: Folder) -> None:
    with pytest.raises(ConfigurationError) as caught:
        folder.write(crowd(2000), role_name="r" * 63).load()
    assert [each.code for each in caught.value.problems] == ["role-name-length"]


def test_what_does_not_fit_in_one_deployment_hides_nothing_in_another(folder: Folder) -> None:
    large = [{**ACME, "key_arns": keys(ACME["account"], 1000)}]
    folder.write_all(prod=deployment(large), dev=deployment(crowd(2000), role_name="r" * 63))
    with pytest.raises(ConfigurationError) as caught:
        folder.load()
    assert [each.code for each in caught.value.problems] == ["customers-do-not-fit", "role-name-length"]


def test_the_permission_to_describe_keys_takes_room(folder: Folder) -> None:
    everybody = [{**each, "key_arns": keys(each["account"], 1)} for each in crowd(100)]
    first = {
        describe: folder.write(everybody, **({"describe_customer_keys": True} if describe else {}))
        .load()
        .rosters.packings["prod"]
        .roles[0]
        .policies[0]
        for describe in (False, True)
    }
    assert (len(first[False]), len(first[True])) == (77, 76)


# --- A ledger that is damaged ---


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 0, "deployments": {}}'])
def test_with_a_damaged_ledger_nothing_is_loaded_and_nothing_written(folder: Folder, content: str) -> None:
    folder.write([ACME])
    folder.ledger.write_text(content)
    with pytest.raises(WrongInputError, match=r"pinekeep\.customers\.json is not a ledger of customers") as caught:
        folder.load()
    assert "bring it back from version control" in str(caught.value.hint)
    assert folder.ledger.read_text() == content


def test_the_problems_of_the_file_come_before_those_of_the_ledger(folder: Folder) -> None:
    folder.write([ACME, ACME])
    folder.ledger.write_text("{")
    assert len(folder.problems()) == 2
