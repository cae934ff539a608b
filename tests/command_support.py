"""What tests of the command line share: a right file, and what a run of the command gives."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import jsonschema

from pinekeep.model.output.schema import OUTPUTS, output_schema

GOOD = """\
version: 1
pinecone_account: "740000000001"
deployments:
  search-prod:
    account: "111122223333"
    region: us-east-1
    tags: {team: search}
    cmek:
      trust:
        regions: [us-east-1]
        external_id: 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13
    private_link:
      vpc: {cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}
      clients: {cidrs: [10.20.0.0/16]}
"""


EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
"""The external ID of the right file."""


def named(name: str, text: str = GOOD) -> str:
    """Return a file with another deployment's name, and with an external ID that only this one has.

    Where two deployments of an account have the same one, the product takes one for the other under another name.
    """
    return text.replace("search-prod", name).replace(EXTERNAL_ID, external_id_of(name))


def external_id_of(name: str) -> str:
    """Return the external ID that :func:`named` gives a deployment."""
    return str(UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))


@dataclass(frozen=True)
class Result:
    """What one run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def require_schema(self, verb: str) -> Any:
        """Hold stdout against the published schema of the verb, and return what it says."""
        _validator(verb).validate(self.json)
        return self.json


@cache
def _validator(verb: str) -> Any:
    definitions = _schema()["$defs"]
    return jsonschema.Draft202012Validator({"$defs": definitions, "$ref": f"#/$defs/{OUTPUTS[verb].__name__}"})


@cache
def _schema() -> Any:
    """The schema of all outputs. To make it takes longer than most commands."""
    return output_schema()


Run = Callable[..., Result]
