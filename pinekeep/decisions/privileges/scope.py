"""The ARNs of deployments in their account, known from the configuration file alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.config import Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.config.derived import has_part
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.models import alias_of, endpoint_service_of, role_name_of
from pinekeep.model.config.private_link import NewVpc, PrivateLink
from pinekeep.model.facts import aws, bootstrap
from pinekeep.model.facts.pinecone import PrivateLinkRegion

COLLAPSE_OVER: Final = 20
"""More deployments than this in one account are named by patterns, so that the policies stay within IAM's quotas."""

GENERATED_PREFIX_MAX: Final = 24
"""CloudFormation generates a physical name from the stack's name, the logical ID and a random part. It shortens long
ones and does not document how far; this much of the stack's name is relied on."""


@dataclass(frozen=True)
class Scope:
    """Deployments of one account, in one Region or several, by name."""

    account: str
    deployments: Mapping[str, Deployment]
    fleets: Mapping[str, Fleet] = field(default_factory=dict)
    """The fleets whose stack sets the account administers, by name."""

    @property
    def regions(self) -> list[str]:
        """The Regions, each once."""
        return once(each.region for each in self.deployments.values())

    @property
    def many(self) -> bool:
        """Whether there are too many deployments to name each."""
        return len(self.deployments) > COLLAPSE_OVER

    @property
    def names(self) -> list[str]:
        """The values of the deployments' tag; ``*`` for too many."""
        return ["*"] if self.many else list(self.deployments)

    def boundaries(self) -> list[str]:
        """The permissions boundaries of the roles; none unless every deployment with roles has one."""
        found = [each.permissions_boundary for each in self.deployments.values() if makes_roles(each)]
        return once(each for each in found if each) if all(found) else []

    # --- CloudFormation and CDK ---

    def stacks(self, *, cmek: bool = True, link: bool = True, further: bool = True) -> list[str]:
        """Return the ARNs of the stacks of role and key, of the endpoints', and of storage and monitoring."""
        found = self._stacks(
            (naming.cmek_stack, lambda each: cmek and each.cmek),
            (naming.private_link_stack, lambda each: link and each.private_link),
            (naming.storage_stack, lambda each: further and has_part(each, "storage")),
            (naming.monitoring_stack, lambda each: further and each.monitoring),
        )
        forwarding = [name for name, each in self.deployments.items() if further and forwards(each)]
        names = once(naming.global_monitoring_stack("*" if self.many else name) for name in forwarding)
        return [*found, *(self._in_region(aws.GLOBAL_EVENTS_REGION, each) for each in names)]

    def endpoint_stacks(self) -> list[str]:
        """Return the ARNs of the endpoints' stacks, also of one that the file no longer has."""
        return self._stacks((naming.private_link_stack, lambda _: True))

    def both_stacks(self) -> list[str]:
        """Return the ARNs of each deployment's stacks of key and endpoint, also of one that the file no longer has."""
        return self._stacks((naming.cmek_stack, lambda _: True), (naming.private_link_stack, lambda _: True))

    def further_stacks(self) -> list[str]:
        """Return patterns of the stacks of storage and monitoring of every deployment of the account."""
        kinds = (naming.storage_stack("*"), naming.monitoring_stack("*"))
        return [
            *(self._in_region(region, each) for region in self.regions for each in kinds),
            self._in_region(aws.GLOBAL_EVENTS_REGION, naming.global_monitoring_stack("*")),
        ]

    def _in_region(self, region: str, stack: str) -> str:
        return f"arn:{aws.PARTITION}:cloudformation:{region}:{self.account}:stack/{stack}/*"

    def _stacks(self, *kinds: tuple[Callable[[str], str], Callable[[Deployment], object]]) -> list[str]:
        if self.many:
            return self._each_region("cloudformation", f"stack/{naming.STACK_PREFIX}-*")
        return [
            f"arn:{aws.PARTITION}:cloudformation:{each.region}:{self.account}:stack/{stack(name)}/*"
            for name, each in self.deployments.items()
            for stack, wanted in kinds
            if wanted(each)
        ]

    def stacks_of_any_deployment(self) -> list[str]:
        """Return the pattern of the stacks of role and key of every deployment in the account, in every Region."""
        if not self.roles():
            return []
        return [f"arn:{aws.PARTITION}:cloudformation:*:{self.account}:stack/{naming.cmek_stack('*')}/*"]

    def bootstrap_role(self, kind: str) -> list[str]:
        """Return the ARNs of one of the roles of `cdk bootstrap`, such as ``deploy``."""
        return once(bootstrap_of(each).role_arn(kind) for each in self.deployments.values())

    def bootstrap_parameters(self) -> list[str]:
        """Return the parameters that hold the bootstrap's version."""
        return once(
            f"arn:{aws.PARTITION}:ssm:{each.region}:{self.account}:parameter/"
            f"{bootstrap_of(each).version_parameter.removeprefix('/')}"
            for each in self.deployments.values()
        )

    def all_bootstrap_parameters(self) -> list[str]:
        """Return the version parameters of bootstraps with any qualifier, and their path."""
        path = bootstrap.PARAMETERS_PATH.strip("/")
        return [arn for end in ("", "/*") for arn in self._each_region("ssm", f"parameter/{path}{end}")]

    def records(self) -> list[str]:
        """Return the parameters of the records, their copies, and the progress of offboardings."""
        return [
            arn
            for name in self.names
            for parameter in (f"/pinekeep/{name}/*", naming.record_copy_parameter(name))
            for arn in self._each_region("ssm", f"parameter{parameter}")
        ]

    def alarm_rules(self) -> list[str]:
        """Return the rules that detect use of a disabled key during an offboarding."""
        if not self.keys():
            return []
        return [arn for name in self.names for arn in self._each_region("events", f"rule/pinekeep-{name}-disabled-key")]

    # --- IAM ---

    def roles(self) -> list[str]:
        """Return the ARNs of the roles that Pinecone assumes."""
        return self._roles_of({name: each for name, each in self.deployments.items() if each.cmek is not None})

    def generated_roles(self) -> list[str]:
        """Return the ARNs of the flow logs' roles, whose names CloudFormation generates."""
        return self._generated_iam("role")

    def roles_with_policies(self) -> list[str]:
        """Return the ARNs of the roles with managed policies: the flow logs', and those that use customers' keys."""
        return [*self.generated_roles(), *self._roles_of(self._with_customers)]

    def policies(self) -> list[str]:
        """Return the ARNs of the managed policies: the flow logs', those for customers' keys, named after the role."""
        customers = self._roles_of(self._with_customers, further=False)
        return [
            *self._generated_iam("policy"),
            *(f"{role.replace(':role/', ':policy/', 1)}-*keys-*" for role in customers),
        ]

    def customer_accounts(self) -> list[str]:
        """Return the accounts of customers with keys of their own."""
        return once(account for each in self._with_customers.values() for account in customer_accounts_of(each))

    # --- KMS ---

    def keys(self) -> list[str]:
        """Return the ARNs of every key of the account, in the Regions where a deployment has a key of its own."""
        return [f"arn:{aws.PARTITION}:kms:{region}:{self.account}:key/*" for region in self._key_regions]

    def keys_to_read(self) -> list[str]:
        """Return the same, and the adopted keys."""
        return once([*self.keys(), *self.adopted_keys()])

    def adopted_keys(self) -> list[str]:
        """Return the ARNs of the adopted keys."""
        return once(
            each.cmek.key.adopt for each in self.deployments.values() if each.cmek and each.cmek.key.adopt is not None
        )

    def replicas(self) -> list[str]:
        """Return the ARNs of replicas of the keys, in every Region: they share the key's ID, ``mrk-`` and more."""
        ids = [
            "mrk-*" if each.cmek.key.adopt is None else each.cmek.key.adopt.rpartition("/")[2]
            for each in self.deployments.values()
            if each.cmek is not None and each.cmek.has_own_key and (each.cmek.key.adopt or each.cmek.key.multi_region)
        ]
        return [f"arn:{aws.PARTITION}:kms:*:{self.account}:key/{each}" for each in once(ids) if each.startswith("mrk-")]

    def alias_names(self) -> list[str]:
        """Return the aliases of the keys, with ``alias/``."""
        default = f"alias/{naming.default_alias('*')}"
        return once(
            default if self.many and not (each.cmek and each.cmek.key.alias) else alias
            for name, each in self.deployments.items()
            if makes_key(each) and (alias := alias_of(name, each))
        )

    def aliases(self) -> list[str]:
        """Return the ARNs of the aliases."""
        return [
            f"arn:{aws.PARTITION}:kms:{region}:{self.account}:{alias}"
            for region in self._key_regions
            for alias in self.alias_names()
        ]

    @property
    def has_multi_region_keys(self) -> bool:
        """Whether a key is a multi-Region key."""
        return any(each.cmek and each.cmek.key.multi_region for each in self.deployments.values())

    # --- Network ---

    @property
    def links(self) -> list[PrivateLink]:
        """The deployments' private connectivity."""
        return [each.private_link for each in self.deployments.values() if each.private_link is not None]

    def ec2(self, kind: str) -> list[str]:
        """Return the ARNs of every EC2 resource of a kind, such as ``subnet``, in the Regions."""
        return self._each_region("ec2", f"{kind}/*")

    @property
    def makes_vpcs(self) -> bool:
        """Whether a deployment has a VPC of its own."""
        return any(makes_vpc(each) for each in self.deployments.values())

    @property
    def has_endpoints(self) -> bool:
        """Whether a deployment has an endpoint."""
        return any(each.private_link for each in self.deployments.values())

    @property
    def has_hosted_zones(self) -> bool:
        """Whether a deployment has records in a private hosted zone."""
        return any(each.has_zone or each.dns_bridge for each in self.links)

    @property
    def has_resolvers(self) -> bool:
        """Whether a deployment has an inbound endpoint of Route 53 Resolver."""
        return any(each.resolver is not None for each in self.links)

    @property
    def has_ipv6(self) -> bool:
        """Whether an endpoint has IPv6 addresses."""
        links = [each.private_link for each in self.deployments.values()]
        return any(link and link.ip_address_type == "dualstack" for link in links)

    @property
    def has_profiles(self) -> bool:
        """Whether a deployment has a Route 53 Profile."""
        return any(each.dns == "profile" for each in self.links)

    @property
    def has_private_dns_names(self) -> bool:
        """Whether an endpoint has its private DNS name enabled."""
        return any(each.has_private_dns and each.adopted is None for each in self.links)

    @property
    def has_dual_stack(self) -> bool:
        """Whether an endpoint has IPv6 addresses."""
        return any(each.ip_address_type == "dualstack" for each in self.links)

    @property
    def has_other_service_regions(self) -> bool:
        """Whether an endpoint's service is in another Region."""
        return any(
            each.private_link and each.private_link.service_region not in (None, each.region)
            for each in self.deployments.values()
        )

    def endpoint_services(self) -> list[PrivateLinkRegion]:
        """Return the endpoint services of Pinecone that the deployments connect to."""
        return list(dict.fromkeys(endpoint_service_of(each) for each in self.deployments.values() if each.private_link))

    def profiles(self) -> list[str]:
        """Return the ARNs of every Route 53 Profile and association in the Regions, where a deployment has one."""
        if not self.has_profiles:
            return []
        kinds = ("profile", "profile-association", "profile-resource-association")
        return [arn for kind in kinds for arn in self._each_region("route53profiles", f"{kind}/*")]

    def resolver_endpoints(self) -> list[str]:
        """Return the ARNs of every Resolver endpoint in the Regions, where a deployment has one."""
        if not any(each.dns == "resolver-inbound" for each in self.links):
            return []
        return self._each_region("route53resolver", "resolver-endpoint/*")

    def log_groups(self) -> list[str]:
        """Return the ARNs of the flow logs' log groups, whose names CloudFormation generates."""
        return [arn for name in self._generated for arn in self._each_region("logs", f"log-group:{name}")]

    def flow_log_groups(self) -> list[str]:
        """Return the ARNs of the log groups with flow logs of the endpoints' VPCs: any, where a VPC existed before."""
        if any(each.private_link and not makes_vpc(each) for each in self.deployments.values()):
            return self.all_log_groups()
        return self.log_groups()

    def all_log_groups(self) -> list[str]:
        """Return the ARNs of every log group in the Regions."""
        return self._each_region("logs", "log-group:*")

    # --- Helpers ---

    @property
    def _generated(self) -> list[str]:
        return self._prefixes(
            naming.private_link_stack(name) for name, each in self.deployments.items() if makes_vpc(each)
        )

    def _generated_iam(self, kind: str) -> list[str]:
        """Return patterns of the ARNs of roles or policies whose names CloudFormation generates, under each path."""
        own = {name: each for name, each in self.deployments.items() if makes_vpc(each)}
        stem = f"arn:{aws.PARTITION}:iam::{self.account}:{kind}"
        return once(
            f"{stem}{path}{each}"
            for path in dict.fromkeys(each.iam_path for each in own.values())
            for each in self._prefixes(naming.private_link_stack(name) for name in own if own[name].iam_path == path)
        )

    def _prefixes(self, stacks: Iterable[str]) -> list[str]:
        """Return patterns of the names that CloudFormation generates in some stacks."""
        found = [f"{stack[:GENERATED_PREFIX_MAX]}*" for stack in stacks]
        return [f"{naming.STACK_PREFIX}-*"] if self.many and found else once(found)

    def _roles_of(self, deployments: Mapping[str, Deployment], *, further: bool = True) -> list[str]:
        arns = []
        for name, each in deployments.items():
            given = each.cmek is not None and each.cmek.role_name
            role = role_name_of(name, each) if given or not self.many else "pinekeep-*"
            arns.append(role_arn(account=self.account, role_name=role, path=each.iam_path))
            if further and customer_accounts_of(each) and (given or not self.many):
                arns.append(f"{arns[-1]}-*")  # further roles have a number
        return once(arns)

    @property
    def _with_customers(self) -> dict[str, Deployment]:
        return {name: each for name, each in self.deployments.items() if customer_accounts_of(each)}

    @property
    def _key_regions(self) -> list[str]:
        return once(each.region for each in self.deployments.values() if makes_key(each))

    def _each_region(self, service: str, resource: str) -> list[str]:
        return [f"arn:{aws.PARTITION}:{service}:{region}:{self.account}:{resource}" for region in self.regions]


def scopes_by_account(deployments: Mapping[str, Deployment]) -> list[Scope]:
    """Return one scope for each account, in the order of the deployments."""
    accounts = once(each.account for each in deployments.values())
    return [
        Scope(account, {name: each for name, each in deployments.items() if each.account == account})
        for account in accounts
    ]


def scopes_of_fleets(fleets: Mapping[str, Fleet]) -> list[Scope]:
    """Return one scope for each account that administers stack sets, in the order of the fleets."""
    accounts = once(each.administrator.account for each in fleets.values())
    return [
        Scope(account, {}, {name: each for name, each in fleets.items() if each.administrator.account == account})
        for account in accounts
    ]


def scopes_by_environment(deployments: Mapping[str, Deployment]) -> list[Scope]:
    """Return one scope for each environment (account and Region), in the order of the deployments."""
    return [
        Scope(scope.account, {name: each for name, each in scope.deployments.items() if each.region == region})
        for scope in scopes_by_account(deployments)
        for region in scope.regions
    ]


def customer_accounts_of(deployment: Deployment) -> list[str]:
    """Return the accounts of a deployment's customers with keys of their own."""
    return [each.account for each in deployment.cmek.customer_keys] if deployment.cmek else []


def makes_key(deployment: Deployment) -> bool:
    """Return whether a deployment creates a key in its own account."""
    cmek = deployment.cmek
    return cmek is not None and cmek.has_own_key and not cmek.key.adopt


def forwards(deployment: Deployment) -> bool:
    """Return whether a deployment has rules in another Region that forward to its own."""
    return deployment.monitoring is not None and deployment.region != aws.GLOBAL_EVENTS_REGION


def makes_roles(deployment: Deployment) -> bool:
    """Return whether the stacks of a deployment create roles."""
    slack = deployment.monitoring is not None and deployment.monitoring.slack is not None
    roles = deployment.cmek is not None or has_part(deployment, "storage")
    return roles or slack or makes_vpc(deployment) or forwards(deployment)


def makes_vpc(deployment: Deployment) -> bool:
    """Return whether a deployment creates a VPC."""
    return deployment.private_link is not None and isinstance(deployment.private_link.vpc, NewVpc)


def once(values: Iterable[str]) -> list[str]:
    """Return the values in order, each once."""
    return list(dict.fromkeys(values))
