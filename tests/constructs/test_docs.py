"""docs/constructs.md: its blocks are run as a reader would, in an empty folder."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
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


RUN = """
import runpy
import sys
import pytest

runpy.run_path("app.py", run_name="__main__")
print("--- the fragments", flush=True)
runpy.run_path("fragments.py", run_name="__main__")
print("--- the tests", flush=True)
sys.exit(pytest.main(["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "test_search_stack.py"]))
"""
"""What a reader runs, in one process: each would start a Node of its own."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page, and with its fragments in one more."""
    made = tmp_path_factory.mktemp("page")
    for title, code in FILES.items():
        (made / title).write_text(code, encoding="utf-8")
    after = 'app.synth()\nprint("synthesized")\n'
    (made / "fragments.py").write_text("\n".join([BEFORE, *FRAGMENTS, after]), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def said(folder: Path) -> Mapping[str, list[str]]:
    """What is printed when all of it is run, by part."""
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}{folder}", "CDK_OUTDIR": str(folder / "cdk.out")},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    app, fragments, tests = re.split(r"^--- .*\n", done.stdout, flags=re.MULTILINE)
    return {"app": app.splitlines(), "fragments": fragments.splitlines(), "tests": tests.splitlines()}


def test_the_page_has_the_files_that_it_speaks_of() -> None:
    assert list(FILES) == ["search_stack.py", "app.py", "test_search_stack.py"]


def test_the_app_of_the_page_makes_its_template(said: Mapping[str, list[str]], folder: Path) -> None:
    assert said["app"] == []
    assert (folder / "cdk.out" / "Search.template.json").is_file()


def test_the_tests_of_the_page_pass(said: Mapping[str, list[str]]) -> None:
    assert "4 passed" in said["tests"][-1]


def test_the_fragments_of_the_page_run_together(said: Mapping[str, list[str]]) -> None:
    refused, hint, last = said["fragments"]
    assert refused.startswith("Other/Open: external_id: ")
    assert "accept_confused_deputy=True" in hint
    assert last == "synthesized"


def test_every_construct_is_on_the_page() -> None:
    import pinekeep.constructs  # noqa: PLC0415 - starts Node

    for name in pinekeep.constructs.__all__:
        assert f"| `{name}` |" in PAGE
