#!/usr/bin/env bash
# botocore 1.43.106: the standard and adaptive modes do not repeat a call that is answered 429 with no body.
#
# AWS throttles with an error code in the body, by which botocore decides. A proxy or gateway that throttles by itself
# answers 429 alone: then both modes give up at the first answer, where they repeat a call that is answered 503.
#
# Seen: "standard: 429 asked 1 times, 503 asked 3 times" and the same for adaptive
# Source: tried on 2026-11-30 with botocore 1.43.106 and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install botocore==1.43.106
"$folder/venv/bin/python" - <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

answers = {"status": 0, "asked": 0}


class Busy(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answers["asked"] += 1
        self.send_response(answers["status"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Busy)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = botocore.session.Session()
session.set_credentials("a", "b")
for mode in ("standard", "adaptive"):
    asked = {}
    for status in (429, 503):
        answers.update(status=status, asked=0)
        client = session.create_client(
            "kms",
            region_name="us-east-1",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            config=Config(retries={"mode": mode, "total_max_attempts": 3}, proxies={}),
        )
        try:
            client.list_keys()
        except ClientError:
            pass
        asked[status] = answers["asked"]
    print(f"{mode}: 429 asked {asked[429]} times, 503 asked {asked[503]} times")
    assert asked == {429: 1, 503: 3}, "the behaviour has changed"
PYTHON
