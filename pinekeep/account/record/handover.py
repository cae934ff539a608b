"""What was handed over to Pinecone, and how it differs from the live values and from the configuration. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pinekeep.model.config import Deployment
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.naming import Output
from pinekeep.model.policies.compare import shortened
from pinekeep.model.policies.trust import Regions, Trusted
from pinekeep.model.values.trust import NO_EXTERNAL_ID


class Value(StrEnum):
    """A value that Pinecone is given, by its name in a sentence."""

    ROLE_ARN = "role ARN"
    KEY_ARN = "key ARN"
    EXTERNAL_ID = "external ID"
    ENDPOINT_ID = "endpoint ID"


UNCHANGEABLE: Final = (Value.ROLE_ARN, Value.KEY_ARN, Value.EXTERNAL_ID)
"""What Pinecone keeps permanently. An endpoint can be registered anew."""

OUTPUTS: Final[Mapping[Value, Output]] = {
    Value.ROLE_ARN: Output.ROLE_ARN,
    Value.KEY_ARN: Output.KEY_ARN,
    Value.EXTERNAL_ID: Output.EXTERNAL_ID,
    Value.ENDPOINT_ID: Output.VPC_ENDPOINT_ID,
}
"""The stack output of each value."""


@dataclass(frozen=True)
class Difference:
    """A value that differs from what was handed over; ``now`` is None where it no longer exists."""

    value: Value
    handed_over: str
    now: str | None

    def __str__(self) -> str:
        """Return the difference in words."""
        now = "there is none any more" if self.now is None else f"it is {self.now} now"
        return f"Pinecone was given the {self.value} {self.handed_over}; {now}"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What Pinecone's access depends on, besides the values that its console asks for. None where it is not known.

    ``pinecone_account``: Pinecone's AWS account that the role trusts. ``private_zone``: the zone of Pinecone's private
    names that the endpoint serves.
    """

    pinecone_account: str | None = None
    regions: Regions | None = None
    alias: str | None = None
    vpc_id: str | None = None
    private_zone: str | None = None

    def with_those_of(self, other: "Terms") -> "Terms":
        """Return the terms updated with another's known values. A region that was trusted once stays."""
        known = {name: value for name, value in vars(other).items() if value is not None}
        return replace(self, **{**known, "regions": _joined(self.regions, other.regions)})


def _joined(one: Regions | None, other: Regions | None) -> Regions | None:
    if one is None or other is None:
        return one if other is None else other
    if "all" in (one, other):
        return "all"
    return tuple(sorted({*one, *other}))


@dataclass(frozen=True)
class HandedOver:
    """What Pinecone was given for one deployment.

    Attributes:
        values: what was given. A value that is not needed is absent; a blank external ID is the word ``none``.
        standby_endpoints: the IDs of further endpoints that are registered with Pinecone.
        retired_endpoints: the IDs of removed endpoints, the newest last.
    """

    values: Mapping[Value, str] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    standby_endpoints: tuple[str, ...] = ()
    retired_endpoints: tuple[str, ...] = ()

    @classmethod
    def of_outputs(
        cls, deployment: Deployment, outputs: Mapping[str, str], *, trust: Trusted | None = None
    ) -> "HandedOver":
        """Return what a deployment's stacks hand over, from their outputs together.

        Customers' keys are not included: the ledger holds which customer was given which role. ``trust``: the
        principals that the deployed role trusts, where known.
        """
        cmek, link = deployment.cmek, deployment.private_link
        wanted: list[Value] = []
        if cmek is not None:
            wanted = [*UNCHANGEABLE] if cmek.has_own_key else [Value.ROLE_ARN, Value.EXTERNAL_ID]
        if link is not None:
            wanted.append(Value.ENDPOINT_ID)
        terms = Terms(
            pinecone_account=trust.pinecone_account if trust else None,
            regions=trust.regions or None if trust else None,
            alias=outputs.get(Output.KEY_ALIAS) if cmek is not None else None,
            vpc_id=outputs.get(Output.VPC_ID) if link is not None else None,
            private_zone=outputs.get(Output.PRIVATE_DNS_ZONE) if link is not None else None,
        )
        standby = outputs.get(Output.STANDBY_VPC_ENDPOINT_ID) if link is not None else None
        return cls(
            {value: outputs[OUTPUTS[value]] for value in wanted if OUTPUTS[value] in outputs},
            terms,
            (standby,) if standby else (),
        )

    def get(self, value: Value) -> str | None:
        """Return one value, or None where it was not handed over."""
        return self.values.get(value)

    @property
    def external_id(self) -> str | None:
        """The external ID that Pinecone presents; None where it presents none, or nothing was handed over."""
        found = self.get(Value.EXTERNAL_ID)
        return None if found == NO_EXTERNAL_ID else found

    def differences(self, now: "HandedOver") -> Iterator[Difference]:
        """Yield each value that was handed over and has changed; a new value is no difference."""
        for value, given in self.values.items():
            if now.get(value) != given:
                yield Difference(value, given, now.get(value))

    @property
    def registered_endpoints(self) -> tuple[str, ...]:
        """The IDs of all endpoints registered with Pinecone, the serving one first."""
        serving = self.get(Value.ENDPOINT_ID)
        return tuple(dict.fromkeys((*((serving,) if serving else ()), *self.standby_endpoints)))

    def with_those_of(self, other: "HandedOver") -> "HandedOver":
        """Return the same, updated with another's values."""
        retired = tuple(dict.fromkeys((*self.retired_endpoints, *other.retired_endpoints)))
        return HandedOver(
            {**self.values, **other.values},
            self.terms.with_those_of(other.terms),
            tuple(dict.fromkeys((*self.standby_endpoints, *other.standby_endpoints))),
            retired,
        )


@dataclass(frozen=True)
class Contradiction:
    """A setting that differs from what was handed over.

    ``setting``: the setting's path below the deployment; ``pinecone_account`` is at the top level. ``given``: what
    Pinecone was given; an external ID shortened.
    """

    setting: str
    given: str

    def __str__(self) -> str:
        return f"{self.setting} (Pinecone was given {self.given})"


def contradictions(
    name: str, deployment: Deployment, *, pinecone_account: str | None, handed_over: HandedOver
) -> Iterator[Contradiction]:
    """Yield each setting of a deployment with ``cmek`` that differs from what was handed over.

    Deploying such a file would take from Pinecone what it has. So the file is changed back first.
    """
    cmek, terms = deployment.cmek, handed_over.terms
    if cmek is None:
        return
    if terms.pinecone_account not in (None, pinecone_account):
        yield Contradiction("pinecone_account", str(terms.pinecone_account))
    given = handed_over.get(Value.EXTERNAL_ID)
    if given not in (None, cmek.trust.external_id):
        yield Contradiction("cmek.trust.external_id", given if given == NO_EXTERNAL_ID else shortened(str(given)))
    role = handed_over.get(Value.ROLE_ARN)
    if role not in (None, role_arn_of(name, deployment)):
        yield Contradiction("cmek.role_name", str(role))
    key = handed_over.get(Value.KEY_ARN)
    if key is not None and (not cmek.has_own_key or cmek.key.adopt not in (None, key)):
        yield Contradiction("cmek.key.adopt" if cmek.has_own_key else "cmek.key", key)
    trusted = cmek.trust.regions
    if terms.regions is not None and trusted != "all":
        gone = ["all"] if terms.regions == "all" else [each for each in terms.regions if each not in trusted]
        if gone:
            yield Contradiction("cmek.trust.regions", ", ".join(gone))
