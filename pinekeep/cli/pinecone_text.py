"""The output of ``pinekeep pinecone`` as text."""

from collections.abc import Iterator, Sequence

from pinekeep.model.output import pinecone as models

FINE, WRONG, TELL, DO = "ok  ", "FAIL", "-   ", "do  "


def plan_text(plans: Sequence[models.PineconePlanOfDeployment]) -> str:
    """Return the planned changes of each deployment as text."""
    lines: list[str] = []
    for plan in plans:
        where = f" ({plan.project_id})" if plan.project_id else ", not there yet"
        lines.append(f"{plan.deployment}: project {plan.project}{where}")
        lines += [f"  {WRONG} {problem}" for problem in plan.problems]
        lines += [f"  {DO} {step.what}" for step in plan.steps]
        lines += [f"  {TELL} {note}" for note in plan.notes]
        if not plan.steps and not plan.problems:
            lines.append(f"  {FINE} as the file says")
    return "\n".join(lines)


def rotated_text(keys: Sequence[models.PineconeRotatedKey]) -> str:
    """Return the API keys to rotate, with the steps, as text."""
    lines: list[str] = []
    for key in keys:
        lines.append(f"{key.deployment}: API key {key.key}")
        lines += [f"  {number}. {step}" for number, step in enumerate(key.steps, start=1)]
    return "\n".join(lines) or "no deployment has an API key to rotate"


def status_text(output: models.PineconeStatusOutput) -> str:
    """Return the status of each deployment as text."""
    lines: list[str] = []
    if output.organization is not None:
        lines.append(f"Organization {output.organization}, plan {output.plan}")
    else:
        lines.append("Pinecone does not tell which organization this is, nor its plan")
    for deployment in output.deployments:
        lines += ["", *_deployment(deployment)]
    if others := [each for each in output.projects if each.deployment is None]:
        lines += ["", "Projects that no deployment here is about"]
        lines += [f"  {each.name} ({each.id}){', CMEK' if each.cmek else ''}" for each in others]
    return "\n".join(lines).strip("\n")


def deployment_text(status: models.PineconeStatusOfDeployment) -> str:
    """Return the status of one deployment as text."""
    return "\n".join(_deployment(status))


def _deployment(status: models.PineconeStatusOfDeployment) -> Iterator[str]:
    known = f" ({status.project_id}), CMEK {'on' if status.cmek else 'off'}" if status.project_id is not None else ""
    yield f"{status.deployment}: project {status.project}{known}"
    yield from (f"  {WRONG} {problem}" for problem in status.problems)
    yield from _keys(status)
    yield from _indexes(status)
    yield from (f"  {TELL} {note}" for note in status.notes)
    if status.console:
        yield "  Only the console can"
        yield from (f"    {task.what}\n      {task.page}\n      {task.why}" for task in status.console)


def _keys(status: models.PineconeStatusOfDeployment) -> Iterator[str]:
    for key in status.keys:
        if key.secret is None:
            yield f"  {TELL} API key {key.name} ({', '.join(key.roles)}) is not in the file; it is left alone"
            continue
        mark = WRONG if key.problems else FINE
        roles = f" ({', '.join(key.roles)})" if key.roles else ""
        yield f"  {mark} API key {key.name}{roles}, secret {key.secret}"
        yield from (f"       {problem}" for problem in key.problems)


def _indexes(status: models.PineconeStatusOfDeployment) -> Iterator[str]:
    if status.indexes is None:
        yield f"  {TELL} indexes not read: {status.indexes_unread}"
        return
    if not status.indexes:
        yield f"  {TELL} no index in the project"
    for index in status.indexes:
        yield f"  {WRONG if index.problems else FINE} index {index.name}, {index.state}"
        yield from (f"       {problem}" for problem in index.problems)
        if index.region is None:
            continue
        yield f"       {index.kind} in {index.cloud or 'a cloud that the API does not name'}, {index.region}"
        yield f"       cmek_id       {index.cmek_id or 'none'}"
        yield f"       private_host  {index.private_host or 'none'}"
