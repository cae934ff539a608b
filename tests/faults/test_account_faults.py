"""What is wrong in the account: seen by ``verify``, and by ``deploy`` before it changes anything."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.server import EmbeddedAws
from tests.command_fixtures import folder, pinekeep
from tests.command_support import Run, named
from tests.faults.fault import Fault
from tests.faults.proxy import FaultProxy, refused, saying

__all__ = ["folder", "pinekeep"]
pytestmark = pytest.mark.e2e

NAME = "account-faults"
ROLE = f"arn:aws:iam::111122223333:role/pinekeep-{NAME}-us-east-1"
Verify = Callable[[], str]


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "pinekeep.yaml"
    path.write_text(named(NAME))
    return path


@pytest.fixture
def through_proxy(
    bootstrapped: EmbeddedAws, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FaultProxy]:
    with proxy.serving() as address:
        for name, value in {**bootstrapped.environment(), "AWS_ENDPOINT_URL": address}.items():
            monkeypatch.setenv(name, value)
        yield proxy


@pytest.fixture
def deployed(pinekeep: Run, file: Path, through_proxy: FaultProxy, bootstrapped: EmbeddedAws) -> FaultProxy:
    """The deployment, made by the first test that wants it; the others begin where it ended."""
    try:
        bootstrapped.restore_snapshot(NAME)
    except LocalAwsError:
        made = pinekeep("deploy", "--yes")
        assert made.code == 0, made.err
        bootstrapped.take_snapshot(NAME)
    through_proxy.forget()
    return through_proxy


@pytest.fixture
def key(bootstrapped: EmbeddedAws, deployed: FaultProxy) -> tuple[Any, str]:
    """KMS and the deployment's key."""
    kms = bootstrapped.session().client("kms")
    return kms, kms.describe_key(KeyId=f"alias/pinecone/{NAME}")["KeyMetadata"]["KeyId"]


@pytest.fixture
def verify(pinekeep: Run, file: Path) -> Verify:
    """Verify, which must not pass; give what is printed."""

    def run() -> str:
        result = pinekeep("verify")
        assert result.code == 1, result.out + result.err
        return result.out

    return run


@pytest.fixture
def refused_deploy(pinekeep: Run, file: Path) -> Verify:
    """Deploy, which AWS's answers must prevent; give what is printed."""

    def run() -> str:
        result = pinekeep("deploy", "--yes")
        assert result.code == 3, result.err
        return result.err

    return run


# --- The key and the role ---


@pytest.mark.fault(
    "somebody disabled the key",
    sees="State of the key: found Disabled",
    safe="No data is lost; Pinecone works again as soon as the key is enabled.",
)
def test_a_disabled_key_is_told(fault: Fault, key: tuple[Any, str], verify: Verify) -> None:
    kms, key_id = key
    kms.disable_key(KeyId=key_id)
    fault.require_seen(verify())


@pytest.mark.fault(
    "somebody scheduled the key's deletion",
    sees="State of the key: found …aws kms cancel-key-deletion",
    safe="Until the date that is named nothing is lost: cancel the deletion, then enable the key.",
)
def test_a_key_that_waits_for_deletion_is_told(fault: Fault, key: tuple[Any, str], verify: Verify) -> None:
    kms, key_id = key
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    fault.require_seen(verify())


@pytest.mark.fault(
    "the role was deleted and made anew, so the key's policy names an orphan",
    sees="a principal was deleted and re-created; KMS must resolve its name again",
    safe="Pinecone is kept out until the key's policy is put again; nothing is lost.",
)
def test_an_orphan_in_the_key_policy_is_told(fault: Fault, deployed: FaultProxy, verify: Verify) -> None:
    deployed.at("GetKeyPolicy", saying({re.escape(ROLE): "AROAEXAMPLEEXAMPLE123"}))
    fault.require_seen(verify())


# --- The endpoint ---


@pytest.mark.fault(
    "Pinecone has not accepted the endpoint yet",
    sees="pendingAcceptance: Pinecone has not accepted the connection yet",
    safe="The internet is still the way to Pinecone; register the endpoint in the console.",
)
def test_an_endpoint_that_waits_for_acceptance_is_told(fault: Fault, deployed: FaultProxy, verify: Verify) -> None:
    fault.require_seen(with_endpoint_state(deployed, "pendingAcceptance", verify))


@pytest.mark.fault(
    "Pinecone rejected the endpoint",
    sees="rejected: Pinecone rejected the connection",
    safe="Key and role are not touched by making the endpoint anew.",
)
def test_a_rejected_endpoint_is_told(fault: Fault, deployed: FaultProxy, verify: Verify) -> None:
    fault.require_seen(with_endpoint_state(deployed, "rejected", verify))


@pytest.mark.fault(
    "the endpoint could not be made",
    sees="failed: it could not be created",
    safe="Key and role are not touched by making the endpoint anew.",
)
def test_a_failed_endpoint_is_told(fault: Fault, deployed: FaultProxy, verify: Verify) -> None:
    fault.require_seen(with_endpoint_state(deployed, "failed", verify))


@pytest.mark.fault(
    "Pinecone did not accept the endpoint in time",
    sees="expired: Pinecone did not accept the connection in time",
    safe="Key and role are not touched by making the endpoint anew.",
)
def test_an_expired_endpoint_is_told(fault: Fault, deployed: FaultProxy, verify: Verify) -> None:
    fault.require_seen(with_endpoint_state(deployed, "expired", verify))


def with_endpoint_state(proxy: FaultProxy, state: str, verify: Verify) -> str:
    proxy.at("DescribeVpcEndpoints", saying({"<state>[^<]*</state>": f"<state>{state}</state>"}))
    return verify()


# --- The credentials ---


@pytest.mark.fault(
    "the credentials expire in the middle of a verification",
    sees="error: the AWS credentials have expired",
    safe="Nothing is reported as right that was not read.",
)
def test_credentials_that_expire_while_reading_are_told(
    fault: Fault, deployed: FaultProxy, pinekeep: Run, file: Path
) -> None:
    deployed.at("*", refused("ExpiredToken", "The security token included in the request is expired"), first=6)
    result = pinekeep("verify")
    assert result.code == 3
    assert result.out == ""
    fault.require_seen(result.err)


@pytest.mark.fault(
    "the credentials are of another account",
    sees="deployment account-faults needs calls to account 111122223333, but the current credentials are for …",
    safe="Nothing was read or changed there.",
)
def test_credentials_of_another_account_are_told(
    fault: Fault, through_proxy: FaultProxy, refused_deploy: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "444455556666")
    fault.require_seen(refused_deploy())
    # The second is the attempt to act as the lookup role of the bootstrap, which does not trust that account.
    assert set(through_proxy.calls) == {"sts:GetCallerIdentity", "sts:AssumeRole"}


# --- The stacks ---


def with_stack_status(proxy: FaultProxy, status: str, deploy: Verify) -> str:
    proxy.at("DescribeStacks", saying({"<StackStatus>[^<]*</StackStatus>": f"<StackStatus>{status}</StackStatus>"}))
    told = deploy()
    assert not {"cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"} & set(proxy.calls)
    return told


@pytest.mark.fault(
    "the stack's first deployment failed (CREATE_FAILED)",
    sees="Pinekeep-account-faults-Cmek is in state CREATE_FAILED",
    safe="Nothing is changed before it is out of the way; what to do is said.",
)
def test_a_stack_that_was_not_made_is_told(fault: Fault, deployed: FaultProxy, refused_deploy: Verify) -> None:
    fault.require_seen(with_stack_status(deployed, "CREATE_FAILED", refused_deploy))


@pytest.mark.fault(
    "the stack was rolled back (ROLLBACK_COMPLETE)",
    sees="Pinekeep-account-faults-Cmek is in state ROLLBACK_COMPLETE",
    safe="Nothing is in it; it is to be deleted, and what to do is said.",
)
def test_a_stack_that_was_rolled_back_is_told(fault: Fault, deployed: FaultProxy, refused_deploy: Verify) -> None:
    fault.require_seen(with_stack_status(deployed, "ROLLBACK_COMPLETE", refused_deploy))


@pytest.mark.fault(
    "an update could not be undone (UPDATE_ROLLBACK_FAILED)",
    sees="Pinekeep-account-faults-Cmek is in state UPDATE_ROLLBACK_FAILED…continue-update-rollback",
    safe="Nothing is changed before CloudFormation has finished undoing.",
)
def test_an_update_that_could_not_be_undone_is_told(fault: Fault, deployed: FaultProxy, refused_deploy: Verify) -> None:
    fault.require_seen(with_stack_status(deployed, "UPDATE_ROLLBACK_FAILED", refused_deploy))


@pytest.mark.fault(
    "somebody else is deploying",
    sees="Pinekeep-account-faults-Cmek is in state UPDATE_IN_PROGRESS…someone is changing it; wait",
    safe="Nothing is changed while they are at it.",
)
def test_a_stack_that_somebody_works_on_is_told(fault: Fault, deployed: FaultProxy, refused_deploy: Verify) -> None:
    fault.require_seen(with_stack_status(deployed, "UPDATE_IN_PROGRESS", refused_deploy))
