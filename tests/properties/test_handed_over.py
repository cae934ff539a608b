"""Whoever was handed over keeps its role and its keys, whatever else the file says."""

import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from pinekeep.model.config.models import PinekeepFile
from pinekeep.model.config.roster import ledger_after, make_rosters
from pinekeep.model.customers.ledger import Ledger, read_ledger, write_ledger
from pinekeep.model.naming import customer_id
from tests.properties.configurations import Data, configurations
from tests.properties.loaded import loaded
from tests.properties.settings import tried


def handed_over(data: Data) -> Ledger:
    """Return the ledger once everybody has been handed over and everything is deployed."""
    configuration = loaded(data)
    everybody = {each for packing in configuration.rosters.packings.values() for each in packing.places}
    return ledger_after(
        configuration.content,
        configuration.rosters,
        deployments=frozenset(configuration.deployments),
        handed_over=frozenset(everybody),
    )


def customers(data: Data) -> list[tuple[str, Data, Data]]:
    """Return each deployment with each of its customers."""
    return [
        (name, deployment, customer)
        for name, deployment in data["deployments"].items()
        for customer in deployment.get("cmek", {}).get("customer_keys", ())
    ]


def codes(data: Data, ledger: Ledger) -> list[str]:
    return [each.code for each in make_rosters(PinekeepFile.model_validate(data), ledger).problems]


@tried(20)
@given(configurations())
def test_the_same_file_is_taken_again_and_everybody_stays(data: Data) -> None:
    ledger = handed_over(data)
    rosters = make_rosters(loaded(data).content, ledger)
    assert not rosters.problems
    assert rosters.packings == loaded(data).rosters.packings
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pinekeep.customers.json"
        write_ledger(path, ledger)
        kept = {name: dict(residents) for name, residents in ledger.residents.items() if residents}
        assert read_ledger(path).residents == kept


@tried(20)
@given(configurations(), st.randoms(use_true_random=False))
def test_another_role_is_refused_for_whoever_was_handed_over(data: Data, chance: Any) -> None:
    assume(customers(data))
    ledger = handed_over(data)
    changed = deepcopy(data)
    _, deployment, _ = chance.choice(customers(changed))
    deployment["cmek"]["role_name"] = "another-one"
    assert "customers-role-changed" in codes(changed, ledger)


@tried(20)
@given(configurations(), st.randoms(use_true_random=False))
def test_no_customer_and_no_key_goes_without_a_word(data: Data, chance: Any) -> None:
    assume(customers(data))
    ledger = handed_over(data)
    changed = deepcopy(data)
    name, deployment, customer = chance.choice(customers(changed))
    cmek = deployment["cmek"]
    if len(customer.get("key_arns", ())) > 1:
        gone = customer["key_arns"].pop(chance.randrange(len(customer["key_arns"])))
        assert codes(changed, ledger) == ["customer-key-removed"]
        cmek["removed_keys"] = [*cmek.get("removed_keys", ()), gone]
    else:
        cmek["customer_keys"].remove(customer)
        assert codes(changed, ledger) == ["customer-removed"]
        cmek["removed_customers"] = [customer["name"]]
        assert customer_id(customer["name"]) in ledger.of(name)
    assert codes(changed, ledger) == []
