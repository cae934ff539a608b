"""Who can use the key, in the demonstration: Pinecone, others that are refused, a grant, and a revocation."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.config import Deployment
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import pinecone
from pinekeep.operations.demonstration.actors import Caller, RoleSession, require_refusal
from pinekeep.operations.demonstration.steps import Steps, SurpriseError
from pinekeep.operations.revocation.methods import Method
from pinekeep.operations.revocation.restore import Restoration
from pinekeep.operations.revocation.revoke import Revocation
from pinekeep.operations.verification.checks.finding import Finding

OTHER_ACCOUNT: Final = "444455556666"
OTHER_ROLE: Final = "pinecone_something_else"
GRANTEE: Final = "nightly-export"
WRONG_ID: Final = "00000000-0000-4000-8000-000000000000"
ACCESS_DENIED: Final = ("AccessDenied", "AccessDeniedException")
_GRANTS_CHECK: Final = "key-grants"
_REVOKE_GRANT: Final = "aws kms revoke-grant "
_BY: Final = "the demonstration"
_METHODS: Final[Mapping[Method, tuple[str, tuple[str, ...]]]] = {
    Method.ROLE: ("deny the role all access", ACCESS_DENIED),
    Method.KEY: ("disable the key", ("DisabledException",)),
}
"""The methods of a revocation: the title, and the error codes with which Pinecone is refused afterwards."""


@dataclass(frozen=True, kw_only=True)
class AccessDemonstration:
    """Shows on one deployment with a key of its own who can use the key. ``verify`` verifies the deployment."""

    embedded: EmbeddedAws
    steps: Steps
    name: str
    deployment: Deployment
    clients: Clients
    pinecone_account: str
    customers: Packing | None
    verify: Callable[[], Sequence[Finding]]

    def show(self, *, role_arn: str, key_arn: str) -> None:
        """Show all of it. Raises SurpriseError if access is allowed that must be refused, or the reverse."""
        external_id = self.deployment.cmek.trust.presented_id if self.deployment.cmek else None
        with self.steps.step(f"as Pinecone, {self._access_role} assumes the role") as seen:
            caller = Caller(aws=self.embedded, account=self.pinecone_account, role_name=self._access_role)
            session = caller.assume(role_arn, external_id=external_id)
            seen.append("with the external ID" if external_id else "no external ID is required")
        with self.steps.step("Pinecone encrypts and decrypts with the key"):
            ciphertext = session.encrypt(key_arn)
            session.decrypt(key_arn, ciphertext)
        self._show_refusals(caller, role_arn, external_id)
        for action, attempt in session.administer(key_arn, role_arn).items():
            with self.steps.step(f"refused: the role calls {action}") as seen:
                seen.append(require_refusal(attempt, *ACCESS_DENIED))
        self._show_grant(key_arn, ciphertext)
        self._show_revocation(
            session, partial(caller.assume, role_arn, external_id=external_id), key_arn=key_arn, ciphertext=ciphertext
        )

    @property
    def _access_role(self) -> str:
        """The name of a Pinecone access role that the deployment trusts."""
        regions = self.deployment.cmek.trust.regions if self.deployment.cmek else "all"
        return pinecone.ACCESS_ROLE_PREFIX + (self.deployment.region if regions == "all" else regions[0])

    def _show_refusals(self, caller: Caller, role_arn: str, external_id: str | None) -> None:
        other = Caller(aws=self.embedded, account=self.pinecone_account, role_name=OTHER_ROLE)
        stranger = Caller(aws=self.embedded, account=OTHER_ACCOUNT, role_name=self._access_role)
        attempts = {
            "another role of Pinecone's account": partial(other.assume, role_arn, external_id=external_id),
            "a stranger's role of the same name": partial(stranger.assume, role_arn, external_id=external_id),
        }
        if external_id is not None:
            attempts = {
                "a wrong external ID": partial(caller.assume, role_arn, external_id=WRONG_ID),
                "no external ID": partial(caller.assume, role_arn, external_id=None),
                **attempts,
            }
        for what, attempt in attempts.items():
            with self.steps.step(f"refused: {what}") as seen:
                seen.append(require_refusal(attempt, *ACCESS_DENIED))

    def _show_grant(self, key_arn: str, ciphertext: bytes) -> None:
        """Create a grant, find it, and end it with the printed command."""
        grantee = Caller(aws=self.embedded, account=self.deployment.account, role_name=GRANTEE)
        decrypt = partial(grantee.kms.decrypt, KeyId=key_arn, CiphertextBlob=ciphertext)
        with self.steps.step(f"somebody creates a grant: {GRANTEE}, which no policy names, can decrypt"):
            require_refusal(decrypt, "AccessDeniedException")
            self.clients.client("kms").create_grant(KeyId=key_arn, GranteePrincipal=grantee.arn, Operations=["Decrypt"])
            decrypt()
        with self.steps.step("`pinekeep verify` finds it") as seen:
            found = [each for each in self.verify() if each.check == _GRANTS_CHECK and each.status == "failed"]
            if len(found) != 1 or grantee.arn not in found[0].found:
                raise SurpriseError("; ".join(each.found for each in found) or "nothing was found")
            seen.append(found[0].found.partition(";")[0])
        with self.steps.step("the printed command ends it") as seen:
            words = shlex.split(str(found[0].fix).partition(_REVOKE_GRANT)[2])
            options = dict(zip(words[::2], words[1::2], strict=True))
            kms = self.clients.in_region(options["--region"]).client("kms")
            kms.revoke_grant(KeyId=options["--key-id"], GrantId=options["--grant-id"])
            seen.append(f"{require_refusal(decrypt, 'AccessDeniedException')} for {GRANTEE}")

    def _show_revocation(
        self, session: RoleSession, assume: Callable[[], RoleSession], *, key_arn: str, ciphertext: bytes
    ) -> None:
        """Cut Pinecone off and restore its access, by each method."""
        for method, (title, codes) in _METHODS.items():
            with self.steps.step(f"{title} (`pinekeep revoke --how {method}`): Pinecone is cut off") as seen:
                revocation = Revocation(
                    name=self.name,
                    deployment=self.deployment,
                    method=method,
                    clients=self.clients,
                    customers=self.customers,
                    pinecone_account=self.pinecone_account,
                    by=_BY,
                )
                revoked = revocation.plan().carry_out()
                if not revoked.cut_off:
                    raise SurpriseError("; ".join(revoked.proof))
                for each in (session, assume()):
                    code = require_refusal(partial(each.decrypt, key_arn, ciphertext), *codes)
                seen.append(f"{code}, in the open session and in a new one")
            with self.steps.step("restore its access (`pinekeep restore`)"):
                restoration = Restoration(
                    name=self.name, deployment=self.deployment, clients=self.clients, customers=self.customers, by=_BY
                )
                restored = restoration.plan().carry_out()
                if not restored.let_in:
                    raise SurpriseError("; ".join(f"{step.target}: {step.status}" for step in restored.steps))
                session.decrypt(key_arn, ciphertext)
