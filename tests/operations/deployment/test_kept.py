import pytest

from pinekeep.model.config.models import Deployment
from pinekeep.operations.deployment.kept import kept


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ({"years": 1}, "in its first year"),
        ({"years": 3}, "in its first 3 years"),
        ({"days": 1}, "in its first day"),
        ({"days": 30}, "in its first 30 days"),
    ],
)
def test_a_locked_bucket_that_is_kept_says_for_how_long(lock: dict[str, int], words: str) -> None:
    logs = {"bucket": {"name": "acme-logs", "lock": {"mode": "governance", **lock}}}
    deployment = Deployment.model_validate({"account": "111122223333", "region": "us-east-1", "audit_logs": logs})
    (why,) = (each.why for each in kept("prod", deployment, "storage") if each.what == "bucket acme-logs")
    assert why.endswith(f"nobody without s3:BypassGovernanceRetention can delete a file {words}")
