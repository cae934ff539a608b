#!/usr/bin/env bash
# botocore 1.43.106: a page in place of AWS's answer raises KeyError or ResponseParserError, which are no BotoCoreError.
#
# A proxy or a network's sign-in page may answer a call of IAM with status 200 and HTML. Where the page happens to be
# well-formed XML, the parser raises a plain KeyError; else it raises ResponseParserError. Code that catches
# BotoCoreError and ClientError, the two kinds that botocore's guide names, catches neither, and no call is repeated.
#
# Seen: "well-formed: KeyError, BotoCoreError: False, requests: 1"
#       "not well-formed: ResponseParserError, BotoCoreError: False, requests: 1"
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
from botocore.exceptions import BotoCoreError

PAGES = {
    "well-formed": (b"<html><body>Please sign in</body></html>", "KeyError"),
    "not well-formed": (b"<html><body>Please sign in<br></body></html>", "ResponseParserError"),
}
requests = []
answer = {}


class Page(BaseHTTPRequestHandler):
    def do_POST(self):
        requests.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        page = answer["page"]
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = botocore.session.Session()
session.set_credentials("a", "b")
client = session.create_client(
    "iam",
    region_name="us-east-1",
    endpoint_url=f"http://127.0.0.1:{server.server_port}",
    config=Config(retries={"mode": "standard", "total_max_attempts": 3}, proxies={}),
)
for kind, (page, wanted) in PAGES.items():
    answer["page"] = page
    requests.clear()
    try:
        client.list_roles()
        seen = "no error"
    except Exception as error:
        seen = f"{type(error).__name__}, BotoCoreError: {isinstance(error, BotoCoreError)}"
    seen += f", requests: {len(requests)}"
    print(f"{kind}: {seen}")
    assert seen == f"{wanted}, BotoCoreError: False, requests: 1", "the behaviour has changed"
PYTHON
