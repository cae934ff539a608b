"""Every extension there is, in the order they are applied."""

from collections.abc import Callable, Mapping

from pinekeep.local.extensions import (
    authorization,
    change_sets,
    conditions,
    dns,
    drift_aware,
    endpoints,
    grants,
    keys,
    live_state,
    network,
    parameters,
    principals,
    stack_policies,
    storage,
)

EXTENSIONS: tuple[Callable[[], None], ...] = (
    authorization.loopback_counts_as_tls,
    authorization.kms_condition_keys,
    authorization.simulations,
    conditions.joined_lists,
    parameters.several_parameters,
    authorization.event_rule_arns,
    network.vpc_attributes,
    network.security_group_rules,
    network.restricted_default_groups,
    network.security_group_filters,
    network.network_acls,
    network.flow_logs,
    endpoints.endpoint_dry_runs,
    dns.private_hosted_zones,
    dns.escaped_record_names,
    keys.multi_region_key_ids,
    keys.dry_runs,
    keys.key_owner,
    keys.rotation_status,
    keys.replica_keys,
    keys.taken_aliases,
    grants.grants_allow,
    grants.service_grantees,
    storage.object_lock,
    storage.bucket_encryption_and_tags,
    storage.managed_key_of_s3,
    storage.secret_reference_is_its_arn,
    stack_policies.stack_policies,
    change_sets.replacing_properties,
    live_state.live_states,
    drift_aware.kept_tags,
    drift_aware.drift_aware_change_sets,
    principals.role_boundaries,
    principals.unique_ids_of_the_deleted,
    principals.invalid_principals,
    principals.policy_lockout,
)

ENDPOINT_EXTENSIONS: tuple[Callable[[Mapping[str, str]], None], ...] = (
    endpoints.interface_endpoints,
    endpoints.endpoint_services,
)
