"""``pinekeep check``: validate the configuration file."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pinekeep.cli.options import Selection, verb, write, write_json

if TYPE_CHECKING:
    from pinekeep.model.config import Configuration, Deployment, Problem
    from pinekeep.model.config.fleet.targets import FleetTargets
    from pinekeep.model.output.configuration import CheckOutput


@verb("check")
def command(selection: Selection) -> None:
    """Validate the configuration file.

    Every problem is reported with its line and column. Needs no credentials and no network access.
    """
    configuration = selection.load()
    deployments = _deployments(selection, configuration)
    fleets, fleet_warnings = _fleets(selection, configuration)
    if selection.as_json:
        write_json(_output(configuration, deployments, fleets, fleet_warnings))
        return
    from pinekeep.model.config.derived import adopted_keys, stacks_of  # noqa: PLC0415 - imports pydantic

    write(f"{configuration.path} is valid")
    for name, deployment in deployments.items():
        write(f"  {name}: account {deployment.account}, {deployment.region}")
        for stack in stacks_of(name, deployment):
            write(f"    {stack}")
    for fleet in fleets:
        write(f"  fleet {fleet.name}: {_count(fleet)}")
        write(f"    {fleet.stack_set}")
    for name, key_arn, statements in adopted_keys(deployments):
        write(f"\nPinekeep does not change the policy of {key_arn} ({name}). Add these statements to it:")
        write(json.dumps(statements, indent=2), verbatim=True)


def _count(fleet: "FleetTargets") -> str:
    units = fleet.fleet.units
    found = (
        []
        if units and not fleet.targets
        else [
            f"{len(fleet.targets):,} {'target' if len(fleet.targets) == 1 else 'targets'} in {fleet.accounts:,} "
            f"{'account' if fleet.accounts == 1 else 'accounts'}"
        ]
    )
    return " and ".join([*found, *([f"the accounts of {', '.join(units)}"] if units else [])])


def _deployments(selection: Selection, configuration: "Configuration") -> "dict[str, Deployment]":
    """Return the deployments that were asked for; a file may have none."""
    return selection.deployments(configuration) if selection.names or configuration.deployments else {}


def _fleets(selection: Selection, configuration: "Configuration") -> "tuple[list[FleetTargets], list[Problem]]":
    """Return the fleets with their rows validated, and the warnings, which are reported; none for deployments."""
    from pinekeep.model.config.fleet.handover import fleet_handover_path, record_warnings  # noqa: PLC0415

    has_record = fleet_handover_path(configuration.path).exists()
    if selection.names or not (configuration.content.fleet or has_record):
        return [], []
    from pinekeep.cli.reporting import report_problems  # noqa: PLC0415
    from pinekeep.model.config.fleet.reading import read_fleets  # noqa: PLC0415

    found = list(read_fleets(configuration).values())
    warnings = [each for fleet in found[:1] for each in fleet.warnings]  # each fleet has those of all
    warnings += record_warnings(configuration.path, found)
    report_problems(warnings, str(configuration.path))
    return found, warnings


def _output(
    configuration: "Configuration",
    deployments: "Mapping[str, Deployment]",
    fleets: "Sequence[FleetTargets]",
    fleet_warnings: "Sequence[Problem]",
) -> "CheckOutput":
    # The output models take as long to import as the file takes to read.
    from pinekeep.model.config.derived import adopted_keys, stacks_of  # noqa: PLC0415
    from pinekeep.model.output import configuration as models  # noqa: PLC0415

    file = str(configuration.path)
    return models.CheckOutput(
        file=file,
        deployments=[
            models.DeploymentOutput(name=name, account=each.account, region=each.region, stacks=stacks_of(name, each))
            for name, each in deployments.items()
        ],
        adopted_keys=[
            models.NeededStatements(deployment=name, key_arn=key_arn, statements=statements)
            for name, key_arn, statements in adopted_keys(deployments)
        ],
        fleets=[
            models.FleetOutput(
                name=each.name,
                stack_set=each.stack_set,
                accounts=each.accounts,
                targets=len(each.targets),
            )
            for each in fleets
        ],
        warnings=[
            models.ProblemOutput(**problem.as_json(file)) for problem in (*configuration.warnings, *fleet_warnings)
        ],
    )
