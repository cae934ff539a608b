"""Rules about more than one value: one function each, which yields the problems that it finds.

Where a value that a rule needs is missing or invalid, that rule finds nothing, and the others are not affected.
"""

from typing import Final

from pinekeep.model.config.models import PinekeepFile
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules import (
    customers,
    deployment,
    dns,
    endpoints,
    key,
    lists,
    network,
    project,
    trust,
    uniqueness,
)
from pinekeep.model.config.rules.subject import Rule, collect, subjects

RULES: Final[tuple[Rule, ...]] = (
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
    network.clients_are_some_and_not_too_many,
    network.client_networks_differ,
    network.client_networks_are_of_the_endpoints_family,
    network.client_networks_are_in_the_new_vpc,
    network.zones_are_of_the_region,
    network.new_vpc_is_ipv4,
    network.endpoint_has_one_kind_of_security_group,
    network.new_vpc_has_a_new_security_group,
    network.adopted_endpoint_keeps_its_settings,
    network.standby_is_another_endpoint,
    dns.settings_fit_the_mode,
    dns.client_vpcs_are_others,
    dns.client_vpcs_elsewhere_are_elsewhere,
    endpoints.new_vpcs_do_not_overlap,
    endpoints.endpoints_of_a_project_are_not_too_many,
    endpoints.project_is_of_a_deployment,
    project.api_key_names_differ,
    project.api_key_roles_are_listed_once,
    project.api_key_secrets_differ,
    project.keys_of_secrets_are_of_the_region,
    project.role_bindings_are_of_somebody,
    project.role_bindings_differ,
    project.roles_of_users_are_not_set_over_scim,
)


def apply_rules(content: PinekeepFile) -> list[Problem]:
    """Return what the rules find. The file may be partial: a rule that reads an unknown value finds nothing more."""
    problems: list[Problem] = []
    for here in subjects(content):
        for rule in RULES:
            collect(problems, rule(here))
    return [*problems, *uniqueness.conflicts(content)]
