"""The embedded AWS against moto, a second emulator, whose answers are recorded.

The record is written by tests/emulator/record_moto.py.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.conftest import held
from tests.emulator.stack_sets_script import FIRST, SECOND, play

ADMINISTRATOR: Final = "330000000009"
RECORD: Final = Path(__file__).parent / "moto-5.2.5.json"
FAULTS: Final = {
    "same name": "takes a name that is taken",
    "refusals/unknown override": "takes overrides of parameters that the set lacks",
    f"with an override: queues of {SECOND}": "leaves the stack as it was when overrides change",
    f"with a new template: queues of {SECOND}": "leaves the stack as it was when overrides change",
    f"with a new template: queues of {FIRST}": "leaves the stack as it was when the template changes",
    f"with a new template: instances/{SECOND}": "calls an instance current that the update left out",
    f"with one instance: instances/{SECOND}": "calls an instance current that the update left out",
    f"with a new template: overrides/{FIRST}": "forgets the overrides of an instance when the set is updated",
    "operations": "counts the update with an unknown override, and an update of a set twice",
    f"without instances: queues of {SECOND}": "deletes a stack that is to be retained",
}
"""What moto 5.2.5 does otherwise, where AWS documents what the embedded AWS does."""


def test_a_self_managed_set_is_seen_alike_by_another_emulator(embedded_aws: EmbeddedAws) -> None:
    own = dict(flat(play(lambda service, account: held_unless_iam(embedded_aws, service, account or ADMINISTRATOR))))
    other = dict(flat(json.loads(RECORD.read_text())))
    assert own.keys() == other.keys()
    assert {key for key, seen in own.items() if seen != other[key]} == set(FAULTS)


def held_unless_iam(aws: EmbeddedAws, service: str, account: str) -> Any:
    client = aws.session(account).client(service)
    return client if service == "iam" else held(client)  # botocore reads IAM's policies into documents


def flat(seen: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Observations, those about several accounts or calls one by one."""
    for step, found in seen.items():
        if step.endswith((": instances", ": overrides")) or step == "refusals":
            yield step, sorted(found)
            for key, each in found.items():
                yield f"{step}/{key}", each
        else:
            yield step, found
