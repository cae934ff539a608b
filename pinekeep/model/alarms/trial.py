"""The marked messages of `pinekeep monitoring test`, and the pattern of the rule that a marked event matches."""

import json
from typing import Any, Final

SOURCE: Final = "pinekeep.test"
DETAIL_TYPE: Final = "Pinekeep test"


def trial_pattern(deployment: str) -> dict[str, Any]:
    """Return the event pattern of the marked events of a deployment, and of no other."""
    return {"source": [SOURCE], "detail-type": [DETAIL_TYPE], "detail": {"deployment": [deployment]}}


def trial_detail(deployment: str, mark: str) -> str:
    """Return the detail of a marked event, as JSON."""
    return json.dumps({"deployment": deployment, "mark": mark})


def trial_text(deployment: str, mark: str) -> str:
    """Return a marked message as text."""
    head = f"Pinekeep: test of the notifications ({deployment})"
    return f"{head}\nNothing happened, and there is nothing to do.\nMark: {mark}"


def trial_slack(deployment: str, mark: str) -> str:
    """Return a marked message as a custom notification of Amazon Q Developer in chat applications, which shows no text.

    Source: facts.aws.CUSTOM_NOTIFICATIONS_PAGE.
    """
    content = {
        "textType": "client-markdown",
        "title": f"Test of the notifications ({deployment})",
        "description": f"Nothing happened, and there is nothing to do. Mark: {mark}",
    }
    return json.dumps({"version": "1.0", "source": "custom", "content": content})
