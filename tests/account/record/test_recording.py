"""What of a handover is recorded."""

from typing import Any, cast

from pinekeep.account.credentials.access import Access
from pinekeep.account.record.recording import note_handoff
from pinekeep.model.config import Deployment


class Nothing:
    """Access to accounts of which nothing is to be asked."""

    def require_accounts(self, *_: Any, **__: Any) -> None:
        return


def test_of_audit_logs_alone_nothing_is_recorded_since_all_of_it_can_be_changed_later() -> None:
    bucket = {"name": "example-audit-logs", "lock": {"days": 365}}
    settings = {"account": "111122223333", "region": "us-east-1", "audit_logs": {"bucket": bucket}}
    deployments = {"a": Deployment.model_validate(settings)}
    assert note_handoff(deployments, {"a": {}}, access=cast(Access, Nothing())) == []
