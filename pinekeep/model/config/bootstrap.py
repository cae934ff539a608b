"""Which bootstrap a deployment goes through: the CDK's default one, or one that an organization has named itself."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.config.models import Bootstrap, Deployment
from pinekeep.model.facts import aws, bootstrap
from pinekeep.model.resources import PROJECT

_CDK_JSON: Final = PROJECT / "cdk.json"
_ROLES: Final = {
    "deploy": "deploy_role_arn",
    "file-publishing": "file_publishing_role_arn",
    "lookup": "lookup_role_arn",
    bootstrap.EXECUTION: "execution_role_arn",
}
"""The settings that name another role, by the kind of the role."""


@dataclass(frozen=True)
class BootstrapOf:
    """The bootstrap of one deployment, with every name filled in. ``settings`` is empty where the file has none."""

    settings: Bootstrap
    qualifier: str
    account: str
    region: str

    def role_arn(self, kind: str) -> str:
        """Return the ARN of one of its roles. ``kind``: ``deploy``, ``file-publishing``, ``lookup`` or ``cfn-exec``."""
        return self.filled(getattr(self.settings, _ROLES[kind]) or bootstrap.ROLE_ARNS[kind])

    @property
    def version_parameter(self) -> str:
        """The name of the parameter that holds its version."""
        return self.filled(self.settings.bootstrap_stack_version_ssm_parameter or bootstrap.VERSION_PARAMETER_OF_ANY)

    @property
    def is_default(self) -> bool:
        """Whether it is the one that ``cdk bootstrap`` without options makes."""
        return self.qualifier == bootstrap.QUALIFIER and self.settings == Bootstrap()

    @property
    def command(self) -> str:
        """The command that makes it, or brings the default one up to date."""
        return " ".join(["cdk bootstrap", *self.options, f"aws://{self.account}/{self.region}"])

    @property
    def options(self) -> list[str]:
        """The options with which ``cdk bootstrap`` makes it beside the default one."""
        if self.qualifier == bootstrap.QUALIFIER:
            return []
        return ["--qualifier", self.qualifier, "--toolkit-stack-name", f"CDKToolkit-{self.qualifier}".replace("_", "-")]

    def filled(self, name: str) -> str:
        """Return a name with what its placeholders stand for."""
        return self.filled_but_qualifier(name).replace("${Qualifier}", self.qualifier)

    def filled_but_qualifier(self, name: str) -> str:
        """Return a name with what its placeholders stand for, except the qualifier, which the CDK fills in."""
        values = {"Partition": aws.PARTITION, "AccountId": self.account, "Region": self.region}
        for placeholder, value in values.items():
            name = name.replace(f"${{AWS::{placeholder}}}", value)
        return name


def setting_of_role(kind: str) -> str:
    """Return the setting that names another role of a kind, such as ``deploy_role_arn``."""
    return f"bootstrap.{_ROLES[kind]}"


def bootstrap_of(deployment: Deployment) -> BootstrapOf:
    """Return a deployment's bootstrap: from the file, else the context of ``cdk.json``, else the CDK's default."""
    settings = deployment.bootstrap or Bootstrap()
    qualifier = settings.qualifier or qualifier_of_context() or bootstrap.QUALIFIER
    return BootstrapOf(settings, qualifier, deployment.account, deployment.region)


@cache
def qualifier_of_context() -> str | None:
    """Return the qualifier in the context of ``cdk.json``, or None. Raises WrongInputError if it cannot be read."""
    try:
        context = json.loads(_CDK_JSON.read_text(encoding="utf-8")).get("context") or {}
        found = context.get(bootstrap.QUALIFIER_CONTEXT)
    except (OSError, ValueError, AttributeError) as error:
        raise WrongInputError(
            f"{_CDK_JSON} cannot be read: {error}", hint="mend it, or take it back as it was"
        ) from None
    return str(found) if found else None
