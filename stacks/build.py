"""From a configuration to a CDK app with its stacks."""

import json
from collections.abc import Mapping
from importlib import import_module
from threading import Thread
from typing import Any, Final

from aws_cdk import App, BootstraplessSynthesizer, DefaultStackSynthesizer, Environment, Stack, Tags

from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import aws
from pinekeep.model.facts.bootstrap import EXECUTION, ROLE_ARNS
from pinekeep.model.resources import PROJECT

_CDK_JSON: Final = PROJECT / "cdk.json"
_SAME_BYTES: Final = {
    # The CLI sets these from its own options; without it the bytes must be the same.
    "aws:cdk:enable-path-metadata": False,
    "aws:cdk:enable-asset-metadata": False,
    "aws:cdk:version-reporting": False,
    # The place in the code that creates a construct says nothing here (one file of settings defines them all), costs
    # time and space for each, and would put the folder of this project into the cloud assembly.
    "aws:cdk:disable-creation-stack-traces": True,
}


def new_app(*, outdir: str | None = None, validate: bool = True) -> App:
    """Return an empty app that behaves the same with and without the CDK CLI.

    A bare ``App()`` does not read cdk.json, so its feature flags are passed on here. Without ``outdir``, the CLI names
    the folder of the cloud assembly, or a temporary one is created. ``validate``: the CDK checks the templates with its
    own rules.
    """
    # Node takes a moment to create its first App, Python as long to import what the stacks need: aws_ec2 is large.
    Thread(target=_import_stacks).start()
    return App(
        outdir=outdir,
        context=json.loads(_CDK_JSON.read_text())["context"],
        post_cli_context=_SAME_BYTES,
        analytics_reporting=False,
        builtin_cloud_formation_validation=validate,
        tree_metadata=False,
        stack_traces=False,
    )


def _import_stacks() -> None:
    for name in (".cmek", ".monitoring", ".private_link", ".storage"):
        import_module(name, __package__)


def _synthesizer(deployment: Deployment) -> dict[str, Any]:
    """Return the synthesizer for the bootstrap that the file names; nothing where it names none.

    A qualifier that the file does not name is left to the CDK, which looks into its context: cdk.json, or ``-c``.
    """
    settings = deployment.bootstrap
    if settings is None:
        return {}
    named = bootstrap_of(deployment)

    def filled(name: str | None) -> str | None:
        return None if name is None else named.filled_but_qualifier(name)

    return {
        "synthesizer": DefaultStackSynthesizer(
            qualifier=settings.qualifier,
            deploy_role_arn=filled(settings.deploy_role_arn),
            cloud_formation_execution_role=filled(settings.execution_role_arn),
            file_asset_publishing_role_arn=filled(settings.file_publishing_role_arn),
            lookup_role_arn=filled(settings.lookup_role_arn),
            file_assets_bucket_name=filled(settings.file_assets_bucket),
            bootstrap_stack_version_ssm_parameter=filled(settings.bootstrap_stack_version_ssm_parameter),
        )
    }


def _from_elsewhere(deployment: Deployment) -> BootstraplessSynthesizer:
    """Return the synthesizer of a stack in another Region, which needs no bootstrap of its own.

    The roles of the bootstrap are IAM's, so those of the deployment's Region serve every Region; the stack has no
    assets, so it needs no bucket.
    """
    named = bootstrap_of(deployment)
    settings = named.settings

    def role(kind: str, given: str | None) -> str:
        return named.filled_but_qualifier(given or ROLE_ARNS[kind])

    return BootstraplessSynthesizer(
        qualifier=settings.qualifier,
        deploy_role_arn=role("deploy", settings.deploy_role_arn),
        cloud_formation_execution_role_arn=role(EXECUTION, settings.execution_role_arn),
    )


def add_stacks(
    app: App,
    deployments: Mapping[str, Deployment],
    *,
    pinecone_account: str | None,
    customers: Mapping[str, Packing] | None = None,
) -> None:
    """Add the stacks of the deployments to the app.

    ``pinecone_account``: needed where a deployment has a key. ``customers``: their places by deployment; needed where
    it has ``customer_keys``.
    """
    from .cmek import CmekStack  # noqa: PLC0415 - see new_app
    from .monitoring import GlobalMonitoringStack, MonitoringStack  # noqa: PLC0415
    from .private_link import PrivateLinkStack  # noqa: PLC0415
    from .storage import StorageStack  # noqa: PLC0415

    for name, deployment in deployments.items():
        tags = {**deployment.tags, naming.DEPLOYMENT_TAG: name}
        common: dict[str, Any] = {
            "name": name,
            "deployment": deployment,
            "env": Environment(account=deployment.account, region=deployment.region),
            "tags": tags,
            **_synthesizer(deployment),
        }
        stacks: list[Stack] = []
        if deployment.cmek is not None:
            account, places = str(pinecone_account), (customers or {}).get(name)
            cmek = CmekStack(app, naming.cmek_stack(name), pinecone_account=account, customers=places, **common)
            stacks.append(cmek)
        if deployment.private_link is not None:
            stacks.append(PrivateLinkStack(app, naming.private_link_stack(name), **common))
        if deployment.audit_logs is not None or deployment.storage_integrations:
            stacks.append(StorageStack(app, naming.storage_stack(name), **common))
        if deployment.monitoring is not None:
            packing = (customers or {}).get(name)
            key_roles = 0 if deployment.whole.cmek is None else len(packing.roles) if packing else 1
            watching: dict[str, Any] = {**common, "deployment": deployment.whole, "key_roles": key_roles}
            monitoring: list[Stack] = [MonitoringStack(app, naming.monitoring_stack(name), **watching)]
            if deployment.region != aws.GLOBAL_EVENTS_REGION:
                elsewhere = Environment(account=deployment.account, region=aws.GLOBAL_EVENTS_REGION)
                forwarding: dict[str, Any] = {**watching, "env": elsewhere, "synthesizer": _from_elsewhere(deployment)}
                monitoring.append(GlobalMonitoringStack(app, naming.global_monitoring_stack(name), **forwarding))
            for each in monitoring:
                for watched in stacks:
                    each.add_stack_dependency(watched, "its outputs are referenced")
            stacks += monitoring
        for stack in stacks:
            stack_tags = Tags.of(stack)
            for key, value in tags.items():
                stack_tags.add(key, value)
