"""docs/constructs.md: its blocks are run as a reader would, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks.support import PROJECT

PAGE = (PROJECT / "docs" / "constructs.md").read_text(encoding="utf-8")
BLOCK = re.compile(r'^```python(?: title="(?P<title>[^"]+)")?\n(?P<code>.*?)^```$', re.MULTILINE | re.DOTALL)
FILES = {found["title"]: found["code"] for found in BLOCK.finditer(PAGE) if found["title"]}
FRAGMENTS = [found["code"] for found in BLOCK.finditer(PAGE) if not found["title"]]

BEFORE = """
import aws_cdk as cdk
from pinekeep.constructs import EncryptionKey, InterfaceEndpoint, PineconeRole
from search_stack import SearchStack

app = cdk.App()
environment = cdk.Environment(account="111122223333", region="us-east-1")
search = SearchStack(
    app,
    "Search",
    pinecone_account="740000000001",
    external_id="3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13",
    vpc_id="vpc-0a1b2c3d4e5f60718",
    env=environment,
)
stack = cdk.Stack(app, "Other", env=environment)
"""
"""What the fragments of the page take as given: the stack of its files, and another one."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page."""
    made = tmp_path_factory.mktemp("page")
    for title, code in FILES.items():
        (made / title).write_text(code, encoding="utf-8")
    return made


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}{folder}", "CDK_OUTDIR": str(folder / "cdk.out")},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_the_page_has_the_files_that_it_speaks_of() -> None:
    assert list(FILES) == ["search_stack.py", "app.py", "test_search_stack.py"]


def test_the_app_of_the_page_makes_its_template(folder: Path) -> None:
    done = run(folder, "app.py")
    assert done.returncode == 0, done.stderr
    assert (folder / "cdk.out" / "Search.template.json").is_file()


def test_the_tests_of_the_page_pass(folder: Path) -> None:
    done = run(folder, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "test_search_stack.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_the_fragments_of_the_page_run_together(folder: Path) -> None:
    after = 'app.synth()\nprint("synthesized")\n'
    (folder / "fragments.py").write_text("\n".join([BEFORE, *FRAGMENTS, after]), encoding="utf-8")
    done = run(folder, "fragments.py")
    assert done.returncode == 0, done.stderr
    refused, hint, last = done.stdout.splitlines()
    assert refused.startswith("Other/Open: external_id: ")
    assert "accept_confused_deputy=True" in hint
    assert last == "synthesized"


def test_every_construct_is_on_the_page() -> None:
    import pinekeep.constructs  # noqa: PLC0415 - starts Node

    for name in pinekeep.constructs.__all__:
        assert f"| `{name}` |" in PAGE
