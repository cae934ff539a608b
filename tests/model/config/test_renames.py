"""A deployment that the file calls otherwise than AWS does keeps all its names there."""

from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import ConfigurationError, load
from pinekeep.model.config.models import alias_of, role_name_of
from tests.command_support import GOOD

RENAMED = GOOD.replace("  search-prod:\n", "  search-live:\n    name_in_aws: search-prod\n")


def test_everything_in_aws_keeps_the_name_that_it_was_deployed_with(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.yaml"
    path.write_text(RENAMED)
    ((name, deployment),) = load(path).deployments.items()
    assert name == "search-prod"
    assert role_name_of(name, deployment) == "pinekeep-search-prod-us-east-1"
    assert alias_of(name, deployment) == "alias/pinecone/search-prod"
    assert naming.cmek_stack(name) == "Pinekeep-search-prod-Cmek"


@pytest.mark.parametrize("name", ["search-live", "search-prod"])
def test_either_name_selects_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "pinekeep.yaml"
    path.write_text(RENAMED)
    assert list(load(path).select([name])) == ["search-prod"]
    with pytest.raises(WrongInputError, match="has no deployment"):
        load(path).select(["search-test"])


def test_a_name_in_aws_of_another_deployment_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.yaml"
    second = GOOD[GOOD.index("  search-prod:") :].replace("search-prod:", "other:\n    name_in_aws: search-prod")
    path.write_text(GOOD + second)
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert "name-in-aws-taken" in {each.code for each in caught.value.problems}


def test_two_deployments_may_exchange_their_names(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.yaml"
    first = GOOD.replace("search-prod:", "a:\n    name_in_aws: b").replace("10.20", "10.30")
    second = GOOD[GOOD.index("  search-prod:") :].replace("search-prod:", "b:\n    name_in_aws: a")
    path.write_text(first + second)
    assert list(load(path).deployments) == ["b", "a"]


def test_a_problem_of_a_renamed_deployment_stands_where_it_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.yaml"
    path.write_text(RENAMED.replace("region: us-east-1", "region: us-east-9"))
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    (problem,) = [each for each in caught.value.problems if each.setting.endswith(".region")]
    assert problem.position is not None
    assert "us-east-9" in path.read_text().splitlines()[problem.position.line - 1]


@pytest.mark.parametrize("wrong", ["7", "[]", "{}", "Search", "''"])
def test_what_is_no_name_is_refused_by_its_model_and_hurts_nothing(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "pinekeep.yaml"
    path.write_text(RENAMED.replace("name_in_aws: search-prod", f"name_in_aws: {wrong}"))
    with pytest.raises(ConfigurationError):
        load(path)
