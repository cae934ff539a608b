from pathlib import Path

import pytest

from pinekeep.model.config import ConfigurationError, load
from pinekeep.model.config.private_link import ExistingVpc

FILE = """\
version: 1
deployments:
  search:
    account: "111122223333"
    region: us-east-1
    tags: {team: search}
    assume_role: arn:aws:iam::111122223333:role/deployer
    private_link:
      vpc: {id: vpc-0a1b2c3d, subnet_ids: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
      clients: {cidrs: [10.0.0.0/16]}
      further_endpoints:
        analytics:
          vpc: {id: vpc-0a1b2c4d, subnet_ids: [subnet-0a1b2c4d, subnet-0a1b2c4e]}
          clients: {cidrs: [10.1.0.0/16]}
          dns: none
"""


def put(folder: Path, text: str) -> Path:
    path = folder / "pinekeep.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_further_endpoint_is_a_deployment_with_its_parents_account_region_credentials_and_project(
    tmp_path: Path,
) -> None:
    search, analytics = load(put(tmp_path, FILE)).deployments.items()
    assert (search[0], analytics[0]) == ("search", "search-analytics")
    for setting in ("account", "region", "tags", "assume_role"):
        assert getattr(analytics[1], setting) == getattr(search[1], setting)
    assert analytics[1].project_of == "search"
    assert analytics[1].cmek is None
    link = analytics[1].private_link
    assert link is not None
    assert isinstance(link.vpc, ExistingVpc)
    assert (link.vpc.id, link.dns, link.clients.cidrs) == ("vpc-0a1b2c4d", "none", ["10.1.0.0/16"])


def test_its_parent_is_as_it_would_be_without_it(tmp_path: Path) -> None:
    alone = FILE[: FILE.index("      further_endpoints")]
    assert load(put(tmp_path, FILE)).deployments["search"] == load(put(tmp_path, alone)).deployments["search"]


def test_it_follows_its_parents_name_in_aws_and_is_found_by_both_names(tmp_path: Path) -> None:
    text = FILE.replace("  search:", "  web:").replace("    tags:", "    name_in_aws: search\n    tags:")
    configuration = load(put(tmp_path, text))
    assert list(configuration.deployments) == ["search", "search-analytics"]
    assert list(configuration.select(["web-analytics"])) == ["search-analytics"]
    assert configuration.deployments["search-analytics"].project_of == "search"


def test_what_it_shares_with_its_parent_is_reported_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(put(tmp_path, FILE.replace('"111122223333"', '"11112222"')))
    assert [(each.path[1], each.position and each.position.line) for each in error.value.problems] == [("search", 4)]


def test_a_problem_has_its_place_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(put(tmp_path, FILE.replace("10.1.0.0/16", "10.1.0.0/33")))
    (problem,) = error.value.problems
    line = next(number for number, each in enumerate(FILE.splitlines(), 1) if "10.1.0.0" in each)
    assert problem.position
    assert (problem.position.line, problem.code) == (line, "cidr")


@pytest.mark.parametrize("what", ["[]", "{analytics: }", "{1: {}}", "{Analytics: {vpc: {}}}", "analytics"])
def test_what_is_no_further_endpoint_is_refused_with_a_sentence(tmp_path: Path, what: str) -> None:
    text = FILE[: FILE.index("      further_endpoints")] + f"      further_endpoints: {what}\n"
    with pytest.raises(ConfigurationError) as error:
        load(put(tmp_path, text))
    assert all(each.position and each.position.line == 11 for each in error.value.problems), error.value.problems


def test_a_further_endpoint_has_no_audit_logs_no_integrations_and_no_monitoring(tmp_path: Path) -> None:
    whole = """\
    audit_logs: {bucket: {name: example-audit-logs, lock: {days: 365}}}
    storage_integrations: {imports: {use: import, bucket: example-vectors}}
    monitoring: {emails: [ops@example.com]}
"""
    (tmp_path / "pinekeep.yaml").write_text(FILE.rstrip() + "\n" + whole)
    deployments = load(tmp_path / "pinekeep.yaml").deployments
    first, *further = deployments.values()
    assert first.audit_logs
    assert first.monitoring
    assert further
    assert not any(each.audit_logs or each.storage_integrations or each.monitoring for each in further)
