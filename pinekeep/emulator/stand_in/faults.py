"""What the stand-in does wrong when it is told to."""

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["status", "hang", "truncate", "close"]


@dataclass
class Fault:
    """Something that goes wrong with the next requests of a kind.

    Attributes:
        kind: ``status`` answers with an error, ``hang`` gives no answer for a while, ``truncate`` breaks the answer
            off in the middle, ``close`` closes the connection without an answer.
        method: the requests' method; any, where it is empty.
        path: a pattern of the requests' path.
        status: the status to answer with.
        code: Pinecone's word for the error.
        headers: further headers of the answer.
        carried_out: whether the request is carried out all the same, so that only the answer is lost.
        times: how many requests it befalls.
        seconds: how long no answer is given.
    """

    kind: Kind = "status"
    method: str = ""
    path: str = ".*"
    status: int = 500
    code: str = "UNKNOWN"
    headers: dict[str, str] = field(default_factory=dict)
    carried_out: bool = False
    times: int = 1
    seconds: float = 60.0

    def befalls(self, method: str, path: str) -> bool:
        """Tell whether it befalls a request, and count it if so."""
        if self.times <= 0 or (self.method and self.method != method) or not re.fullmatch(self.path, path):
            return False
        self.times -= 1
        return True
