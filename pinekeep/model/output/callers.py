"""The output of `private-link callers`."""

from pinekeep.model.output import OutputModel


class CallerOutput(OutputModel):
    """One address that connects to Pinecone's indexes."""

    address: str
    """The caller's address in the flow logs."""
    through_endpoint: bool
    """Whether it connects through the endpoint; otherwise over the internet."""
    first_seen: str
    """When its first connection began, in UTC."""
    last_seen: str
    """When its last traffic ended, in UTC."""
    records: int
    """Records of accepted outgoing traffic."""
    rejected: int
    """Records of outgoing traffic that a security group or a network ACL rejected."""
    bytes: int
    """Bytes in both directions."""


class PrincipalOutput(OutputModel):
    """One principal in Pinecone's audit logs."""

    type: str
    """Pinecone's word for its kind: `user`, `api_key` or `service_account`."""
    id: str
    """Its ID."""
    name: str
    """Its name."""
    first_seen: str
    """When its first event happened."""
    last_seen: str
    """When its last event happened."""
    events: int
    """The number of events."""
    failures: int
    """How many of them failed."""
    user_agents: list[str]
    """The programs it used, at most five."""


class ReadingOutput(OutputModel):
    """What was read of one kind of logs."""

    records: int
    """Lines or events."""
    skipped: int
    """Intervals in which AWS left records out."""
    broken: int
    """Lines or events that could not be read."""
    broken_at: list[str]
    """The first of them: place and reason."""


class CallersOutput(OutputModel):
    """What `private-link callers` writes."""

    cut_off: int | None
    """How many callers connect over the internet; null without flow logs."""
    verdict: str
    """The same in words."""
    public_addresses: list[str]
    """The addresses that count as the index's public host."""
    callers: list[CallerOutput]
    """The callers in the flow logs, those over the internet first."""
    principals: list[PrincipalOutput]
    """The principals in the audit logs, the latest first."""
    flow_logs: ReadingOutput | None
    """What was read of flow logs."""
    audit_logs: ReadingOutput | None
    """What was read of audit logs."""
    limits: list[str]
    """What these logs cannot show."""
