"""The GitHub Action: its shell steps as GitHub runs them, against a stand-in for GitHub's API on this machine."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: Final = {step["name"]: step for step in ACTION["runs"]["steps"]}
TOKEN: Final = "ghs_secret"
pytestmark = pytest.mark.process

PLAN: Final = "## Plan\n\nsearch-prod: attention\n"


@dataclass
class GitHub:
    """What a pull request has under it, and what was asked of the API."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    status: int = 200
    location: str = ""

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        self.requests.append(f"{method} {path}")
        if method == "GET":
            page = int(re.findall(r"[?&]page=(\d+)", path)[0])
            return self.comments[(page - 1) * 100 : page * 100]
        if method == "POST":
            self.comments.append({"id": 1000 + len(self.comments), **body})
            return {"html_url": "https://github.example/comment"}
        number = int(path.rpartition("/")[2])
        next(each for each in self.comments if each["id"] == number).update(body)
        return {"html_url": "https://github.example/comment"}


@pytest.fixture
def github() -> Iterator[GitHub]:
    state = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            state.tokens.add(self.headers.get("Authorization"))
            answer = state.answer(self.command, self.path, body) if state.status == 200 else {"message": "no"}
            content = json.dumps(answer).encode()
            self.send_response(state.status)
            if state.location:
                self.send_header("Location", state.location)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do  # noqa: N815 - the names that the server looks for

        def log_message(self, *_: Any, **__: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()


@dataclass
class Run:
    """A run of the action's steps on a runner."""

    folder: Path
    github: GitHub
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "pinekeep" / "bin").mkdir(parents=True)
        (self.folder / "pinekeep" / "bin" / "python").symlink_to(sys.executable)
        self.pinekeep(f"printf '%s' {PLAN!r}".replace("\\n", "\n"))

    def pinekeep(self, script: str) -> None:
        path = self.folder / "pinekeep" / "bin" / "pinekeep"
        path.write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" > "{self.folder}/arguments"\n{script}\n')
        path.chmod(0o755)

    @property
    def arguments(self) -> list[str]:
        return (self.folder / "arguments").read_text().splitlines()

    def value(self, expression: str) -> str:
        name = expression.strip().removeprefix("${{").removesuffix("}}").strip()
        defaults = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()}
        known = {f"inputs.{each}": self.inputs.get(each, default) for each, default in defaults.items()}
        known |= {f"steps.plan.outputs.{each}": text for each, text in self.outputs.items()}
        known |= {"github.action_path": str(ROOT), "github.event.pull_request.number": "7"}
        return known[name]

    def step(self, name: str) -> subprocess.CompletedProcess[str]:
        step = STEPS[name]
        assert step["shell"] == "bash"
        script, output = self.folder / "script.sh", self.folder / "output"
        script.write_text(step["run"])
        output.write_text("")
        environment = {
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "owner/name",
            "GITHUB_RUN_ID": "42",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **{name: self.value(expression) for name, expression in step.get("env", {}).items()},
        }
        # As GitHub documents `shell: bash`.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        self.outputs |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        assert TOKEN not in done.stdout + done.stderr
        return done

    def plan_and_comment(self) -> subprocess.CompletedProcess[str]:
        assert self.step("Plan").returncode == 0
        return self.step("Comment on the pull request")


@pytest.fixture
def run(tmp_path: Path, github: GitHub) -> Run:
    return Run(tmp_path, github, inputs={"token": TOKEN})


def test_a_plan_is_put_under_the_pull_request(run: Run, github: GitHub) -> None:
    done = run.plan_and_comment()
    assert done.returncode == 0, done.stderr
    assert "https://github.example/comment" in done.stdout
    (comment,) = github.comments
    assert comment["body"] == f"<!-- pinekeep plan 'pinekeep.yaml' -->\n{PLAN}"
    assert github.requests[-1] == "POST /repos/owner/name/issues/7/comments"
    assert github.tokens == {f"Bearer {TOKEN}"}
    assert run.arguments == ["plan", "--markdown", "--config", "pinekeep.yaml"]
    assert (run.folder / "summary").read_text() == PLAN
    assert run.step("Exit as the plan did").returncode == 0


def test_a_second_run_updates_the_comment(run: Run, github: GitHub) -> None:
    github.comments = [{"id": number, "body": "of a person"} for number in range(1, 131)]
    run.plan_and_comment()
    run.pinekeep("echo another plan")
    run.plan_and_comment()
    assert len(github.comments) == 131
    assert github.comments[-1]["body"].endswith("another plan\n")
    assert github.requests[-1].startswith("PATCH /repos/owner/name/issues/comments/")


def test_each_configuration_file_has_a_comment_of_its_own(run: Run, github: GitHub) -> None:
    run.plan_and_comment()
    run.inputs["config"] = "other --> file.yaml"
    run.plan_and_comment()
    assert run.arguments[-1] == "other --> file.yaml"
    first, second = (each["body"].splitlines()[0] for each in github.comments)
    assert first != second
    assert second == "<!-- pinekeep plan 'other -> file.yaml' -->"


def test_deployments_are_named_one_by_one(run: Run) -> None:
    run.inputs["deployments"] = " search-prod  * "
    run.plan_and_comment()
    assert run.arguments[-2:] == ["--deployment=search-prod", "--deployment=*"]


def test_a_plan_that_needs_more_than_a_yes_is_written_and_fails_the_job(run: Run, github: GitHub) -> None:
    run.pinekeep("echo destroys; exit 1")
    assert run.plan_and_comment().returncode == 0
    assert github.comments[0]["body"].endswith("destroys\n")
    assert run.outputs["exit-code"] == "1"
    assert run.step("Exit as the plan did").returncode == 1


def test_a_plan_that_cannot_be_made_says_so(run: Run, github: GitHub) -> None:
    run.pinekeep("echo reason >&2; exit 3")
    run.plan_and_comment()
    assert "**`pinekeep plan` failed with exit code 3.**" in github.comments[0]["body"]
    assert run.step("Exit as the plan did").returncode == 3


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_token_that_may_not_comment_is_a_warning(run: Run, github: GitHub, status: int) -> None:
    github.status = status
    done = run.plan_and_comment()
    assert done.returncode == 0
    assert done.stdout.startswith("::warning::The plan is not under the pull request: GitHub refused the token")
    assert "https://github.example/owner/name/actions/runs/42" in done.stdout


def test_a_failing_api_fails_the_step_with_a_sentence(run: Run, github: GitHub) -> None:
    github.status = 500
    done = run.plan_and_comment()
    assert done.returncode == 1
    assert done.stdout.startswith("::error::The plan is not under the pull request: GitHub answered 500")
    assert done.stderr == ""


def test_an_api_that_cannot_be_reached_fails_the_step_with_a_sentence(run: Run, github: GitHub) -> None:
    github.url = "http://127.0.0.1:9"
    done = run.plan_and_comment()
    assert done.returncode == 1
    assert "Connection refused" in done.stdout
    assert done.stderr == ""


def test_the_token_follows_no_redirect(run: Run, github: GitHub) -> None:
    github.status, github.location = 301, f"{github.url}/elsewhere"
    done = run.plan_and_comment()
    assert done.returncode == 1
    assert "GitHub answered 301" in done.stdout


def test_a_plan_longer_than_a_comment_is_cut_at_a_line(run: Run, github: GitHub) -> None:
    run.pinekeep("for i in $(seq 1 5000); do echo a line of a long plan $i; done")
    run.plan_and_comment()
    body = github.comments[0]["body"]
    assert len(body) <= 65_536
    assert "longer than a comment may be" in body
    assert "actions/runs/42" in body
    assert re.search(r"a line of a long plan \d+\n\n\*\*", body)


def test_the_token_is_in_no_argument() -> None:
    for step in STEPS.values():
        assert "${{" not in step["run"], "an expression in a script is code of whoever names a branch"
        assert "TOKEN" not in step["run"]
