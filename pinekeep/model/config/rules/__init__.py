"""Rules that look at more than one value. One rule, one function; each yields the problems it finds.

A rule looks at one thing: where a value is missing or wrong, the whole rule stays silent, and no other does.
"""

from typing import Final

from pinekeep.model.config.models import PinekeepFile
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules import customers, deployment, file, key, lists, network, pinecone, trust
from pinekeep.model.config.rules.kinds import DeploymentRule, FileRule, collect, items

DEPLOYMENT_RULES: Final[tuple[DeploymentRule, ...]] = (
    deployment.has_something_to_deploy,
    deployment.knows_pinecones_account,
    deployment.is_not_pinecones_account,
    deployment.boundary_is_of_the_account,
    deployment.role_is_of_the_account,
    deployment.profile_or_role,
    deployment.bootstrap_roles_are_of_the_account,
    deployment.tag_names_differ,
    lists.list_items_differ,
    lists.lists_are_long_enough,
    trust.open_trust_is_meant,
    trust.form_has_meaning,
    trust.trust_regions_are_documented,
    trust.trust_policy_fits,
    trust.external_id_is_lower_case,
    key.adopted_key_is_of_the_partition,
    key.adopted_key_is_of_the_account,
    key.adopted_key_is_of_the_region,
    key.adopted_key_keeps_its_settings,
    key.administrators_are_of_the_account,
    key.pinecone_is_no_administrator,
    key.key_policy_fits,
    customers.customer_names_differ,
    customers.customer_accounts_differ,
    customers.customer_accounts_are_others,
    customers.customer_key_arns_are_the_customers,
    customers.customer_key_lists_hold_a_key,
    customers.removed_customers_are_gone,
    customers.removed_keys_are_gone,
    network.some_client_is_let_in,
    network.clients_are_few_enough,
    network.client_networks_differ,
    network.client_networks_are_in_the_new_vpc,
    network.zones_are_of_the_region,
    network.client_vpcs_have_a_zone,
    network.client_vpcs_are_others,
    network.standby_is_another_endpoint,
    pinecone.api_key_names_differ,
    pinecone.api_key_roles_are_listed_once,
    pinecone.api_key_secrets_differ,
    pinecone.keys_of_secrets_are_of_the_region,
    pinecone.role_bindings_are_of_somebody,
    pinecone.role_bindings_differ,
    pinecone.roles_of_users_are_not_set_over_scim,
)
FILE_RULES: Final[tuple[FileRule, ...]] = (
    file.role_names_differ,
    file.aliases_differ,
    file.external_ids_differ,
    file.one_private_name_a_vpc,
    file.projects_differ,
    file.secrets_differ,
)


def apply_rules(content: PinekeepFile) -> list[Problem]:
    """Return what the rules find. The file may be partial: a rule stays silent about what it cannot read."""
    problems: list[Problem] = []
    for name, each in items(content):
        for rule in DEPLOYMENT_RULES:
            collect(problems, rule(content, name, each, ("deployments", name)))
    for file_rule in FILE_RULES:
        collect(problems, file_rule(content))
    return problems
