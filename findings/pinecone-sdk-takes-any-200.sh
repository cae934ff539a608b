#!/usr/bin/env bash
# pinecone 10.2.0: an answer of status 200 that is no list of indexes is read as an empty list.
#
# The list is lazy: nothing is sent until it is gone through. A proxy or a sign-in page that answers JSON of its own
# makes a project look as if it had no index, with no error. Before something is given up because "no index is left",
# read the raw answer and see that it has the member "indexes".
#
# Seen: "requests before going through the list: 0" and "indexes: []"
# Source: tried on 2026-11-30 with pinecone 10.2.0 and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install pinecone==10.2.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from pinecone import Pinecone

requests = []


class Portal(BaseHTTPRequestHandler):
    def do_GET(self):
        requests.append(self.path)
        body = json.dumps({"portal": "welcome"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Portal)
threading.Thread(target=server.serve_forever, daemon=True).start()
indexes = Pinecone(api_key="a-key", host=f"http://127.0.0.1:{server.server_port}").indexes.list()
print(f"requests before going through the list: {len(requests)}")
assert requests == [], "the list is lazy no more"
found = list(indexes)
print(f"indexes: {found}")
assert found == [] and requests, "the behaviour has changed"
PYTHON
