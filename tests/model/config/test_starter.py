import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pinekeep.model.config import ConfigurationError, load
from pinekeep.model.config.schema import json_schema
from pinekeep.model.config.starter import ACCOUNT_PLACEHOLDER, starter_file
from tools.doc_blocks.settings import settings

ID = "0f9a2f0e-6c62-4d8e-9a0b-5a3c1f7e2b44"
MODES = {
    **dict.fromkeys(("client_vpc_ids", "client_vpcs", "hosted_zone_id"), "hosted-zone"),
    "profile_id": "profile",
    "resolver": "resolver-inbound",
}
"""The DNS mode with which an optional setting has an effect."""
OTHER = """\
  search-api:
    account: "111122223333"
    region: us-east-1
    private_link: {vpc: {id: vpc-0b1b2c3d, adopt: vpce-0b1b2c3d}}
""".splitlines()


def without(text: list[str], first: str) -> list[str]:
    """Return a file without a setting and all that is in it."""
    start = text.index(first)
    depth = len(first) - len(first.lstrip())
    end = next(
        (
            number
            for number, each in enumerate(text[start + 1 :], start + 1)
            if each.strip() and len(each) - len(each.lstrip()) <= depth
        ),
        len(text),
    )
    return [*text[:start], *text[end:]]


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def run(text: str) -> Path:
        path = tmp_path / "pinekeep.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return run


def filled_in(text: str) -> str:
    first, second = "740000000001", "111122223333"
    return text.replace(ACCOUNT_PLACEHOLDER, first, 1).replace(ACCOUNT_PLACEHOLDER, second, 1)


def test_it_is_refused_until_both_accounts_are_filled_in_and_for_nothing_else(put: Any) -> None:
    path = put(starter_file(ID))
    with pytest.raises(ConfigurationError) as error:
        load(path)
    assert [problem.render("pinekeep.yaml") for problem in error.value.problems] == [
        "pinekeep.yaml:7:19: error: pinecone_account: 'XXXXXXXXXXXX' is a placeholder, not an account number\n"
        "  hint: the Pinecone console shows Pinecone's AWS account under Manage > CMEK > Add CMEK",
        "pinekeep.yaml:14:14: error: deployments.search-prod.account: 'XXXXXXXXXXXX' is a placeholder, not an account "
        "number\n  hint: `aws sts get-caller-identity` prints the account of your credentials",
    ]


def test_it_loads_once_they_are_filled_in(put: Any) -> None:
    configuration = load(put(filled_in(starter_file(ID))))
    assert configuration.warnings == ()
    (deployment,) = configuration.deployments.values()
    assert deployment.cmek is not None
    assert deployment.private_link is not None
    assert deployment.cmek.trust.external_id == ID


def test_it_fits_the_schema() -> None:
    Draft202012Validator(json_schema()).validate(yaml.safe_load(filled_in(starter_file(str(uuid.uuid4())))))


def test_it_speaks_of_every_setting_and_no_line_is_too_long() -> None:
    text = starter_file(ID)
    for setting in settings():
        if setting.path.startswith("fleet."):
            continue  # examples/fleet has them
        assert f"{setting.path.rpartition('.')[2]}:" in text, setting.path
    assert max(map(len, text.splitlines())) <= 120


def test_every_optional_line_works_when_it_is_uncommented(put: Any) -> None:
    lines = filled_in(starter_file(ID)).splitlines()
    optional = [index for index, line in enumerate(lines) if line.lstrip().startswith("#   ")]
    assert len(optional) == 51
    for index in optional:
        line = lines[index].replace("#   ", "", 1)
        name = line.strip().partition(":")[0]
        text = [*lines]
        text[index] = line
        if name == "vpc":
            text = without(text, "      vpc:")
        if name == "adopt":
            text = [each for each in text if not each.strip().startswith(("rotation_", "multi_", "deletion_", "admin"))]
        if mode := MODES.get(name):
            text = [each.replace("dns: endpoint", f"dns: {mode}") for each in text]
        if name in {"ip_address_type", "security_group_ids"}:
            existing = next(each for each in lines if "#   vpc: {id" in each).replace("#   ", "")
            text = without(text, "      vpc:")
            text.insert(text.index("      clients:"), existing)
        if name == "security_group_ids" or (name == "vpc" and "adopt" in line):
            text = without(text, "      clients:")
        if name == "project_of":
            text = [*without(text, "    cmek:"), *OTHER]
        assert load(put("\n".join(text) + "\n")).deployments, name
