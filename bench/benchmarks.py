"""The benchmarks, with their baselines and targets."""

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import client, deployed, fleet_aws, inputs, twin
from bench.measuring import Command, measure

BENCH: Final = Path(__file__).resolve().parent
PROJECT: Final = BENCH.parent
AUDIT_MIB: Final = 500
QUICKSTART: Final = PROJECT / "examples" / "quickstart.yaml"


def _alone(_: Path) -> AbstractContextManager[Mapping[str, str]]:
    return nullcontext({})


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    Attributes:
        title: the benchmark and its baseline, for the table.
        target: the highest ratio of times; None for a lower bound, which has no target.
        commands: returns our command and the baseline's, and writes their inputs into a folder.
        memory_target: the highest ratio of memory; None where memory is not measured.
        rounds: how often each command is run and counted.
        most_seconds: the highest time of our command; None where the ratio alone counts.
        most_mib: the highest peak memory of our command; None where it has no bound.
        world: provides the environment for both commands while they run.
    """

    title: str
    target: float | None
    commands: Callable[[Path], tuple[Command, Command]]
    memory_target: float | None = None
    rounds: int = 9
    most_seconds: float | None = None
    most_mib: float | None = None
    world: Callable[[Path], AbstractContextManager[Mapping[str, str]]] = _alone

    @property
    def has_memory(self) -> bool:
        """Whether memory is measured."""
        return self.memory_target is not None or self.most_mib is not None

    @property
    def wanted_memory(self) -> str:
        """The targets of memory, for the table."""
        ratio = [] if self.memory_target is None else [f"≤ {self.memory_target:g}"]
        return ", ".join([*ratio, *([] if self.most_mib is None else [f"under {self.most_mib:g} MiB"])])

    @property
    def wanted(self) -> str:
        """The targets, for the table."""
        ratio = [] if self.target is None else [f"≤ {self.target:g}"]
        return ", ".join([*ratio, *([] if self.most_seconds is None else [f"under {self.most_seconds:g} s"])])


def _python(*arguments: str | Path) -> list[str]:
    return [sys.executable, *map(str, arguments)]


def _empty(folder: Path) -> Command:
    return Command(_python(BENCH / "apps" / "empty.py"), {"CDK_OUTDIR": str(folder / "empty")})


def _synth(configuration: Path, out: Path) -> Command:
    return Command(_python(PROJECT / "app.py"), inputs.app_environment(configuration, out))


def _quickstart(folder: Path) -> tuple[Command, Command]:
    return _synth(QUICKSTART, folder / "ours"), _empty(folder)


def _nag(folder: Path) -> tuple[Command, Command]:
    synth = _python("-m", "pinekeep", "synth", "--nag", "--config", QUICKSTART, "--out", folder / "nag")
    return Command(synth), _empty(folder)


def _twin(folder: Path) -> tuple[Command, Command]:
    ours = _synth(QUICKSTART, folder / "ours")
    theirs = twin.command(QUICKSTART, folder=folder)
    twin.check_same_templates(ours, theirs)
    return ours, theirs


def _twin_floor(folder: Path) -> tuple[Command, Command]:
    return _empty(folder), twin.empty(folder)


def _many(folder: Path) -> tuple[Command, Command]:
    files = {count: folder / f"{count}.yaml" for count in (1, 100)}
    for count, file in files.items():
        inputs.write_deployments(QUICKSTART, count, file)
    return _synth(files[100], folder / "hundred"), _synth(files[1], folder / "one")


def _endpoints(folder: Path) -> tuple[Command, Command]:
    files = {count: folder / f"{count}-endpoints.yaml" for count in (1, 10)}
    for count, file in files.items():
        inputs.write_endpoints(count, file)
    return _synth(files[10], folder / "ten-endpoints"), _synth(files[1], folder / "one-endpoint")


def _packing(_: Path) -> tuple[Command, Command]:
    ours, baseline = (
        Command(_python(BENCH / "apps" / "packing.py", str(count)), {"PYTHONPATH": str(PROJECT)}, tells=True)
        for count in (3000, 300)
    )
    return ours, baseline


def _synth_customers(folder: Path) -> tuple[Command, Command]:
    files = {count: folder / f"{count}.yaml" for count in (10, 1000)}
    for count, file in files.items():
        inputs.write_customers(count, file)
    return _synth(files[1000], folder / "thousand"), _synth(files[10], folder / "ten")


def _access(folder: Path) -> tuple[Command, Command]:
    file = folder / "customers.yaml"
    inputs.write_customers(300, file)
    measure(_synth(file, folder / "templates"))
    paths = {"PYTHONPATH": str(PROJECT)}
    ours = Command(_python(BENCH / "apps" / "access.py", file, folder / "templates"), paths)
    return ours, Command(_python("-c", "import ministack.core.iam_evaluator, pydantic, yaml"))


def _verify(folder: Path) -> tuple[Command, Command]:
    commands = []
    for count in (50, 1):
        file = folder / f"{count}.yaml"
        inputs.write_deployments(QUICKSTART, count, file)
        commands.append(Command(_python(BENCH / "apps" / "verify.py", file), {"PYTHONPATH": str(PROJECT)}, tells=True))
    ours, baseline = commands
    return ours, baseline


def _fleet_verify(_: Path) -> tuple[Command, Command]:
    ours, baseline = (
        Command(_python(BENCH / "apps" / "fleet_verify.py", str(count)), {"PYTHONPATH": str(PROJECT)}, tells=True)
        for count in (500, 1)
    )
    return ours, baseline


def _plan(folder: Path) -> tuple[Command, Command]:
    return deployed.ours("plan"), deployed.theirs(folder, "diff")


def _plan_anew(folder: Path) -> tuple[Command, Command]:
    return deployed.ours_anew("plan"), deployed.theirs(folder, "diff")


FLEET_SIZES: Final = (1000, 10)
FLEET_MIB: Final = 300


def _fleets(folder: Path) -> AbstractContextManager[Mapping[str, str]]:
    return fleet_aws.deployed(FLEET_SIZES, folder)


def _fleet_plan(folder: Path) -> tuple[Command, Command]:
    many, few = (
        Command(_python("-m", "pinekeep", "fleet", "plan", "--config", fleet_aws.file_of(each, folder)))
        for each in FLEET_SIZES
    )
    return many, few


def _deploy(folder: Path) -> tuple[Command, Command]:
    return deployed.ours("deploy", "--yes"), deployed.theirs(folder, "deploy", "--all", "--require-approval", "never")


def _preflight(_: Path) -> tuple[Command, Command]:
    plain = Command(_python(BENCH / "apps" / "preflight_calls.py", QUICKSTART))
    return deployed.ours("preflight"), plain


def _check(_: Path) -> tuple[Command, Command]:
    return Command(_python("-m", "pinekeep", "check", "--config", QUICKSTART)), _IMPORTS


def _check_floor(_: Path) -> tuple[Command, Command]:
    model = "import yaml\nfrom pydantic import BaseModel\nclass Model(BaseModel):\n    field: int"
    return Command(_python("-c", model)), _IMPORTS


def _audit_query(name: str) -> Callable[[Path], tuple[Command, Command]]:
    def commands(folder: Path) -> tuple[Command, Command]:
        place = inputs.audit_logs(folder, files=1)
        ours, plain = (_audit_app(side, name, place) for side in ("ours", "plain"))
        return ours, plain

    return commands


def _audit_files(folder: Path) -> tuple[Command, Command]:
    many, one = (_audit_app("ours", "delete-index", inputs.audit_logs(folder, files=each)) for each in (100, 1))
    return many, one


def _audit_app(side: str, name: str, place: Path) -> Command:
    app = _python(BENCH / "apps" / "audit_query.py", side, name, place)
    return Command(app, {"PYTHONPATH": str(PROJECT)}, tells=True)


_IMPORTS: Final = Command(_python("-c", "import pydantic, yaml"))


BENCHMARKS: Final = {
    "quickstart": Benchmark("synth of the quickstart, both stacks ÷ an empty one-stack CDK app", 1.4, _quickstart),
    "nag": Benchmark("the same with cdk-nag attached ÷ an empty one-stack CDK app", 1.9, _nag),
    "twin": Benchmark("synth of the quickstart ÷ the same stacks in TypeScript CDK", 1.25, _twin),
    "twin-floor": Benchmark("what is possible: an empty Python CDK app ÷ an empty TypeScript one", None, _twin_floor),
    "many": Benchmark(
        "100 deployments in one file, both stacks each ÷ one deployment", 1.5, _many, memory_target=1.6, rounds=5
    ),
    "endpoints": Benchmark("synth of one deployment with 10 endpoints ÷ with one", 1.5, _endpoints),
    "packing": Benchmark("packing 3,000 customers ÷ packing 300", 12, _packing, most_seconds=1),
    "synth-customers": Benchmark("synth with 1,000 customers ÷ synth with 10", 1.5, _synth_customers),
    "access": Benchmark(
        "the full decision table of a deployment with 300 customers ÷ starting Python and importing the evaluator",
        None,
        _access,
        most_seconds=2,
    ),
    "verify-50": Benchmark("`verify` of 50 deployments ÷ `verify` of one, 50 ms an answer", 8, _verify, rounds=5),
    "fleet-verify": Benchmark(
        "`fleet verify` of 500 accounts ÷ of one, 50 ms an answer", 15, _fleet_verify, rounds=5, most_mib=300
    ),
    "plan": Benchmark(
        "`plan` of the deployed quickstart, nothing to change ÷ `cdk diff` of the same stacks",
        0.75,
        _plan,
        world=deployed.quickstart,
    ),
    "plan-anew": Benchmark(
        "the same `plan` with no templates remembered ÷ `cdk diff` of the same stacks",
        1,
        _plan_anew,
        world=deployed.quickstart,
    ),
    "fleet-plan": Benchmark(
        "`fleet plan` of 1,000 targets, nothing to change ÷ of 10",
        1.5,
        _fleet_plan,
        most_mib=FLEET_MIB,
        world=_fleets,
    ),
    "deploy": Benchmark(
        "`deploy` of the deployed quickstart, nothing to change ÷ `cdk deploy` of the same stacks",
        0.7,
        _deploy,
        world=deployed.quickstart,
    ),
    "preflight": Benchmark(
        "`preflight` of the deployed quickstart ÷ a boto3 script that makes as many calls, one after the other",
        0.9,
        _preflight,
        world=deployed.quickstart,
    ),
    "check": Benchmark("`pinekeep check` of the quickstart ÷ `import pydantic, yaml`", 2.5, _check, rounds=15),
    "check-floor": Benchmark(
        "what is possible: one pydantic model of one field, and yaml ÷ `import pydantic, yaml`",
        None,
        _check_floor,
        rounds=15,
    ),
    "private-link-check": Benchmark(
        "the check of a healthy private link, by its script ÷ `curl` of the same host",
        1.5,
        client.commands,
        world=client.network,
        rounds=25,
    ),
    "audit-query": Benchmark(
        "`audit query delete-index` over a million events ÷ the same question as plain DuckDB SQL",
        1.2,
        _audit_query("delete-index"),
        rounds=5,
        most_mib=AUDIT_MIB,
    ),
    "audit-query-grouped": Benchmark(
        "`audit query programs` over a million events ÷ the same question as plain DuckDB SQL",
        1.2,
        _audit_query("programs"),
        rounds=5,
        most_mib=AUDIT_MIB,
    ),
    "audit-query-newest": Benchmark(
        "`audit query newest` over a million events ÷ the same question as plain DuckDB SQL",
        1.2,
        _audit_query("newest"),
        rounds=5,
        most_mib=AUDIT_MIB,
    ),
    "audit-framing": Benchmark(
        "`audit query delete-index` over 100 files of mixed framing ÷ the same events in one file",
        1.5,
        _audit_files,
        rounds=5,
    ),
}
