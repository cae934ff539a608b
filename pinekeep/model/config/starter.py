"""The file to start from, which ``pinekeep init`` writes."""

from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.names import DeploymentName

ACCOUNT_PLACEHOLDER: Final = "X" * aws.ACCOUNT_DIGITS
"""Stands for an account number; ``pinekeep check`` refuses it until it is replaced."""

_FILE: Final = """\
# Pinekeep: what Pinecone gets on your side of AWS. Fill in the two account numbers, then run `pinekeep check`.
# Every setting is in docs/configuration.md; lines that begin with `#   ` show the optional ones.
version: 1

# The Pinecone AWS account, shown in the Pinecone console under {place}. Quotes keep zeros in front.
pinecone_account: "{placeholder}"

deployments:
  # One for each Pinecone project. The name goes into the names of stacks; it should never change.
  # Lower-case letters, digits, hyphens.
  {name}:
    # Your AWS account: `aws sts get-caller-identity`.
    account: "{placeholder}"
    # With whose credentials it is deployed. Left out: those that the AWS SDKs find.
    #   profile: production
    # Or a role of the account that those assume:
    #   assume_role: arn:aws:iam::111122223333:role/pinekeep-deployer
    # The Region of your Pinecone indexes: {regions}.
    region: us-east-1
    # Put on everything that takes tags.
    tags:
      managed-by: pinekeep
    # A policy beyond which the roles that are made may do nothing; `pinekeep permissions --for boundary` prints one:
    #   permissions_boundary: arn:aws:iam::111122223333:policy/pinekeep-boundary
    # The path of the roles and managed policies that are made. It can never change once Pinecone has the role:
    #   iam_path: /delegated/search/
    # The name that it was deployed with, where you call it otherwise now; what is in AWS keeps that name:
    #   name_in_aws: search
    # A CDK bootstrap of another qualifier. At the top of the file it holds for every deployment:
    #   bootstrap: {{qualifier: platform}}
    # Or one whose roles, bucket or version have names of their own, in one mapping:
    #   bootstrap: {{deploy_role_arn: "arn:aws:iam::111122223333:role/cdk/deploy"}}
    #   bootstrap: {{execution_role_arn: "arn:aws:iam::111122223333:role/cdk/cloudformation"}}
    #   bootstrap: {{file_publishing_role_arn: "arn:aws:iam::111122223333:role/cdk/publish"}}
    #   bootstrap: {{lookup_role_arn: "arn:aws:iam::111122223333:role/cdk/lookup"}}
    #   bootstrap: {{file_assets_bucket: cdk-assets-111122223333-us-east-1}}
    #   bootstrap: {{bootstrap_stack_version_ssm_parameter: /cdk-bootstrap/platform/version}}

    # A KMS key of yours, and the role with which Pinecone uses it. Leave cmek out for a private endpoint alone.
    cmek:
      # The role's name. Left out: pinekeep-<deployment>-<region>.
      #   role_name: pinecone-search
      trust:
        # The Pinecone Regions that may use the key: a list, or the word all. Pinecone documents
        # {documented} for keys.
        regions: [us-east-1]
        # For another Region, once Pinecone told you that its role exists there:
        #   allow_undocumented_regions: true
        # A UUID v4 made for you, which you hand to Pinecone. It can never change after that. Or the word none.
        external_id: {external_id}
        # For all Regions without an external ID; docs/configuration.md says what that lets in:
        #   accept_confused_deputy: true
        # With regions: all, how the principal is written: documented, or account-root.
        #   form: documented
      key:
        # The key's alias. Left out: pinecone/<deployment>.
        #   alias: pinecone/{name}
        # How often the key material rotates, {rotation_min} to {rotation_max} days. The key's ARN stays.
        rotation_days: {rotation}
        # A multi-Region key. It cannot be changed later.
        multi_region: false
        # How long a deletion waits and can be cancelled, {window_min} to {window_max} days.
        deletion_window_days: {window_max}
        # IAM roles and users that administer the key, and cannot use it.
        administrators: []
        # The ARN of a key that you have, instead of all the above:
        #   adopt: arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d
      # Keys that your own customers keep in their accounts, with or without a key of yours. `key_arns: [...]` in
      # it narrows a customer down to some keys:
      #   customer_keys: [{{name: acme, account: "444455556666"}}]
      # Whether the role may also read what their keys are:
      #   describe_customer_keys: true
      # Customers whom you take away although their role was handed over; Pinecone loses their keys:
      #   removed_customers: [globex]
      # Keys of customers that you take away although they were handed over; Pinecone loses them:
      #   removed_keys: [arn:aws:kms:us-east-1:444455556666:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d]
      # Roles that you give up although they were handed over, as for another role_name; Pinecone loses their keys:
      #   removed_roles: [arn:aws:iam::111122223333:role/pinekeep-search-us-east-1]

    # A private way to Pinecone's indexes. Leave private_link out where the internet will do.
    private_link:
      # A new VPC without a way to the internet:
      vpc:
        # Its network, a /16 to a /25.
        cidr: 10.20.0.0/16
        # The zones to have a subnet in, two or more.
        availability_zones: [us-east-1a, us-east-1b]
      # Or one that you have, with two subnets or more in different zones:
      #   vpc: {{id: vpc-0a1b2c3d4e5f60718, subnet_ids: [subnet-0a1b2c3d4e5f60718, subnet-0a1b2c3d4e5f60719]}}
      # Who may connect, on port {port}. Everyone else is kept out.
      clients:
        cidrs: [10.20.0.0/16]
        security_group_ids: []
        # Managed prefix lists, which count with the most entries that they may have:
        #   prefix_list_ids: [pl-0a1b2c3d4e5f60718]
      # How clients find it: endpoint (its own private DNS name), hosted-zone (Route 53, for several VPCs),
      # or none (DNS that you run).
      dns: endpoint
      # With dns: hosted-zone, further VPCs that resolve the names:
      #   client_vpc_ids: [vpc-0a1b2c3d4e5f60719]
      # Another endpoint in this one's place, without an outage; docs/endpoint.md has the steps:
      #   generation: 2
      #   standby: 3

    # Pinecone's own side, for `pinekeep pinecone`: the project, and API keys whose values go into AWS Secrets Manager.
    # Roles go in as `role_bindings: [{{service_account: ci, role: ProjectViewer}}]`; with `user: jane@example.com` in
    # place of service_account for a user, and `scim: false` beside role_bindings if no identity provider sets users'
    # roles. `kms_key: ARN` in an API key encrypts its secret with a key of yours:
    #   pinecone: {{project: search, api_keys: [{{name: ingest, roles: [DataPlaneEditor], secret: pinecone/ingest}}]}}
"""


DEFAULT_NAME: Final = "search-prod"


def require_deployment_name(name: str) -> str:
    """Return a deployment's name, if it can be one.

    Raises:
        WrongInputError: it cannot.
    """
    try:
        return require(DeploymentName, name)
    except InvalidValueError as error:
        raise WrongInputError(error.message, hint=error.hint) from None


def starter_file(external_id: str, *, name: str = DEFAULT_NAME) -> str:
    """Return a configuration file with a comment for every setting.

    ``pinekeep check`` refuses it until the two account numbers are filled in.

    Args:
        external_id: a fresh UUID v4.
        name: the deployment's name.
    """
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
