"""``python -m bench`` runs all benchmarks, ``python -m bench NAME …`` some; ``--write`` updates the docs."""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.benchmarks import BENCHMARKS, Benchmark
from bench.measuring import compare

MEMORY_ROUNDS = 3
BUSY = 0.5


def measure(benchmark: Benchmark, rounds: int) -> report.Result:
    """Run one benchmark."""
    with TemporaryDirectory(prefix="pinekeep-bench-") as folder, benchmark.world(Path(folder)) as environment:
        ours, baseline = (each.within(environment) for each in benchmark.commands(Path(folder)))
        time = compare(ours, baseline, rounds=rounds)
        memory = None
        if benchmark.has_memory:
            memory = compare(ours, baseline, rounds=MEMORY_ROUNDS, memory=True)
    return report.Result(time, memory)


def main() -> int:
    """Run the benchmarks of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all when left out")
    parser.add_argument("--rounds", type=int, help="runs of each command that count; at least 5 for the docs")
    parser.add_argument("--write", action="store_true", help="update docs/performance.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))}; known are {', '.join(BENCHMARKS)}")
    if os.getloadavg()[0] > BUSY:
        sys.stderr.write(f"bench: the machine is busy (load {os.getloadavg()[0]:.1f}); the ratios are imprecise\n")
    results = {}
    for name in options.names or BENCHMARKS:
        sys.stderr.write(f"{name} ")
        results[name] = measure(BENCHMARKS[name], options.rounds or BENCHMARKS[name].rounds)
        sys.stderr.write("\n")
    print(report.table(report.measured(results)))
    if options.write:
        report.write(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
