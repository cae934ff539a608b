"""The sources of the documentation site: a page for each command and setting, and links that lead somewhere."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from pinekeep.cli.groups import subcommands
from pinekeep.cli.root import VERBS, root
from tools import site
from tools.doc_blocks.settings import settings
from tools.doc_pages import name_of, setting_pages


@cache
def pages() -> dict[str, str]:
    return site.pages()


def flat(navigation: Any) -> list[str]:
    """Return the paths in a navigation, in its order."""
    if isinstance(navigation, str):
        return [navigation]
    inner = navigation.values() if isinstance(navigation, dict) else navigation
    return [path for each in inner for path in flat(each)]


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_a_page_with_its_options(verb: str) -> None:
    command = root.get_command(click.Context(root), verb)
    assert command is not None
    inside = subcommands(command)
    for name, each in {verb: command, **{f"{verb} {inner}": sub for inner, sub in inside.items()}}.items():
        page = pages()[f"commands/{name.replace(' ', '-')}.md"]
        assert page.startswith(f"# pinekeep {name}\n")
        assert all(option.opts[0] in page for option in each.params if isinstance(option, click.Option))
        assert all(f"({verb}-{inner}.md)" in page for inner in inside if name == verb)


def test_every_setting_has_a_page_with_what_it_allows() -> None:
    found = setting_pages()
    for setting in settings():
        page = found[f"settings/{re.sub(r'[][<>]', '', name_of(setting))}.md"]
        assert page.startswith(f"# `{name_of(setting)}`\n")
        assert all(each in page for each in (setting.type, setting.allowed.replace("|", "\\|")))
    assert len(found) == len({name_of(each) for each in settings()})


def test_a_page_of_a_setting_shows_an_example_its_place_and_its_problems() -> None:
    page = pages()["settings/cmek.customer_keys.name.md"]
    assert "customer_keys:\n      - name: " in page
    assert "Part of [`cmek.customer_keys`](cmek.customer_keys.md)." in page
    page = pages()["settings/cmek.trust.external_id.md"]
    assert "From [quickstart](../examples/quickstart.md):" in page
    assert "| `external-id-format` | error |" in page


def test_every_page_is_in_the_navigation_once() -> None:
    assert sorted(flat(site.navigation(pages()))) == sorted(pages())


def test_every_link_leads_to_something_that_is_there() -> None:
    assets = set(site.sources().values())
    for path, text in pages().items():
        for url in re.findall(r"\]\(([^)\s#]+)", re.sub(r"```.*?```|`[^`\n]+`", "", text, flags=re.DOTALL)):
            if not url.startswith(("https:", "http:")):
                assert site.posixpath.normpath(f"{Path(path).parent.as_posix()}/{url}") in pages().keys() | assets, path


def test_a_link_to_something_outside_the_site_is_refused() -> None:
    where = {"README.md": "index.md", "docs/plan.md": "plan.md"}
    text = "[Plan](docs/plan.md#the-plan) `[x](y.md)` [AWS](https://aws.amazon.com) [Here](#here)"
    wanted = text.replace("docs/", "")
    assert site.rewritten(text, source="README.md", target="index.md", where=where) == wanted
    kept = site.rewritten("See [the settings](pyproject.toml).", source="README.md", target="index.md", where=where)
    assert kept == "See the settings."
    with pytest.raises(ValueError, match=r"README\.md links to docs/other\.md, which is not in the site"):
        site.rewritten("[Other](docs/other.md)", source="README.md", target="index.md", where=where)


def test_the_sources_are_written_with_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "gone.md").write_text("from an earlier run")
    site.write(tmp_path)
    assert not (tmp_path / "pages" / "gone.md").exists()
    assert (tmp_path / "pages" / "settings" / "version.md").exists()
    assert (tmp_path / "pages" / "demo.svg").exists()
    assert "font = false" in (tmp_path / "zensical.toml").read_text()


def built(folder: Path, script: str) -> Path:
    (folder / "built" / "assets" / "javascripts").mkdir(parents=True)
    (folder / "built" / "commands").mkdir()
    for page in ("index.html", "commands/deploy.html"):
        (folder / "built" / page).write_text(
            f'<script src="{script}"></script><a href="https://aws.amazon.com">AWS</a>'
        )
    return folder / "built"


def test_what_was_built_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    site.finish(built(tmp_path, "https://unpkg.com/iframe-worker/shim"), tmp_path / "site")
    assert 'src="assets/javascripts/worker.js"' in (tmp_path / "site" / "index.html").read_text()
    assert 'src="../assets/javascripts/worker.js"' in (tmp_path / "site" / "commands" / "deploy.html").read_text()
    assert (tmp_path / "site" / site.WORKER).exists()


def test_a_page_that_loads_something_from_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="loads from elsewhere"):
        site.finish(built(tmp_path, "https://example.com/x.js"), tmp_path / "site")
    assert not (tmp_path / "site").exists()
