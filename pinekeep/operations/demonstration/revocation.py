"""Cutting Pinecone off and letting it in again, each tried by Pinecone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.model.config import Deployment
from pinekeep.model.customers.packing import Packing
from pinekeep.operations.demonstration.actors import RoleSession, require_refusal
from pinekeep.operations.demonstration.steps import Steps, SurpriseError
from pinekeep.operations.revocation.methods import Method
from pinekeep.operations.revocation.restore import Restoration
from pinekeep.operations.revocation.revoke import Revocation

BY: Final = "the demonstration"
REFUSED: Final[Mapping[Method, tuple[str, ...]]] = {
    Method.ROLE: ("AccessDenied", "AccessDeniedException"),
    Method.KEY: ("DisabledException",),
}
"""With what AWS refuses Pinecone afterwards."""
_TITLES: Final[Mapping[Method, str]] = {
    Method.ROLE: "you deny the role everything",
    Method.KEY: "you disable the key",
}


@dataclass(frozen=True, kw_only=True)
class CuttingOff:
    """Shows both ways on one deployment.

    Attributes:
        assume: begins another session of Pinecone's.
    """

    name: str
    deployment: Deployment
    clients: Clients
    pinecone_account: str
    customers: Packing | None
    assume: Callable[[], RoleSession]

    def show(self, steps: Steps, session: RoleSession, *, key_arn: str, ciphertext: bytes) -> None:
        """Cut Pinecone off and let it in again, by the role and by the key.

        Raises:
            SurpriseError: Pinecone is let through, or is not let in again.
        """
        for how, codes in REFUSED.items():
            with steps.step(f"{_TITLES[how]} (`pinekeep revoke --how {how}`): Pinecone is cut off") as seen:
                self._revoke(how)
                for each in (session, self.assume()):
                    code = require_refusal(lambda each=each: each.decrypt(key_arn, ciphertext), *codes)  # type: ignore[misc]
                seen.append(f"{code}, in the open session and in a new one")
            with steps.step("you let it in again (`pinekeep restore`)"):
                self._restore()
                session.decrypt(key_arn, ciphertext)

    def _revoke(self, how: Method) -> None:
        revoked = (
            Revocation(
                name=self.name,
                deployment=self.deployment,
                method=how,
                clients=self.clients,
                customers=self.customers,
                pinecone_account=self.pinecone_account,
                by=BY,
            )
            .plan()
            .carry_out()
        )
        if not revoked.cut_off:
            raise SurpriseError("; ".join(revoked.proof))

    def _restore(self) -> None:
        restored = (
            Restoration(
                name=self.name, deployment=self.deployment, clients=self.clients, customers=self.customers, by=BY
            )
            .plan()
            .carry_out()
        )
        if not restored.let_in:
            raise SurpriseError("; ".join(f"{step.target}: {step.status}" for step in restored.steps))
