"""The output of `handoff` and `customer-template`."""

from pinekeep.model.output import OutputModel


class FieldOutput(OutputModel):
    """One field of a page in the Pinecone console."""

    label: str
    """The field's label."""
    value: str
    """What to put there; empty means: leave blank."""


class PageOutput(OutputModel):
    """One page of the Pinecone console to fill in."""

    deployment: str
    """The deployment it is about."""
    title: str
    """What the page does."""
    path: str
    """Where the page is."""
    fields: list[FieldOutput]
    """The fields, in the page's order."""
    warnings: list[str]
    """What to know before."""


class AfterwardsOutput(OutputModel):
    """What to do once the endpoint of one deployment is registered."""

    deployment: str
    """The deployment it is about."""
    title: str
    """What the steps are for."""
    steps: list[str]
    """The steps, in order."""


class RecordOutput(OutputModel):
    """What is noted of one deployment, in its own account."""

    deployment: str
    """The deployment it is about."""
    parameter: str
    """The Systems Manager parameter that holds it."""
    changed: bool
    """Whether it says something that it did not say before."""
    version: int | None
    """The parameter's version; null for a dry run of the first one."""
    values: dict[str, str]
    """What Pinecone was given: `role ARN`, `key ARN`, `external ID` (or `none`), `endpoint ID`."""
    recorded_at: str
    """When it was noted, in UTC."""
    recorded_by: str
    """Who noted it."""


class HandoffOutput(OutputModel):
    """What `handoff` writes."""

    console: str
    """The address of the Pinecone console."""
    pages: list[PageOutput]
    """The pages to fill in, in order."""
    afterwards: list[AfterwardsOutput] = []
    """What to do after the pages are saved, for each endpoint."""
    recorded: list[RecordOutput] = []
    """With `--record`: what was noted, or would be."""


class CustomerTemplate(OutputModel):
    """The files for one customer."""

    deployment: str
    """The deployment."""
    customer: str
    """The customer's name in file names and aliases."""
    role_arn: str
    """The role that the customer lets in."""
    files: list[str]
    """The files that were written."""


class CustomerTemplatesOutput(OutputModel):
    """What `customer-template` writes."""

    customers: list[CustomerTemplate]
    """The files, by customer."""
