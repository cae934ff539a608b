"""``pinekeep monitoring fence``: the files, the same bytes each time, and what is refused."""

import json
from pathlib import Path

import pytest

from tests.command_support import EXTERNAL_ID, GOOD, Run, external_id_of

ADMINISTRATOR = "arn:aws:iam::111122223333:role/key-*"
FENCE = f'    monitoring: {{emails: [ops@example.com], fence: {{administrators: ["{ADMINISTRATOR}"]}}}}\n'
FENCED = GOOD + FENCE
BODY = FENCED.partition("deployments:\n")[2]


def also(name: str, *, account: str = "111122223333", region: str = "us-east-1", text: str = BODY) -> str:
    """Return a further fenced deployment: its key and role alone."""
    text = text.replace("search-prod", name).replace(EXTERNAL_ID, external_id_of(name)).replace("111122223333", account)
    text = text.replace("region: us-east-1", f"region: {region}").replace("[us-east-1]", f"[{region}]")
    start, end = text.index("    private_link:"), text.index("    monitoring:")
    return text[:start] + text[end:]


def files_in(folder: Path) -> dict[str, str]:
    return {str(each.relative_to(folder)): each.read_text() for each in sorted(folder.rglob("*")) if each.is_file()}


@pytest.fixture
def write(folder: Path) -> Path:
    path = folder / "pinekeep.yaml"
    path.write_text(FENCED)
    return path


def test_the_folder_has_the_policy_the_hook_and_a_page(pinekeep: Run, write: Path, folder: Path) -> None:
    result = pinekeep("monitoring", "fence", "--out", "out", "--json")
    assert result.code == 0, result.err
    said = result.require_schema("monitoring fence")
    here = "out/111122223333"
    assert said["readme"] == "out/README.md"
    (account,) = said["accounts"]
    (policy,) = account["policies"]
    assert account["hooks"] == [
        {
            "region": "us-east-1",
            "rules": f"{here}/us-east-1/guard-rules.guard",
            "template": f"{here}/us-east-1/guard-hook.template.json",
            "deployments": ["search-prod"],
        }
    ]
    scp = (folder / policy["file"]).read_text()
    assert (policy["file"], policy["characters"]) == (f"{here}/scp.json", len(scp))
    assert {each["Effect"] for each in json.loads(scp)["Statement"]} == {"Deny"}
    role = "arn:aws:iam::111122223333:role/pinekeep-search-prod-us-east-1"
    assert said["deployments"] == [
        {
            "deployment": "search-prod",
            "key": "alias/pinecone/search-prod",
            "roles": [role],
            "administrators": [ADMINISTRATOR],
            "minimum_waiting_days": 30,
        }
    ]
    for text in ("alias/pinecone/search-prod", role, ADMINISTRATOR):
        assert f'"{text}"' in scp
    page = (folder / "out/README.md").read_text()
    assert "--content file://111122223333/scp.json" in page
    assert ADMINISTRATOR in page


def test_the_bytes_are_the_same_each_time_and_hold_no_external_id(pinekeep: Run, write: Path, folder: Path) -> None:
    first = pinekeep("monitoring", "fence", "--out", "out")
    before = files_in(folder / "out")
    assert pinekeep("monitoring", "fence", "--out", "out").out == first.out
    assert files_in(folder / "out") == before
    assert not any(EXTERNAL_ID in text for text in before.values())
    assert {f"out/{name}" for name in before} == set(first.out.splitlines())


def test_each_account_and_region_has_its_files(pinekeep: Run, write: Path, folder: Path) -> None:
    elsewhere = also("abroad", region="eu-west-1") + also("theirs", account="444455556666", region="eu-west-1")
    write.write_text(FENCED + elsewhere)
    result = pinekeep("monitoring", "fence", "--out", "out", "--json")
    assert result.code == 0, result.err
    accounts = result.require_schema("monitoring fence")["accounts"]
    found = {(each["account"], *(hook["region"] for hook in each["hooks"])) for each in accounts}
    assert found == {("111122223333", "us-east-1", "eu-west-1"), ("444455556666", "eu-west-1")}
    scp = (folder / "out/111122223333/scp.json").read_text()
    assert "alias/pinecone/search-prod" in scp
    assert "alias/pinecone/abroad" in scp
    assert "theirs" not in scp
    rules = (folder / "out/111122223333/eu-west-1/guard-rules.guard").read_text()
    assert "Pinekeep-abroad-Cmek" in rules
    assert "Pinekeep-search-prod-Cmek" not in rules


def test_many_deployments_get_several_policies_and_an_old_one_is_removed(
    pinekeep: Run, write: Path, folder: Path
) -> None:
    many = "".join(also(f"deployment-number-{number}") for number in range(12))
    write.write_text(FENCED + many)
    result = pinekeep("monitoring", "fence", "--out", "out", "--json")
    assert result.code == 0, result.err
    (account,) = result.require_schema("monitoring fence")["accounts"]
    names = [name for each in account["policies"] for name in each["deployments"]]
    assert names == ["search-prod", *(f"deployment-number-{number}" for number in range(12))]
    assert [Path(each["file"]).name for each in account["policies"]][:2] == ["scp.json", "scp-2.json"]
    assert all(each["characters"] <= 5120 for each in account["policies"])
    assert f"Attach all {len(account['policies'])}." in (folder / "out/README.md").read_text()
    assert pinekeep("monitoring", "fence", "--out", "out", "--deployment", "search-prod").code == 0
    assert [each.name for each in (folder / "out/111122223333").glob("scp*")] == ["scp.json"]


def test_the_policies_of_customers_keys_are_protected(pinekeep: Run, write: Path, folder: Path) -> None:
    customers = '      customer_keys: [{name: acme, account: "444455556666"}]\n'
    write.write_text(FENCED.replace("    private_link:", f"{customers}    private_link:"))
    assert pinekeep("monitoring", "fence", "--out", "out").code == 0
    scp = json.loads((folder / "out/111122223333/scp.json").read_text())
    (policies,) = (each for each in scp["Statement"] if each["Sid"] == "RolePolicies")
    assert policies["Resource"] == "arn:aws:iam::111122223333:policy/pinekeep-search-prod-us-east-1-keys-*"


def test_without_the_setting_nothing_is_written(pinekeep: Run, write: Path, folder: Path) -> None:
    write.write_text(GOOD)
    result = pinekeep("monitoring", "fence", "--out", "out")
    assert result.code == 2
    assert "no selected deployment has monitoring.fence" in result.err
    assert "monitoring: {fence: {administrators: " in result.err
    assert not (folder / "out").exists()


def test_a_policy_that_is_too_large_is_refused_before_anything_is_written(
    pinekeep: Run, write: Path, folder: Path
) -> None:
    large = ", ".join(f'"arn:aws:iam::111122223333:role/administrator-{number}"' for number in range(50))
    write.write_text(FENCED.replace(f'"{ADMINISTRATOR}"', large))
    result = pinekeep("monitoring", "fence", "--out", "out")
    assert result.code == 2
    assert "the service control policy of search-prod would have " in result.err
    assert "AWS Organizations takes 5,120" in result.err
    assert not (folder / "out").exists()


def test_a_key_with_a_shorter_waiting_period_is_refused(pinekeep: Run, write: Path, folder: Path) -> None:
    write.write_text(FENCED.replace("    private_link:", "      key: {deletion_window_days: 7}\n    private_link:"))
    result = pinekeep("monitoring", "fence", "--out", "out")
    assert result.code == 2
    assert "deletion_window_days is 7, less than the fence's minimum_waiting_days, 30" in result.err
    assert "write deletion_window_days: 30 under cmek.key" in result.err
    assert not (folder / "out").exists()


def test_a_folder_that_cannot_be_written_is_told(pinekeep: Run, write: Path, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out/111122223333").write_text("a file")
    result = pinekeep("monitoring", "fence", "--out", "out")
    assert result.code == 2
    assert "cannot be written" in result.err
