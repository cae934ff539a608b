"""What every test shares: the pinned Node for aws_cdk, a cache of its own, and no way to a real AWS account."""

import atexit
import gc
import os
import shutil
import signal
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import NoReturn

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


# --- Tests that start a process ---

STARTS_NODE = ("tests/constructs", "tests/stacks")
"""Folders whose tests import aws_cdk, which starts Node, while they are collected."""
SERVERS = {"aws", "bootstrapped", "embedded_aws", "narrow", "server", "world"}
"""Fixtures that start an embedded AWS."""
LONGEST = (
    "tests/e2e/test_endpoint_life.py",
    "tests/faults/test_deploy_faults.py",
    "tests/operations/verification/test_verify_embedded.py",
    "tests/constructs/test_docs.py",
    "tests/remedies/test_remedies.py",
    "tests/operations/offboarding/test_interrupted.py",
    "tests/operations/release/test_released_templates.py",
    "tests/packaging/test_wheel.py",
    "tests/faults/test_concurrent_faults.py",
    "tests/e2e/test_demo.py",
    "tests/stacks/test_cfn_lint.py",
    "tests/operations/project/test_writing.py",
    "tests/decisions/privileges/test_verbs_embedded.py",
    "tests/stacks/test_determinism.py",
    "tests/operations/offboarding/test_offboard.py",
    "tests/e2e/test_local.py",
    "tests/operations/preflight/test_embedded.py",
    "tests/operations/offboarding/test_gates.py",
    "tests/e2e/test_accounts.py",
)
"""The files that take longest."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="leave out every test that starts a process")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import what starts Node when it is imported."""
    if config.getoption("--fast") and collection_path.is_dir():
        return str(collection_path.relative_to(config.rootpath)).startswith(STARTS_NODE) or None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while tests are collected, which makes none, and never visit afterwards what that has made."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what starts a process. Put the longest files first, then what starts a process.

    A worker takes a file at a time, so the short ones even out what the workers have left to do.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("e2e") or SERVERS & fixtures or item.nodeid.startswith(STARTS_NODE):
            item.add_marker("process")
    places = {name: place for place, name in enumerate(LONGEST)}
    if gone := [name for name in LONGEST if not (config.rootpath / name).is_file()]:
        raise pytest.UsageError(f"tests/conftest.py: LONGEST names {', '.join(gone)}, which is no file")
    items.sort(
        key=lambda item: (
            places.get(item.nodeid.partition("::")[0], len(places)),
            item.get_closest_marker("process") is None,
        )
    )
    if config.getoption("--fast"):
        slow = [item for item in items if item.get_closest_marker("process")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("process")]


@pytest.fixture(autouse=True, scope="session")
def starts_no_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail where a test that is not marked so starts a process."""
    with pytest.MonkeyPatch.context() as patched:
        if request.config.getoption("--fast"):

            def refuse(*_: object, **__: object) -> NoReturn:
                pytest.fail("it starts a process: mark it with @pytest.mark.process", pytrace=False)

            for name in ("fork", "posix_spawn"):
                patched.setattr(os, name, refuse)
            patched.setattr(subprocess.Popen, "__init__", refuse)
        yield
