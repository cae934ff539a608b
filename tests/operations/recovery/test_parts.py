from pathlib import Path

import pytest

from pinekeep.account.credentials.access import Access
from pinekeep.errors import PinekeepError
from pinekeep.model.config import load
from pinekeep.operations.recovery.recovery import Recovery

FILE = """
version: 1
pinecone_account: "740000000001"
deployments: {prod: {account: "111122223333", region: us-east-1, %s}}
"""
LOGS = "audit_logs: {bucket: {name: acme-logs, lock: {days: 365}}}"
CMEK = "cmek: {trust: {regions: [us-east-1], external_id: 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13}}"


@pytest.mark.parametrize(("setting", "part", "other"), [(LOGS, "cmek", "storage"), (CMEK, "storage", "cmek")])
def test_a_part_that_the_deployment_lacks_is_refused_with_the_one_it_has(
    setting: str, part: str, other: str, tmp_path: Path
) -> None:
    path = tmp_path / "pinekeep.yaml"
    path.write_text(FILE % setting)
    file = load(path)
    access = Access.of_the_user(file.deployments)
    with pytest.raises(PinekeepError, match="to recover") as refused:
        Recovery(file, "prod", file.deployments["prod"], part=part, access=access, tell=print)
    assert refused.value.hint == f"pinekeep recover --only {other} --deployment prod"
