"""Whether Pinecone still has the access that it was given, decided from what is live, whatever the file says now."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.model.facts import pinecone
from pinekeep.model.policies.compare import PolicyFormatError
from pinekeep.operations.verification.checks.check import Subject, everywhere, registry
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

if TYPE_CHECKING:
    from pinekeep.decisions.access.decision import Decision

_USES: Final = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")

CHECKS: Final = registry()


@CHECKS.add(
    id="handed-over-access",
    title="Handed over: access",
    wanted="Pinecone can assume the role and use the key as it was given them",
    meaning="Pinecone is refused what it was given: it cannot read or write the project's data until its access is "
    "restored.",
    applies=everywhere,
    sees_absence=True,
)
def _access(
    subject: Subject, parameters: Mapping[str, Document], role: Document | None, key_policy: str | None
) -> Verdict | None:
    del parameters  # the subject has read the record of them
    record = subject.record
    if record is None or role is None or role["Arn"] != record.handed_over.get(Value.ROLE_ARN):
        return None  # checks of their own tell that nothing is recorded, or that the role is gone
    refused: list[str] = []
    undecided: list[str] = []
    for what, decision in _decided(subject, record.handed_over, role, key_policy):
        effect = decision.effect.value
        if effect == "deny":
            refused.append(f"{what} ({decision.reason})")
        elif effect == "undecided":
            undecided.append(f"whether {what.replace(' cannot ', ' can ')} is not decided ({decision.reason})")
    if refused:
        return failed("; ".join(refused), fix=subject.restore)
    if undecided:
        return noted("; ".join(undecided), fix="look at the statement: its effect cannot be decided here")
    return passed()


def _decided(
    subject: Subject, handed: HandedOver, role: Document, key_policy: str | None
) -> "Iterator[tuple[str, Decision]]":
    """Yield each thing that Pinecone does, as it would be told if it were refused, with what comes of it."""
    from pinekeep.decisions.access.evaluation import Decider  # noqa: PLC0415 - the evaluator is slow to import
    from pinekeep.decisions.access.live import live_key, live_role  # noqa: PLC0415
    from pinekeep.decisions.access.policies import Agreement, PolicyError, PolicySet  # noqa: PLC0415
    from pinekeep.decisions.access.principals import Kind, principals  # noqa: PLC0415
    from pinekeep.decisions.access.requests import key_requests, role_requests  # noqa: PLC0415

    terms, trust = handed.terms, subject.cmek.trust if subject.deployment.cmek else None
    regions: Any = terms.regions or (trust.regions if trust else ())
    agreed = Agreement(
        pinecone_account=terms.pinecone_account or str(subject.pinecone_account),
        regions="all" if regions == "all" else tuple(map(str, regions)),
        external_id=handed.external_id,
    )
    key_arn = handed.get(Value.KEY_ARN)
    try:
        policies = PolicySet(
            name=subject.name,
            origin="live",
            account=subject.account,
            region=subject.region,
            agreed=agreed,
            roles=(live_role(role, inline={}, attached={}),),
            keys=(live_key(arn=key_arn, policy=key_policy),) if key_arn and key_policy else (),
        )
    except PolicyError as error:
        raise PolicyFormatError(error.message) from None
    decider = Decider(policies)
    (ours,) = policies.roles
    wanted = set(pinecone.REGIONS) if agreed.regions == "all" else set(agreed.regions)
    for who in principals(policies):
        if who.kind is Kind.PINECONE_REGION and who.id.removeprefix("pinecone/") in wanted:
            asked = next(role_requests(ours, external_id=agreed.external_id))
            words = f"{who.words} (account {agreed.pinecone_account}) cannot assume the role"
            yield words, decider.decide(who, asked)
        elif who.kind is Kind.OUR_ROLE:
            for key in policies.keys:
                for request in key_requests(key):
                    if request.name in _USES:
                        words = f"the role cannot {request.name.partition(':')[2]} with the key"
                        yield words, decider.decide(who, request)
