"""The parameters of released templates as output, as files and as launch links."""

import json
from collections.abc import Mapping
from pathlib import Path

from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.output.release import StackParametersOutput
from pinekeep.operations.release.filling import Filling, fillings
from pinekeep.operations.release.writing import launch_link, require_bucket_url, template_file


def parameter_outputs(
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
    *,
    folder: Path | None,
    bucket_url: str | None,
) -> list[StackParametersOutput]:
    """Return the released template and the parameters of each stack, after writing them into a folder if one is given.

    Raises WrongInputError as :func:`fillings` does, if ``bucket_url`` is no address in S3, or if a file cannot be
    written.
    """
    if bucket_url is not None:
        require_bucket_url(bucket_url)
    found = fillings(configuration, deployments)
    return [
        StackParametersOutput(
            deployment=each.deployment,
            part=each.part,
            stack=each.stack,
            account=deployments[each.deployment].account,
            region=each.region,
            template=template_file(each.shape),
            parameters=dict(each.parameters),
            launch_link=None if bucket_url is None else _link(each, bucket_url),
            file=None if folder is None else _written(each, folder),
        )
        for each in found
    ]


def _link(filling: Filling, bucket_url: str) -> str:
    return launch_link(
        bucket_url, filling.shape, stack=filling.stack, region=filling.region, parameters=filling.parameters
    )


def _written(filling: Filling, folder: Path) -> str:
    """Write a parameter file, as `aws cloudformation create-stack --parameters file://…` takes it; return its path."""
    path = folder / f"{filling.stack}.parameters.json"
    content = [{"ParameterKey": name, "ParameterValue": value} for name, value in filling.parameters.items()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongInputError(f"{path} cannot be written: {error.strerror}") from None
    return str(path)
