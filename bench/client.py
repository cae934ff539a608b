"""A client in a network namespace, with a DNS server and an endpoint, for the check of a healthy path."""

import json
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.measuring import Command
from pinekeep.operations.connectivity.script import NAME, write_script
from tests.operations.connectivity.conftest import Site
from tests.operations.connectivity.dns_servers import private
from tests.operations.connectivity.network import Network, found_program

STORE: Final = Path("/etc/ssl/certs")
"""Where Debian and others have the certificate authorities, as one file for curl and one by one for OpenSSL."""
BUNDLE: Final = "ca-certificates.crt"
HOST: Final = private("good")


@contextmanager
def network(folder: Path) -> Generator[Mapping[str, str]]:
    """Provide the client's network. Its machine trusts the authority of the endpoint's certificate beside its own."""
    made = Network(folder)
    try:
        site = Site(made)
        made.resolve_by(site.dns("bind"))
        store = folder / "store"
        shutil.copytree(STORE, store)
        authority = (folder / "public.pem").read_text()
        with (store / BUNDLE).open("a") as bundle:
            bundle.write(authority)
        (store / f"{_hash_of(folder / 'public.pem')}.0").write_text(authority)
        made.client.must(f"mount --bind {store} {STORE}")
        write_script(folder / NAME)
        (folder / "entering.json").write_text(json.dumps(made.client.entering()))
        yield {}
    finally:
        made.close()


def commands(folder: Path) -> tuple[Command, Command]:
    """Return the check and curl, each as it is usually run, on the client."""
    entering = json.loads((folder / "entering.json").read_text())
    ours = [*entering, sys.executable, str(folder / NAME), "--host", HOST]
    return Command(ours), Command([*entering, "curl", "--silent", "--show-error", f"https://{HOST}/"])


def _hash_of(certificate: Path) -> str:
    openssl = found_program("openssl")
    assert openssl
    command = [openssl, "x509", "-noout", "-hash", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
