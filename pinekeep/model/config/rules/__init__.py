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
    integrations,
    key,
    lists,
    monitoring,
    network,
    project,
    storage,
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
    storage.compliance_is_understood,
    storage.lock_has_one_retention,
    storage.long_retention_is_meant,
    storage.files_are_locked,
    storage.lifecycle_keeps_what_is_locked,
    storage.transitions_are_in_order,
    storage.bucket_key_is_of_the_deployment,
    storage.keys_of_others_name_the_role,
    storage.keys_are_not_pinecones,
    storage.access_logs_go_elsewhere,
    storage.bucket_names_have_no_dots,
    integrations.integrations_differ,
    integrations.integrations_spare_audit_logs,
    integrations.exports_have_backups,
    storage.adopted_buckets_are_of_nobody_else,
    integrations.role_names_fit,
    integrations.role_names_differ,
    monitoring.topic_is_of_the_deployment,
    monitoring.trail_log_group_is_of_the_deployment,
    monitoring.topic_key_has_a_topic,
    monitoring.topic_key_is_of_the_deployment,
    monitoring.topic_key_is_not_pinecones,
    monitoring.denied_use_has_a_source,
    monitoring.denied_use_has_a_key,
    monitoring.fence_has_a_key,
    monitoring.fence_administrators_are_of_the_account,
    monitoring.somebody_is_notified,
)


def apply_rules(content: PinekeepFile) -> list[Problem]:
    """Return what the rules find. The file may be partial: a rule that reads an unknown value finds nothing more."""
    problems: list[Problem] = []
    for here in subjects(content):
        for rule in RULES:
            collect(problems, rule(here))
    return [*problems, *uniqueness.conflicts(content)]
