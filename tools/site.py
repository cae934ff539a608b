"""Write the sources of the documentation site into ``build/site``; with ``finish``, move the built site to ``site/``.

`make site` runs both, and the generator in between, which is in a virtual environment of its own.

The pages are README.md, ``docs/*.md`` and the generated pages of :mod:`tools.doc_pages`. Links are rewritten to where
their targets are in the site; a link to something that is not there is an error.
"""

import posixpath
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
BUILD: Final = ROOT / "build" / "site"
sys.path.insert(0, str(ROOT))

from pinekeep.cli.root import SECTIONS  # noqa: E402 - the path must know the repository first
from tools.doc_pages import command_pages, example_pages, setting_pages  # noqa: E402

GUIDES: Final = ("configuration", "plan", "endpoint", "pinecone", "customers", "revocation", "offboarding")
REFERENCE: Final = ("checks", "preflight", "problems", "plan-rules", "permissions", "output", "facts", "faults")
DESIGN: Final = ("design", "performance", "mutants")
FIRST: Final = ("get-started",)
PROJECT: Final = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages at the top of the repository, where they are there."""

_LINK: Final = re.compile(r"(!?\[[^\]\n]*\]\()([^)\s]+)(\))")
_FENCE: Final = re.compile(r"^```.*?^```$|`[^`\n]+`", re.DOTALL | re.MULTILINE)

CONFIGURATION: Final = """\
[project]
site_name = "Pinekeep"
site_description = "The AWS side of Pinecone: KMS key, IAM role and private endpoint"
site_author = "The Pinekeep authors"
docs_dir = "pages"
site_dir = "site"
use_directory_urls = false
nav = {nav}
extra_css = ["site.css"]

[project.theme]
font = false
language = "en"
features = [
  "content.code.copy", "navigation.footer", "navigation.path", "navigation.sections",
  "navigation.top", "search.highlight", "toc.follow",
]
icon.logo = "lucide/key-round"

[[project.theme.palette]]
media = "(prefers-color-scheme: light)"
scheme = "default"
toggle.icon = "lucide/sun"
toggle.name = "Switch to dark mode"

[[project.theme.palette]]
media = "(prefers-color-scheme: dark)"
scheme = "slate"
toggle.icon = "lucide/moon"
toggle.name = "Switch to light mode"

[project.plugins.offline]

[project.markdown_extensions]
admonition = {{}}
attr_list = {{}}
tables = {{}}
toc.permalink = true
pymdownx.highlight = {{}}
pymdownx.superfences = {{}}
"""

WORKER: Final = "assets/javascripts/worker.js"
"""Where the site has ``tools/site_worker.js``, in place of a script from elsewhere."""
_FOREIGN_WORKER: Final = "https://unpkg.com/iframe-worker/shim"
_FOREIGN: Final = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"?https?://[^\s\">]+")


def sources(root: Path = ROOT) -> dict[str, str]:
    """Return where each page and asset of the repository is in the site, by its path in the repository."""
    pages = {"README.md": "index.md"}
    files = sorted(each for each in (root / "docs").rglob("*") if each.is_file() and each.suffix != ".txt")
    pages |= {f"docs/{name}": name for name in (each.relative_to(root / "docs").as_posix() for each in files)}
    pages |= {f"examples/{each.name}": f"examples/{each.stem}.md" for each in (root / "examples").glob("*.yaml")}
    for each in (root / "examples").glob("*/*"):
        folder = each.parent.name
        pages[f"examples/{folder}/{each.name}"] = pages[f"examples/{folder}"] = f"examples/{folder}.md"
    pages |= {each: each.lower() for each in PROJECT if (root / each).exists()}
    return pages | {"examples": "configuration.md"}


def pages(root: Path = ROOT) -> dict[str, str]:
    """Return the text of every page by its path in the site.

    Raises:
        ValueError: a page links to something that is not in the site.
    """
    where = sources(root)
    made = {
        target: rewritten((root / source).read_text(encoding="utf-8"), source=source, target=target, where=where)
        for source, target in where.items()
        if source.endswith(".md")
    }
    return made | example_pages() | command_pages() | setting_pages()


def rewritten(text: str, *, source: str, target: str, where: dict[str, str]) -> str:
    """Return a page of the repository with its links as they are in the site.

    Of a link to a file that the repository has and the site has not, the text is kept.

    Raises:
        ValueError: a link leads to something that is in neither.
    """

    def link(match: re.Match[str]) -> str:
        before, url, after = match.groups()
        if re.match(r"[a-z]+:|#", url):
            return match[0]
        path, mark, anchor = url.partition("#")
        aim = posixpath.normpath(f"{PurePosixPath(source).parent}/{path}")
        if aim not in where:
            if before.startswith("!") or not (ROOT / aim).exists():
                raise ValueError(f"{source} links to {url}, which is not in the site")
            return before[1:-2]
        return f"{before}{posixpath.relpath(where[aim], PurePosixPath(target).parent)}{mark}{anchor}{after}"

    parts: list[str] = []
    at = 0
    for fence in _FENCE.finditer(text):
        parts += [_LINK.sub(link, text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, _LINK.sub(link, text[at:])])


def navigation(made: dict[str, str]) -> list[Any]:
    """Return the navigation: titles with pages or further titles. Every page is in it once."""
    known = {f"{each}.md" for each in (*FIRST, *GUIDES, *REFERENCE, *DESIGN)} | {"index.md", "commands.md"}
    other = [each for each in made if "/" not in each and each not in known]
    more = [each for each in other if each.removesuffix(".md").upper() + ".md" not in PROJECT]
    examples = [each for each in made if each.startswith("examples/")]
    settings = [each for each in made if each.startswith("settings/")]
    return [
        {"Get started": [{"Overview": "index.md"}, *_there(FIRST, made), {"Examples": examples}]},
        {"Guides": [*_there(GUIDES, made), *more]},
        {
            "Reference": [
                {"Commands": ["commands.md", *_commands(made)]},
                {"Settings": list(_settings(settings))},
                *_there(REFERENCE, made),
            ]
        },
        {"Design": [*_there(DESIGN, made), *(each for each in other if each not in more)]},
    ]


def _there(names: tuple[str, ...], made: dict[str, str]) -> list[str]:
    return [f"{each}.md" for each in names if f"{each}.md" in made]


def _commands(made: dict[str, str]) -> Iterator[dict[str, list[str]]]:
    for section, verbs in SECTIONS.items():
        names = [f"commands/{verb}" for verb in verbs]
        yield {section: [page for page in made if any(re.match(rf"{name}(-\w+)?\.md$", page) for name in names)]}


def _settings(paths: list[str]) -> Iterator[Any]:
    """Yield the settings, those in a section of the file under its name."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(path.removeprefix("settings/").removesuffix(".md").split(".")[0], []).append(path)
    yield {"File and deployment": [path for group in groups.values() if len(group) == 1 for path in group]}
    yield from ({name: group} for name, group in groups.items() if len(group) > 1)


def toml(value: Any) -> str:
    """Return lists, single-entry mappings and text as TOML."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {toml(each)}' for key, each in value.items()) + "}"
    return "[" + ", ".join(map(toml, value)) + "]"


def write(folder: Path, root: Path = ROOT) -> None:
    """Write the pages, the assets and the configuration of the site into a folder, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    made = pages(root)
    for path, text in made.items():
        (folder / "pages" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "pages" / path).write_text(text, encoding="utf-8")
    for source, target in sources(root).items():
        if not target.endswith(".md"):
            (folder / "pages" / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / source, folder / "pages" / target)
    (folder / "zensical.toml").write_text(CONFIGURATION.format(nav=toml(navigation(made))), encoding="utf-8")


def finish(built: Path, site: Path) -> None:
    """Move the built site to its place, and see that its pages load nothing from elsewhere.

    Raises:
        ValueError: a page loads something from elsewhere.
    """
    for page in built.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        here = posixpath.relpath(WORKER, page.parent.relative_to(built).as_posix())
        text = text.replace(_FOREIGN_WORKER, here)
        if found := _FOREIGN.search(text):
            raise ValueError(f"{page.relative_to(built)} loads from elsewhere: {found[0]}")
        page.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "tools" / "site_worker.js", built / WORKER)
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(built, site)


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["finish"]:
            finish(BUILD / "site", ROOT / "site")
        else:
            write(BUILD)
    except ValueError as error:
        sys.exit(f"site: {error}")
