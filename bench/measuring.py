"""Run commands in turn, and measure their time and memory."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

SAMPLE_SECONDS: Final = 0.02
KIB: Final = 1024


@dataclass(frozen=True)
class Command:
    """A command to measure.

    Attributes:
        environment: its variables beside those that all commands share.
        tells: whether the last line that it prints is its time in seconds.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    tells: bool = False

    def within(self, environment: Mapping[str, str]) -> "Command":
        """Return the same command with an environment below its own."""
        return replace(self, environment={**environment, **self.environment})


@dataclass(frozen=True)
class Run:
    """The cost of one run.

    Attributes:
        seconds: the wall time, or the time that the command printed.
        cpu_seconds: of the command and its children.
        peak_mib: the peak memory of the command and its children; 0 where it was not measured.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float = 0.0


def shared_environment() -> dict[str, str]:
    """Return the environment of all measured commands, without credentials and without settings that slow them down."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def measure(command: Command, *, memory: bool = False) -> Run:
    """Run a command once.

    Args:
        memory: sample its memory, which takes time itself: a run measures either time or memory.

    Raises:
        RuntimeError: the command failed.
    """
    with TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(command.arguments),
            env={**shared_environment(), **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        peak = _watch(process.pid) if memory else 0
        # The usage of a process includes that of the children it waited for, as jsii does for Node.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command.arguments)} failed:\n{output.read().decode(errors='replace')}")
        if command.tells:
            output.seek(0)
            seconds = float(output.read().split()[-1])
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak / KIB)


def _watch(pid: int) -> int:
    """Return the peak KiB of a process and its descendants, once it has ended."""
    peak = 0
    while not _ended(pid):
        peak = max(peak, sum(_proportional_kib(member) for member in _family(pid)))
        time.sleep(SAMPLE_SECONDS)
    return peak


def _ended(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    family = [pid]
    for member in family:
        try:
            for task in Path(f"/proc/{member}/task").iterdir():
                family += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return family


def _proportional_kib(pid: int) -> int:
    """Return the memory of a process in KiB, with what it shares counted in parts."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@dataclass(frozen=True)
class Comparison:
    """Runs of our command and of the baseline, pairwise in time."""

    ours: Sequence[Run]
    baseline: Sequence[Run]

    def median(self, runs: Sequence[Run], value: Callable[[Run], float]) -> float:
        """Return the median of a value."""
        return statistics.median(map(value, runs))

    def ratio(self, value: Callable[[Run], float]) -> float:
        """Return the median of the pairs' ratios of a value.

        The runs of a pair follow each other, so a machine that slows down for a while affects both.
        """
        pairs = zip(self.ours, self.baseline, strict=True)
        return statistics.median(value(ours) / value(baseline) for ours, baseline in pairs)


def compare(ours: Command, baseline: Command, *, rounds: int, memory: bool = False) -> Comparison:
    """Run both commands in turn, after a warm-up of each."""
    runs: dict[str, list[Run]] = {"ours": [], "baseline": []}
    commands = {"ours": ours, "baseline": baseline}
    for number in range(rounds + 1):
        # Each goes first as often as the other.
        for name in sorted(commands, reverse=bool(number % 2)):
            run = measure(commands[name], memory=memory)
            if number:
                runs[name].append(run)
            sys.stderr.write(".")
            sys.stderr.flush()
    return Comparison(runs["ours"], runs["baseline"])
