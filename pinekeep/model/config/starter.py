"""The starter file that ``pinekeep init`` writes."""

from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.names import DeploymentName

ACCOUNT_PLACEHOLDER: Final = "X" * aws.ACCOUNT_DIGITS
"""The placeholder of an account number, which ``pinekeep check`` refuses."""

_FILE: Final = """\
# The resources for Pinecone in your AWS account. Fill in the two account numbers, then run `pinekeep check`.
# docs/configuration.md describes every setting; lines that begin with `#   ` show the optional ones.
# For one shape in many accounts, write `fleet:` in place of `deployments:`, as examples/fleet does.
version: 1

# The Pinecone AWS account, shown in the Pinecone console under {place}. Quotes keep leading zeros.
pinecone_account: "{placeholder}"

deployments:
  # One for each Pinecone project. The name is part of the names of stacks; do not change it.
  # Lower-case letters, digits, hyphens.
  {name}:
    # Your AWS account; `aws sts get-caller-identity` prints it.
    account: "{placeholder}"
    # The AWS profile for this deployment. Default: the credentials that the AWS SDKs find.
    #   profile: production
    # Or a role of the account that those credentials assume:
    #   assume_role: arn:aws:iam::111122223333:role/pinekeep-deployer
    # The Region of your Pinecone indexes: {regions}.
    region: us-east-1
    # Tags for all resources that can be tagged.
    tags:
      managed-by: pinekeep
    # The permissions boundary of the roles; `pinekeep permissions --for boundary` prints one:
    #   permissions_boundary: arn:aws:iam::111122223333:policy/pinekeep-boundary
    # The path of the roles and managed policies. It can never change once Pinecone has the role:
    #   iam_path: /delegated/search/
    # The name with which it was deployed, if you renamed it in this file; the resources keep that name:
    #   name_in_aws: search
    # A CDK bootstrap with another qualifier. At the top of the file it applies to every deployment:
    #   bootstrap: {{qualifier: platform}}
    # Or one with custom names of roles, bucket or version, in one mapping:
    #   bootstrap: {{deploy_role_arn: "arn:aws:iam::111122223333:role/cdk/deploy"}}
    #   bootstrap: {{execution_role_arn: "arn:aws:iam::111122223333:role/cdk/cloudformation"}}
    #   bootstrap: {{file_publishing_role_arn: "arn:aws:iam::111122223333:role/cdk/publish"}}
    #   bootstrap: {{lookup_role_arn: "arn:aws:iam::111122223333:role/cdk/lookup"}}
    #   bootstrap: {{file_assets_bucket: cdk-assets-111122223333-us-east-1}}
    #   bootstrap: {{bootstrap_stack_version_ssm_parameter: /cdk-bootstrap/platform/version}}

    # Your KMS key, and the role with which Pinecone uses it. Remove cmek for a private endpoint alone.
    cmek:
      # The role's name. Default: pinekeep-<deployment>-<region>.
      #   role_name: pinecone-search
      trust:
        # The Pinecone Regions that may use the key: a list, or the word all. Pinecone documents
        # {documented} for keys.
        regions: [us-east-1]
        # For another Region, if Pinecone confirmed that its role exists there:
        #   allow_undocumented_regions: true
        # A generated UUID v4 that you give to Pinecone. It can never change after that. Or the word none.
        external_id: {external_id}
        # For all Regions without an external ID; docs/configuration.md describes the risk:
        #   accept_confused_deputy: true
        # With regions: all, the form of the principal: documented, or account-root.
        #   form: documented
      key:
        # The key's alias. Default: pinecone/<deployment>.
        #   alias: pinecone/{name}
        # The rotation period of the key material, {rotation_min} to {rotation_max} days. The key's ARN does not change.
        rotation_days: {rotation}
        # A multi-Region key. It cannot be changed later.
        multi_region: false
        # The waiting period of a scheduled key deletion, {window_min} to {window_max} days.
        deletion_window_days: {window_max}
        # IAM roles and users that administer the key, and cannot use it.
        administrators: []
        # The ARN of an existing key, instead of all the above:
        #   adopt: arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d
      # Your own customers with keys in their accounts, with or without a key of yours. `key_arns: [...]` limits a
      # customer to some keys:
      #   customer_keys: [{{name: acme, account: "444455556666"}}]
      # Whether the role may also read the properties of their keys:
      #   describe_customer_keys: true
      # Customers to remove although their role was handed over; Pinecone loses access to their keys:
      #   removed_customers: [globex]
      # Keys of customers to remove although they were handed over; Pinecone loses access to them:
      #   removed_keys: [arn:aws:kms:us-east-1:444455556666:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d]
      # Roles to remove although they were handed over, as for another role_name; Pinecone loses access to their keys:
      #   removed_roles: [arn:aws:iam::111122223333:role/pinekeep-search-us-east-1]

    # Private connectivity to Pinecone's indexes. Remove private_link to connect over the internet.
    private_link:
      # A new VPC without internet access:
      vpc:
        # Its CIDR block, /16 to /25.
        cidr: 10.20.0.0/16
        # The Availability Zones that get a subnet, at least two.
        availability_zones: [us-east-1a, us-east-1b]
      # Or an existing one, with at least two subnets in different zones:
      #   vpc: {{id: vpc-0a1b2c3d4e5f60718, subnet_ids: [subnet-0a1b2c3d4e5f60718, subnet-0a1b2c3d4e5f60719]}}
      # Or an existing endpoint, which you maintain yourself. A record in Route 53 needs its `dns_name:` and
      # `dns_hosted_zone_id:` as well.
      #   vpc: {{id: vpc-0a1b2c3d4e5f60718, adopt: vpce-0a1b2c3d4e5f60718}}
      # The clients that may connect on port {port}. All others are denied.
      clients:
        cidrs: [10.20.0.0/16]
        security_group_ids: []
        # Managed prefix lists, which count with their maximum number of entries:
        #   prefix_list_ids: [pl-0a1b2c3d4e5f60718]
      # Existing security groups for the endpoint, in place of clients:
      #   security_group_ids: [sg-0a1b2c3d4e5f60718]
      # IPv6 as well, where subnets and service have it:
      #   ip_address_type: dualstack
      # For indexes in another Region, if Pinecone's service allows it:
      #   service_region: us-west-2
      # How clients resolve its names: endpoint (its own private DNS), hosted-zone (Route 53, for several VPCs), profile
      # (a hosted zone in a Route 53 Profile), resolver-inbound (for clients outside AWS), or none (DNS that you run).
      dns: endpoint
      # With dns: hosted-zone or profile, further VPCs that resolve the names:
      #   client_vpc_ids: [vpc-0a1b2c3d4e5f60719]
      # And VPCs of other accounts, for `pinekeep private-link associate`, with a `profile` or a role:
      #   client_vpcs: [{{id: vpc-0a1b2c3d4e5f6071a, account: "444455556666"}}]
      # An existing private hosted zone or Route 53 Profile to use:
      #   hosted_zone_id: Z0123456789ABCDEFGHIJ
      #   profile_id: rp-0a1b2c3d4e5f6071
      # With dns: resolver-inbound, the networks of the DNS servers outside AWS:
      #   resolver: {{client_cidrs: [192.168.0.0/24]}}
      # To change dns without an outage; docs/private-link.md has the steps:
      #   dns_bridge: true
      #   dns_moved: true
      # Further VPCs with an endpoint of their own; this one is the deployment {name}-analytics:
      #   further_endpoints: {{analytics: {{vpc: {{id: vpc-0a1b2c3d4e5f6071b, adopt: vpce-0a1b2c3d4e5f60719}}}}}}
      # To replace the endpoint without an outage; docs/endpoint.md has the steps:
      #   generation: 2
      #   standby: 3

    # Pinecone's audit logs in an S3 bucket of yours; a Pinecone organization needs them once. Files are locked for this
    # long, or write `lock: none`:
    #   audit_logs: {{bucket: {{name: example-pinecone-logs, lock: {{mode: governance, days: 365}}}}, prefix: pinecone}}
    # Nobody can delete a file before its time in compliance mode; more than ten years need `long_retention: true`:
    #   audit_logs: {{bucket: {{name: example-logs, lock: {{mode: compliance, years: 7, i_understand: irreversible}}}}}}
    # Storage classes and expiry by age, `kms_key: ARN` for a key of yours, `access_logs_bucket: NAME` for access logs:
    #   audit_logs: {{bucket: {{name: example-audit, lock: none, lifecycle: {{glacier_days: 180, expire_days: 400}}}}}}
    # An existing bucket, with saved queries in Athena (`scan_limit_mib: 1024`), `role_name: NAME`, and `principal_arn:
    # PATTERN` for the principal of Pinecone's S3 account that may assume the role. For a new one, files move to S3
    # Standard-IA by `infrequent_access_days: 90`:
    #   audit_logs: {{bucket: {{adopt: example-audit}}, queries: {{result_days: 30}}}}
    # Roles for imports from and backup exports to existing buckets:
    #   storage_integrations: {{imports: {{use: import, bucket: example-vectors, prefix: parquet}}}}
    # Notifications of what happens to key, role, endpoint and audit bucket; `https: [URL]` notifies an address:
    #   monitoring: {{emails: [ops@example.com], dashboard: true}}
    # To an existing topic, or to Slack, with other alarms (`audit_quiet_minutes: 60`):
    #   monitoring: {{topic: "arn:aws:sns:us-east-1:111122223333:ops", alarms: {{endpoint_quiet_minutes: 30}}}}
    #   monitoring: {{slack: {{workspace_id: T0123ABCD, channel_id: C0123ABCD}}}}
    # Denied use of the key, from the log group of a CloudTrail trail:
    #   monitoring: {{emails: [ops@example.com], denied_use: metric-filter, trail_log_group: management-events}}
    # Who may still delete the key or change the role, behind a service control policy (`minimum_waiting_days: 30`):
    #   monitoring: {{emails: [ops@example.com], fence: {{administrators: ["arn:aws:iam::111122223333:role/key-*"]}}}}

    # For an endpoint alone, the deployment whose Pinecone project it belongs to:
    #   project_of: search-api
    # The Pinecone project, for `pinekeep pinecone`, with API keys whose values are stored in AWS Secrets Manager.
    # Bind roles with `role_bindings: [{{service_account: ci, role: ProjectViewer}}]`; for a user, write
    # `user: jane@example.com` in place of service_account, and `scim: false` beside role_bindings if no identity
    # provider sets the roles of users. `kms_key: ARN` in an API key encrypts its secret with a key of yours:
    #   pinecone: {{project: search, api_keys: [{{name: ingest, roles: [DataPlaneEditor], secret: pinecone/ingest}}]}}
"""


DEFAULT_NAME: Final = "search-prod"


def require_deployment_name(name: str) -> str:
    """Return a valid deployment name; raise WrongInputError for an invalid one."""
    try:
        return require(DeploymentName, name)
    except InvalidValueError as error:
        raise WrongInputError(error.message, hint=error.hint) from None


def starter_file(external_id: str, *, name: str = DEFAULT_NAME) -> str:
    """Return a starter file with every setting; ``pinekeep check`` refuses it until its accounts are filled in."""
    return _FILE.format(
        placeholder=ACCOUNT_PLACEHOLDER,
        external_id=external_id,
        name=name,
        place=pinecone.ACCOUNT_PLACE,
        regions=", ".join(pinecone.REGIONS),
        documented=", ".join(pinecone.DOCUMENTED_ACCESS_REGIONS),
        rotation_min=aws.ROTATION_DAYS_MIN,
        rotation_max=aws.ROTATION_DAYS_MAX,
        rotation=aws.ROTATION_DAYS_DEFAULT,
        window_min=aws.DELETION_WINDOW_DAYS_MIN,
        window_max=aws.DELETION_WINDOW_DAYS_MAX,
        port=pinecone.PRIVATE_ENDPOINT_PORT,
    )
