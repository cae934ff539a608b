"""What every test shares: the pinned Node for aws_cdk, a cache of its own, and no way to a real AWS account."""

import atexit
import os
import shutil
import signal
from collections.abc import Iterator
from tempfile import mkdtemp

import pytest

from pinekeep.operations.synthesis.toolchain import prepare_synth
from tests.faults.fault import Fault, fault_of

NO_REAL_ACCOUNT = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

# At import, because test modules import aws_cdk and boto3 while they are collected.
for variable in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[variable]
os.environ.update(NO_REAL_ACCOUNT)

# What tests remember is not what the user remembers. The workers of a run share it.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["XDG_CACHE_HOME"] = mkdtemp(prefix="pinekeep-tests-")
    atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)

# Whoever runs the tests in the background has Ctrl-C ignored, which every child would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
prepare_synth(os.environ)


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> Iterator[Fault]:
    """The fault that a test is marked with. The test must show what the user sees."""
    mark = request.node.get_closest_marker("fault")
    assert mark, "mark the test: @pytest.mark.fault(...)"
    found = fault_of(mark)
    yield found
    assert found.shown, "the test has not shown what the user sees: fault.require_seen(...)"
