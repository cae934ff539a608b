"""What was handed over to Pinecone, as plain values, and how it differs from something else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pinekeep.model.config import Deployment
from pinekeep.model.naming import Output
from pinekeep.model.policies.trust import Regions, Trusted
from pinekeep.model.values.trust import NO_EXTERNAL_ID


class Value(StrEnum):
    """What Pinecone is given, by the name that a sentence uses."""

    ROLE_ARN = "role ARN"
    KEY_ARN = "key ARN"
    EXTERNAL_ID = "external ID"
    ENDPOINT_ID = "endpoint ID"


UNCHANGEABLE: Final = (Value.ROLE_ARN, Value.KEY_ARN, Value.EXTERNAL_ID)
"""What Pinecone keeps for good once it has it. An endpoint can be registered anew."""

OUTPUTS: Final[Mapping[Value, Output]] = {
    Value.ROLE_ARN: Output.ROLE_ARN,
    Value.KEY_ARN: Output.KEY_ARN,
    Value.EXTERNAL_ID: Output.EXTERNAL_ID,
    Value.ENDPOINT_ID: Output.VPC_ENDPOINT_ID,
}
"""The output of the stacks from which each value comes."""


@dataclass(frozen=True)
class Difference:
    """One value that is not what was handed over.

    Attributes:
        value: which one.
        handed_over: what Pinecone was given.
        now: what is so now; None where there is no such thing any more.
    """

    value: Value
    handed_over: str
    now: str | None

    def __str__(self) -> str:
        """Return the difference in words."""
        now = "there is none any more" if self.now is None else f"it is {self.now} now"
        return f"Pinecone was given the {self.value} {self.handed_over}; {now}"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the access that Pinecone was given rests on, besides the values that its console asks for.

    Attributes:
        pinecone_account: the AWS account of Pinecone's that the role trusts; None where that is not known.
        regions: the Pinecone regions that the role trusts; None where that is not known.
        alias: the alias of the key.
        vpc_id: the VPC of the endpoint.
        private_zone: the zone of Pinecone's private names that the endpoint serves.
    """

    pinecone_account: str | None = None
    regions: Regions | None = None
    alias: str | None = None
    vpc_id: str | None = None
    private_zone: str | None = None

    def with_those_of(self, other: "Terms") -> "Terms":
        """Return the same with what another knows, which wins. A region that was trusted once stays."""
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
        values: what was given. A value that was not asked for is not there; an external ID that was left blank is
            the word ``none``.
        terms: what the access rests on besides.
        standby_endpoints: the IDs of further endpoints that are registered with Pinecone.
        retired_endpoints: the IDs of endpoints that were taken away, the newest last.
    """

    values: Mapping[Value, str] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    standby_endpoints: tuple[str, ...] = ()
    retired_endpoints: tuple[str, ...] = ()

    @classmethod
    def of_outputs(
        cls, deployment: Deployment, outputs: Mapping[str, str], *, trust: Trusted | None = None
    ) -> "HandedOver":
        """Return what the outputs of a deployment's stacks hand over.

        Customers' keys are not among them: the ledger holds which customer was given which role.

        Args:
            deployment: its settings.
            outputs: the outputs of its stacks together.
            trust: whom the deployed role trusts, where that is known.
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
        """Yield each value that was handed over and is not so now; what is new is no difference."""
        for value, given in self.values.items():
            if now.get(value) != given:
                yield Difference(value, given, now.get(value))

    @property
    def registered_endpoints(self) -> tuple[str, ...]:
        """The IDs of all endpoints that are registered with Pinecone, the one that serves clients first."""
        serving = self.get(Value.ENDPOINT_ID)
        return tuple(dict.fromkeys((*((serving,) if serving else ()), *self.standby_endpoints)))

    def with_those_of(self, other: "HandedOver") -> "HandedOver":
        """Return the same with another's values, which win."""
        retired = tuple(dict.fromkeys((*self.retired_endpoints, *other.retired_endpoints)))
        return HandedOver(
            {**self.values, **other.values},
            self.terms.with_those_of(other.terms),
            tuple(dict.fromkeys((*self.standby_endpoints, *other.standby_endpoints))),
            retired,
        )
