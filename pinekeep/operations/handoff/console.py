"""The values for the Pinecone console.

Sources: facts.pinecone.CMEK_PAGE, PRIVATE_ENDPOINTS_PAGE, AUDIT_LOGS_SETUP_PAGE and STORAGE_PAGE.
"""

from collections.abc import Mapping, Sequence

from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import CustomerKey
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import claims, pinecone
from pinekeep.model.naming import Output
from pinekeep.model.output.handoff import FieldOutput, HandoffOutput, PageOutput
from pinekeep.model.values.trust import NO_EXTERNAL_ID
from pinekeep.operations.handoff.afterwards import after_registration
from pinekeep.operations.handoff.outputs import required_output
from pinekeep.operations.handoff.storage import storage_pages

LEAVE_BLANK = "leave blank"

CMEK_WARNINGS = (
    f"{claims.ONE_KEY.says} Check every value before you save.",
    claims.CMEK_OF_EXISTING_PROJECTS.says,
    "From then on never replace the key, the role or the external ID: Pinecone could no longer read the data.",
)
CUSTOMER_WARNING = (
    "The customer's key policy must allow the role first: `pinekeep customer-template` writes what the customer does."
)
ENDPOINT_WARNINGS = (
    f'Leave "{pinecone.RESTRICT_ACCESS}" off until a lookup and a call through the endpoint have '
    "worked: it cuts off the whole project's access from the internet. Turn it on later on the tab ACCESS "
    f"({pinecone.ACCESS_CONSOLE_PATH}), and confirm with *{pinecone.CONFIRM_RESTRICTION}*.",
    "The endpoint reaches the indexes of this project in this Region.",
    f"A project takes up to {pinecone.MAX_PRIVATE_ENDPOINTS_PER_PROJECT} endpoints.",
)

STANDBY_WARNING = (
    "Add it beside the other endpoint, and keep that one registered until the clients use this one and it is retired."
)


def handoff(
    deployments: Mapping[str, Deployment],
    outputs: Mapping[str, Mapping[str, str]],
    *,
    customers: Mapping[str, Packing] | None = None,
    warnings: Mapping[str, Sequence[str]] | None = None,
    resolver_addresses: Mapping[str, Sequence[str]] | None = None,
) -> HandoffOutput:
    """Return the pages with the values to enter, from the outputs of each deployment's stacks.

    ``customers`` is needed where a deployment has ``customer_keys``; ``warnings``: more of them about its own key;
    ``resolver_addresses``: those of its inbound resolver, where it has one.
    Raises PinekeepError if a stack, or an output of it, is missing.
    """
    pages: list[PageOutput] = []
    for name, deployment in deployments.items():
        values = outputs[name]
        if deployment.cmek is not None:
            if deployment.cmek.has_own_key:
                pages.append(_cmek_page(name, values, warnings=(warnings or {}).get(name, ())))
            pages += [
                _customer_page(name, values, customer=each, role=_role_number(customers, name, each))
                for each in deployment.cmek.customer_keys
            ]
        if deployment.private_link is not None:
            pages.append(_endpoint_page(name, deployment, values))
            if deployment.private_link.standby is not None:
                pages.append(_standby_page(name, deployment, values))
        pages += storage_pages(name, deployment, values)
    afterwards = [
        after_registration(name, deployment, outputs[name], resolver_addresses=(resolver_addresses or {}).get(name, ()))
        for name, deployment in deployments.items()
        if deployment.private_link is not None
    ]
    return HandoffOutput(console=pinecone.CONSOLE, pages=pages, afterwards=afterwards)


def _cmek_page(name: str, outputs: Mapping[str, str], *, warnings: Sequence[str]) -> PageOutput:
    external_id = required_output(name, outputs, Output.EXTERNAL_ID)
    return PageOutput(
        deployment=name,
        title="Add the key to the project",
        path=pinecone.CMEK_CONSOLE_PATH,
        fields=[
            FieldOutput(label="Key name", value=name),
            FieldOutput(label="Role ARN", value=required_output(name, outputs, Output.ROLE_ARN)),
            FieldOutput(label="Key ARN", value=required_output(name, outputs, Output.KEY_ARN)),
            FieldOutput(label="External ID", value="" if external_id == NO_EXTERNAL_ID else external_id),
        ],
        warnings=[*warnings, *CMEK_WARNINGS],
    )


def _customer_page(name: str, outputs: Mapping[str, str], *, customer: CustomerKey, role: int) -> PageOutput:
    external_id = required_output(name, outputs, Output.EXTERNAL_ID)
    keys = customer.key_arns or [f"the ARN that the customer sends, arn:aws:kms:REGION:{customer.account}:key/KEY-ID"]
    return PageOutput(
        deployment=name,
        title=f"Add the key of customer {customer.name} to its project",
        path=pinecone.CMEK_CONSOLE_PATH,
        fields=[
            FieldOutput(label="Key name", value=naming.customer_id(customer.name)),
            FieldOutput(label="Role ARN", value=required_output(name, outputs, naming.further_role_output(role))),
            FieldOutput(label="Key ARN", value=" or ".join(keys)),
            FieldOutput(label="External ID", value="" if external_id == NO_EXTERNAL_ID else external_id),
        ],
        warnings=[*CMEK_WARNINGS, CUSTOMER_WARNING],
    )


def _role_number(customers: Mapping[str, Packing] | None, name: str, customer: CustomerKey) -> int:
    if customers is None or name not in customers:
        raise ValueError(f"the customers of deployment {name} have no places")
    return customers[name].places[naming.customer_id(customer.name)].role


def _endpoint_page(name: str, deployment: Deployment, outputs: Mapping[str, str]) -> PageOutput:
    elsewhere = deployment.private_link.service_region if deployment.private_link else None
    return PageOutput(
        deployment=name,
        title="Register the private endpoint",
        path=f"{pinecone.ENDPOINT_CONSOLE_PATH} (older console: {pinecone.ENDPOINT_CONSOLE_PATH_OLDER})",
        fields=[
            FieldOutput(label="VPC endpoint ID", value=required_output(name, outputs, Output.VPC_ENDPOINT_ID)),
            FieldOutput(label="Region", value=elsewhere or deployment.region),
        ],
        warnings=list(ENDPOINT_WARNINGS),
    )


def _standby_page(name: str, deployment: Deployment, outputs: Mapping[str, str]) -> PageOutput:
    page = _endpoint_page(name, deployment, outputs)
    label, *others = page.fields
    standby = required_output(name, outputs, Output.STANDBY_VPC_ENDPOINT_ID)
    return page.model_copy(
        update={
            "title": "Register the private endpoint on standby",
            "fields": [label.model_copy(update={"value": standby}), *others],
            "warnings": [STANDBY_WARNING, *page.warnings],
        }
    )


def as_text(handed: HandoffOutput) -> str:
    """Return the handoff as plain text, one value a line."""
    lines = [f"Pinecone console: {handed.console}"]
    for page in handed.pages:
        lines += ["", f"{page.title} ({page.deployment})", f"  {page.path}", ""]
        width = max(len(field.label) for field in page.fields)
        lines += [f"    {field.label:<{width}}  {field.value or LEAVE_BLANK}" for field in page.fields]
        lines += ["", *(f"  ! {warning}" for warning in page.warnings)]
    for each in handed.afterwards:
        lines += ["", f"After the registration: {each.title[0].lower()}{each.title[1:]} ({each.deployment})", ""]
        lines += [f"  {number}. {step}" for number, step in enumerate(each.steps, start=1)]
    return "\n".join(lines)


def as_markdown(handed: HandoffOutput) -> str:
    """Return the handoff as Markdown."""
    lines = ["# Handoff to Pinecone", "", f"Console: {handed.console}"]
    for page in handed.pages:
        lines += ["", f"## {page.title}: {page.deployment}", "", page.path, "", "| Field | Value |", "|---|---|"]
        lines += [f"| {field.label} | {_code(field.value)} |" for field in page.fields]
        lines += ["", *(f"- **{warning}**" for warning in page.warnings)]
    for each in handed.afterwards:
        title = f"After the registration: {each.title[0].lower()}{each.title[1:]}: {each.deployment}"
        lines += ["", f"## {title}", "", *(f"{number}. {step}" for number, step in enumerate(each.steps, start=1))]
    return "\n".join(lines)


def _code(value: str) -> str:
    return f"`{value}`" if value else f"*{LEAVE_BLANK}*"
