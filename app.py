"""The CDK app: ``cdk synth|diff|deploy -c config=FILE``."""

import os
import sys

from pinekeep.cli.reporting import report_error, report_warnings
from pinekeep.errors import PinekeepError
from pinekeep.model.config import load
from pinekeep.model.config.loading import DEFAULT_FILE
from pinekeep.operations.synthesis.assembly import synthesize_shapes
from pinekeep.operations.synthesis.toolchain import prepare_synth


def main() -> int:
    """Synthesize the stacks of the configuration file; return the exit code."""
    prepare_synth(os.environ)
    from stacks.build import add_stacks, new_app  # noqa: PLC0415 - aws_cdk starts Node, which must be chosen first

    try:
        configuration = load(new_app().node.try_get_context("config") or DEFAULT_FILE)
        deployments = configuration.select(())
        configuration.require_as_handed_over(deployments)
    except PinekeepError as error:
        report_error(error)
        return error.exit_code
    report_warnings(configuration)
    synthesize_shapes(new_app, add_stacks, configuration, deployments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
