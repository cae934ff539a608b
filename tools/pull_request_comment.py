"""Put a Markdown file under a pull request, as one comment that later runs update. The action of action.yml runs it.

Uses only the standard library. Everything but the file comes from the environment, the token above all, so that it is
in no list of processes:

- ``GITHUB_TOKEN``: a token that may write comments on pull requests.
- ``GITHUB_API_URL``, ``GITHUB_REPOSITORY``, ``GITHUB_SERVER_URL``, ``GITHUB_RUN_ID``: set by GitHub.
- ``PULL_REQUEST``: the number of the pull request.
- ``CONFIG``: the configuration file. Each has a comment of its own.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

LENGTH_MAX: Final = 65_536
"""As many characters a comment may have. Source: GitHub's REST API refuses longer bodies with this number."""
PER_PAGE: Final = 100
SECONDS: Final = 30
_FORBIDDEN: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, which would take the token along to wherever it leads."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse."""


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


def request(method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """Call GitHub's REST API.

    Raises:
        urllib.error.URLError: it cannot be reached, or answers with an error.
    """
    asked = urllib.request.Request(  # noqa: S310 - the address is the one that GitHub set
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    with _OPENER.open(asked, timeout=SECONDS) as answer:
        return json.load(answer)


def comments(pull_request: str) -> Iterator[dict[str, Any]]:
    """Yield the comments of a pull request, the oldest first."""
    page = 1
    while True:
        found = request("GET", f"issues/{pull_request}/comments?per_page={PER_PAGE}&page={page}")
        yield from found
        if len(found) < PER_PAGE:
            return
        page += 1


def comment_body(text: str, *, marker: str, run: str) -> str:
    """Return the body of the comment. A text that is too long is cut at the end of a line."""
    body = f"{marker}\n{text}"
    if len(body) <= LENGTH_MAX:
        return body
    rest = f"\n\n**The plan is longer than a comment may be.** The whole is in [the summary of the run]({run}).\n"
    return body[: LENGTH_MAX - len(rest)].rpartition("\n")[0] + rest


def main(file: Path) -> int:
    """Write or update the comment and return the exit code. A token that may not do so is a warning."""
    pull_request = str(int(os.environ["PULL_REQUEST"]))
    repository = os.environ["GITHUB_REPOSITORY"]
    run = f"{os.environ.get('GITHUB_SERVER_URL', '')}/{repository}/actions/runs/{os.environ.get('GITHUB_RUN_ID', '')}"
    # Whatever is in the name cannot end the HTML comment.
    marker = f"<!-- pinekeep plan {os.environ['CONFIG'].replace('--', '-')!r} -->"
    body = {"body": comment_body(file.read_text(encoding="utf-8"), marker=marker, run=run)}
    try:
        earlier = next((each for each in comments(pull_request) if each["body"].startswith(marker)), None)
        if earlier is None:
            written = request("POST", f"issues/{pull_request}/comments", body)
        else:
            written = request("PATCH", f"issues/comments/{int(earlier['id'])}", body)
    except urllib.error.HTTPError as error:
        if error.code in _FORBIDDEN:
            print(
                f"::warning::The plan is not under the pull request: GitHub refused the token ({error.code}). "
                "The job needs `permissions: {pull-requests: write}`; a pull request from a fork never has it. "
                f"The plan is in the summary of the run: {run}"
            )
            return 0
        print(f"::error::The plan is not under the pull request: GitHub answered {error.code} {error.reason}")
        return 1
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        print(f"::error::The plan is not under the pull request: {reason}")
        return 1
    print(f"The plan is at {written.get('html_url', '')}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit(f"usage: {sys.argv[0]} FILE")
    sys.exit(main(Path(sys.argv[1])))
