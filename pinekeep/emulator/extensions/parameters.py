"""What decides whether parameters may be read."""

import json
from typing import Any

from ministack.core import iam_actions


def several_parameters() -> None:
    """Gap: reading several parameters at once is decided as if it were about every resource there is.

    AWS asks for the permission on each of them. Here it is decided on the first: those of one call belong together.
    Of those under a path it asks for the permission on the path.
    """
    resource_of = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any) -> str:
        found = str(resource_of(service, *request))
        _, _, headers, body, _, region, account = request
        target = next((str(value) for name, value in headers.items() if name.lower() == "x-amz-target"), "")
        if service != "ssm" or not target.endswith((".GetParameters", ".GetParametersByPath")):
            return found
        try:
            asked = json.loads(body)
            first = str(asked["Names"][0] if "Names" in asked else asked["Path"])
        except (ValueError, LookupError, TypeError):
            return found
        return f"arn:aws:ssm:{region}:{account}:parameter/{first.lstrip('/')}"

    iam_actions.extract_resource_arn = resource
