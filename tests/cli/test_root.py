"""The command as a whole: what every verb has, and how it fails."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pinekeep import __version__
from pinekeep.cli.commands import check
from pinekeep.cli.groups import subcommands
from pinekeep.cli.options import Command
from pinekeep.cli.root import SECTIONS, VERBS, root
from tests.command_support import GOOD, Run

NEEDED = {
    "customer-template": ["--customer=acme", "--out=out"],
    "completion": ["bash"],
    "release": ["--out=out"],
    "audit report": ["--out=out"],
    "fleet report": ["--out=out"],
    "monitoring fence": ["--out=out"],
}
"""The options and arguments that a command cannot do without."""
WITHOUT_FILE = {"private-link check", "release"}
"""Commands for machines that have no configuration file."""
SLOW_MODULES = {"aws_cdk", "jsii", "boto3", "botocore", "rich", "pinecone", "httpx"}


def verbs() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    context = click.Context(root)
    for verb in VERBS:
        command = root.get_command(context, verb)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"{verb} {name}", each) for name, each in subcommands(command).items()]
        else:
            found.append((verb, command))
    return found


@pytest.mark.parametrize(("verb", "command"), verbs(), ids=[verb for verb, _ in verbs()])
def test_every_verb_takes_config_deployment_and_json(verb: str, command: click.Command) -> None:
    options = {option for parameter in command.params for option in parameter.opts}
    wanted = {"--json"} if verb in WITHOUT_FILE else {"--config", "--deployment", "--json"}
    wanted = {"--config", "--fleet", "--json"} if verb.startswith("fleet ") else wanted
    assert wanted <= options, verb
    assert command.help, verb


@pytest.mark.parametrize("verb", [verb for verb, _ in verbs()])
def test_every_verb_explains_itself(pinekeep: Run, verb: str) -> None:
    result = pinekeep(*verb.split(), "--help")
    assert result.code == 0
    assert result.out.startswith("Usage: pinekeep")


def test_help_lists_the_verbs_and_the_exit_codes(pinekeep: Run) -> None:
    result = pinekeep("--help")
    assert result.code == 0
    assert all(f"  {verb} " in result.out for verb in VERBS)
    assert "3 AWS or Pinecone refused" in result.out


def test_help_groups_the_verbs(pinekeep: Run) -> None:
    lines = pinekeep("--help").out.splitlines()
    for section, names in SECTIONS.items():
        at = lines.index(f"{section}:")
        assert [line.split()[0] for line in lines[at + 1 : at + 1 + len(names)]] == list(names)
    assert len(set(VERBS)) == len(VERBS)


@pytest.mark.parametrize(("verb", "command"), verbs(), ids=[verb for verb, _ in verbs()])
def test_every_option_explains_itself_and_every_first_sentence_fits(verb: str, command: click.Command) -> None:
    assert all(option.help for option in command.params if isinstance(option, click.Option)), verb
    assert not command.get_short_help_str(60).endswith("..."), verb


@pytest.mark.parametrize(
    ("verb", "option"),
    [
        (verb, option)
        for verb, command in verbs()
        for option in command.params
        if isinstance(option, click.Option) and not (option.is_flag or option.multiple or option.count)
    ],
    ids=lambda each: each if isinstance(each, str) else each.opts[0],
)
def test_an_option_with_one_value_is_refused_twice(pinekeep: Run, good: Path, verb: str, option: click.Option) -> None:
    value = option.type.choices[0] if isinstance(option.type, click.Choice) else "5"
    if isinstance(option.type, click.IntRange) and option.type.min is not None:
        value = str(max(5, option.type.min))
    needed = NEEDED.get(verb, [])
    rest = [each for each in needed if not each.startswith(f"{option.opts[0]}=")]
    result = pinekeep(*verb.split(), *rest, option.opts[0], value, f"{option.opts[-1]}", value, "--json")
    assert result.code == 2
    assert f"{option.opts[0]} is given 2 times and takes one value" in result.err
    assert result.require_schema("error")["error"] == f"{option.opts[0]} is given 2 times and takes one value"


def leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group, however deep, and each group with a space at its end."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    yield f"{name} ", command
    for verb in command.list_commands(click.Context(command)):
        found = command.get_command(click.Context(command), verb)
        assert found is not None
        yield from leaves(found, f"{name} {verb}".strip())


def test_every_command_refuses_what_it_would_ignore() -> None:
    found = dict(leaves(root))
    groups = {name: each for name, each in found.items() if name.endswith(" ")}
    assert {name for name in found if name not in groups} == {name for name, _ in verbs()}
    for name, each in found.items():
        assert name in groups or isinstance(each, Command), f"{name} takes the last of several values silently"
        # A value from the environment would be one more that an option on the command line hides.
        assert not any(option.envvar for option in each.params), name
    # Groups parse their own options as click does.
    values = [option.opts[0] for each in groups.values() for option in each.params if not getattr(option, "is_flag", 0)]
    assert values == []


@pytest.mark.parametrize("arguments", [("--deployment", "a"), ("-d", "a", "-d", "b")])
def test_deployments_of_no_file_are_refused(pinekeep: Run, arguments: tuple[str, ...]) -> None:
    result = pinekeep("local", "start", *arguments)
    assert result.code == 2
    assert "--deployment selects deployments of --config, which is missing" in result.err


def test_flags_and_options_for_several_values_may_be_repeated(pinekeep: Run, good: Path) -> None:
    result = pinekeep(
        "check", "--json", "--json", "--deployment", "search-prod", "-d", "search-prod", "--config", str(good)
    )
    assert result.code == 0
    assert [each["name"] for each in result.json["deployments"]] == ["search-prod"]


def test_help_is_shown_whatever_is_repeated(pinekeep: Run) -> None:
    result = pinekeep("synth", "--out", "a", "--out", "b", "--help")
    assert (result.code, result.err) == (0, "")


def test_the_version_is_told(pinekeep: Run) -> None:
    assert pinekeep("--version").out == f"pinekeep {__version__}\n"


@pytest.mark.parametrize("group", [(), ("local",), ("pinecone",)])
def test_without_a_command_the_help_is_shown(pinekeep: Run, group: tuple[str, ...]) -> None:
    result = pinekeep(*group)
    assert (result.code, result.out) == (2, "")
    assert result.err == pinekeep(*group, "--help").out


def test_a_mistyped_verb_is_refused_with_the_nearest(pinekeep: Run) -> None:
    result = pinekeep("chekc")
    assert result.code == 2
    assert "'chekc' is not a command" in result.err
    assert "did you mean check?" in result.err


def test_a_mistyped_option_is_refused(pinekeep: Run, good: Path) -> None:
    result = pinekeep("check", "--confg", str(good))
    assert result.code == 2
    assert "--confg" in result.err
    assert "hint: `pinekeep check --help` shows the usage" in result.err


def test_a_failure_goes_to_stdout_as_json_too_when_json_is_asked_for(pinekeep: Run, folder: Path) -> None:
    (folder / "pinekeep.yaml").write_text(GOOD.replace("us-east-1\n", "us-east-3\n", 1))
    result = pinekeep("check", "--json")
    assert result.code == 2
    said = result.require_schema("error")
    assert said["exit_code"] == 2
    assert said["problems"][0]["setting"] == "deployments.search-prod.region"
    assert said["problems"][0]["line"] == 6
    assert "pinekeep.yaml:6:" in result.err


def test_a_fault_of_our_own_is_told_without_a_traceback(
    pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(check.command, "callback", fail)
    result = pinekeep("check", "--config", str(good))
    assert result.code == 4
    assert "pinekeep itself failed: ZeroDivisionError: by design" in result.err


def test_ctrl_c_ends_with_130(pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check.command, "callback", interrupt)
    result = pinekeep("check", "--config", str(good))
    assert result.code == 130
    assert "interrupted" in result.err


@pytest.mark.process
@pytest.mark.parametrize("arguments", [["--help"], ["check", "--config", "pinekeep.yaml"], ["check", "--help"]])
def test_starting_imports_nothing_slow(good: Path, arguments: list[str]) -> None:
    program = (
        "import sys; from pinekeep.cli.root import run; code = run(sys.argv[1:]);"
        f"print(sorted({SLOW_MODULES!r} & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=good.parent, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip().splitlines()[-1] == "[]"


@pytest.mark.process
def test_a_reader_that_closes_early_gets_no_traceback(good: Path) -> None:
    command = f"{sys.executable} -m pinekeep schema --config {good} | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)  # noqa: S607
    assert done.stderr == ""


@pytest.mark.process
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_written_for_each_shell(pinekeep: Run, shell: str) -> None:
    result = pinekeep("completion", shell)
    assert result.code == 0
    assert "_PINEKEEP_COMPLETE" in result.out


@pytest.mark.process
def test_deployment_names_are_completed_from_the_file(good: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pinekeep"],
        cwd=good.parent,
        env={
            "PATH": "/usr/bin:/bin",
            "_PINEKEEP_COMPLETE": "bash_complete",
            "COMP_WORDS": "pinekeep check --deployment se",
            "COMP_CWORD": "3",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "plain,search-prod"
