"""Verify the deployments of a file on an AWS with a latency, and print the time in seconds.

boto3's own clients are created and build each request; the answers come from this process.
"""

import json
import sys
import time
from typing import Any

import boto3
from botocore import xform_name

from bench.right_aws import RightAws
from pinekeep.account.client.clients import Clients
from pinekeep.model.config import load
from pinekeep.operations.verification.verify import verify

LATENCY = 0.05
"""Seconds: what an answer of AWS takes at least from another continent, and often from the same Region."""


class Session:
    """A boto3 session whose clients stay in this process."""

    def __init__(self, aws: RightAws) -> None:
        self._aws = aws
        self._session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x")  # noqa: S106 - nobody's

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        """Return a client that is answered here."""
        session: Any = self._session
        client = session.client(service_name, region_name=region_name, config=config)
        client.meta.events.register("before-parameter-build", self._keep)
        client.meta.events.register("before-call", self._answer)
        return client

    @staticmethod
    def _keep(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = dict(params)

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        found = getattr(self._aws, xform_name(model.name))(**context["asked"])
        if model.name == "GetRole":  # IAM sends policies as text, which boto3 reads afterwards
            found["Role"]["AssumeRolePolicyDocument"] = json.dumps(found["Role"]["AssumeRolePolicyDocument"])
        return _Answered(), found


class _Answered:
    """A successful HTTP response."""

    status_code = 200


def main() -> float:
    """Verify, require that all is correct, and return the seconds, including the creation of clients."""
    configuration = load(sys.argv[1])
    aws = RightAws(configuration.deployments, latency=LATENCY)
    start = time.perf_counter()
    findings = verify(
        configuration.deployments,
        pinecone_account=configuration.content.pinecone_account,
        clients_for=lambda deployment: Clients(Session(aws), deployment.region),
    )
    took = time.perf_counter() - start
    wrong = [each for each in findings if not each.passes]
    if wrong:
        raise RuntimeError(f"{len(wrong)} findings are not right, the first {wrong[0]}")
    sys.stderr.write(f"{len(aws.calls)} calls\n")
    return took


if __name__ == "__main__":
    print(main())
