"""A server with an endpoint on each address, each with its own certificate and behaviour: run as a process.

Arguments: a file of endpoints as JSON (``address``, ``port``, ``does``, ``certificate``, ``answer``), and a file for
the requests that come in, one JSON a line.
"""

import json
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

LOCK = threading.Lock()


def serve(endpoint: dict[str, Any], requests: Path) -> None:
    family = socket.AF_INET6 if ":" in endpoint["address"] else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((endpoint["address"], endpoint["port"]))
    listener.listen(50)
    context = None
    if endpoint.get("certificate"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(endpoint["certificate"])
    threading.Thread(target=accept, args=(listener, endpoint, context, requests), daemon=True).start()


def accept(listener: socket.socket, endpoint: dict[str, Any], context: ssl.SSLContext | None, requests: Path) -> None:
    while True:
        channel, _ = listener.accept()
        threading.Thread(target=converse, args=(channel, endpoint, context, requests), daemon=True).start()


def converse(channel: socket.socket, endpoint: dict[str, Any], context: ssl.SSLContext | None, requests: Path) -> None:
    with channel:
        channel.settimeout(30)
        match endpoint["does"]:
            case "hang":
                time.sleep(30)
            case "close":
                channel.recv(65536)
            case "reset":
                channel.recv(1)
                channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            case "drip":
                channel.recv(65536)
                # The header of a record with as much as one can hold, and its content byte by byte.
                channel.sendall(b"\x16\x03\x03\x40\x00")
                for _ in range(100):
                    channel.sendall(b"\x02")
                    time.sleep(0.1)
            case "plain":
                channel.recv(65536)
                channel.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            case _:
                assert context
                try:
                    with context.wrap_socket(channel, server_side=True) as tls:
                        answer(tls, endpoint, requests)
                except OSError:
                    return


def answer(tls: ssl.SSLSocket, endpoint: dict[str, Any], requests: Path) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = tls.recv(65536)
        if not part:
            return
        data += part
    with LOCK, requests.open("a") as file:
        file.write(json.dumps({"address": endpoint["address"], "request": data.decode()}) + "\n")
    if endpoint["does"] == "silent":
        time.sleep(30)
        return
    tls.sendall(endpoint["answer"].encode())
    if endpoint["does"] == "keep":
        time.sleep(30)


def main() -> None:
    for endpoint in json.loads(Path(sys.argv[1]).read_text()):
        serve(endpoint, Path(sys.argv[2]))
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
