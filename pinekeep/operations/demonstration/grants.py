"""A grant that nobody meant to be there: made, found, and ended with the command that was printed."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.operations.demonstration.actors import Caller, require_refusal
from pinekeep.operations.demonstration.steps import Steps, SurpriseError
from pinekeep.operations.verification.checks.finding import Finding

STRANGER: Final = "nightly-export"
CHECK: Final = "key-grants"
_COMMAND: Final = "aws kms revoke-grant "


@dataclass(frozen=True, kw_only=True)
class StrangersGrant:
    """Shows what a grant opens, and that it is found.

    Attributes:
        stranger: a role that no policy of the key names.
    """

    stranger: Caller
    clients: Clients
    verify: Callable[[], Sequence[Finding]]

    def show(self, steps: Steps, *, key_arn: str, ciphertext: bytes) -> None:
        """Make a grant, find it and end it.

        Raises:
            SurpriseError: it lets nobody in, is not found, or does not end.
        """

        def decrypt() -> Any:
            return self.stranger.kms.decrypt(KeyId=key_arn, CiphertextBlob=ciphertext)

        with steps.step(f"somebody makes a grant: {STRANGER}, which no policy names, decrypts"):
            require_refusal(decrypt, "AccessDeniedException")
            self.clients.client("kms").create_grant(
                KeyId=key_arn, GranteePrincipal=self.stranger.arn, Operations=["Decrypt"]
            )
            decrypt()
        with steps.step("`pinekeep verify` finds it") as seen:
            found = [each for each in self.verify() if each.check == CHECK and each.status == "failed"]
            if len(found) != 1 or self.stranger.arn not in found[0].found:
                raise SurpriseError("; ".join(each.found for each in found) or "nothing was found")
            seen.append(found[0].found.partition(";")[0])
        with steps.step("you end it with the command that was printed") as seen:
            self._run(str(found[0].fix))
            seen.append(f"{require_refusal(decrypt, 'AccessDeniedException')} for {STRANGER}")

    def _run(self, fix: str) -> None:
        """Do what the printed command does."""
        words = shlex.split(fix.partition(_COMMAND)[2])
        named = dict(zip(words[::2], words[1::2], strict=True))
        kms = self.clients.in_region(named["--region"]).client("kms")
        kms.revoke_grant(KeyId=named["--key-id"], GrantId=named["--grant-id"])
