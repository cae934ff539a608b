"""A client, a site with DNS servers, and a VPC, each in a network namespace of its own.

The site routes between the other two. A namespace is that of a process which does nothing, and is gone with it,
whatever happens to the tests.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
NEEDED: Final = ("ip", "unshare", "nsenter", "mount", "openssl", "dnsmasq", "named", "unbound")
PACKAGES: Final = "bind9 unbound dnsmasq-base iproute2 openssl"
START_SECONDS: Final = 10.0

CLIENT: Final = "10.9.0.2"
BLACK_HOLE: Final = "10.20.9.9"
"""Packets to it are dropped on the way."""
NO_ROUTE: Final = "10.20.8.8"
"""The site answers that there is no route."""
NO_ROUTE_6: Final = "fd00:28::8"
"""The client has no route to it."""


REACH: Final = """
import socket, time
until = time.monotonic() + 10
for address in {addresses}:
    while True:
        try:
            socket.create_connection((address, {port}), timeout=0.2).close()
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
"""
"""Waits until a server listens, and until the network has IPv6, which takes a second at times."""


class MissingError(Exception):
    """This machine has no namespaces, or lacks a program."""


def found_program(name: str) -> str | None:
    """Return a program's path; servers are in sbin, which is on the path of root alone."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


class Namespace:
    """A network namespace with a mount namespace."""

    def __init__(self, inside: "Namespace | None" = None) -> None:
        """Create it; without root, in the user namespace of another one, or in a new one."""
        unshare = ["unshare", "--net", "--mount"]
        if os.geteuid() != 0:
            unshare = ["unshare", "--map-root-user", "--net", "--mount"] if inside is None else unshare
        prefix = inside.entering(user_only=True) if inside and os.geteuid() != 0 else []
        ready = "echo ready; exec sleep 1000"
        self.holder = subprocess.Popen(
            [*prefix, *unshare, "sh", "-c", ready], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.holder.stdout and self.holder.stderr
        if self.holder.stdout.readline().strip() != "ready":
            raise MissingError(f"namespaces: {self.holder.communicate()[1].strip()}")

    def entering(self, *, user_only: bool = False) -> list[str]:
        """Return the command that runs another one inside."""
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        kinds = user if user_only else [*user, "--net", "--mount"]
        return ["nsenter", "--target", str(self.holder.pid), *kinds, "--"]

    def run(
        self, *command: str | Path, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command inside, and return what it wrote."""
        kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        arguments = [*self.entering(), *map(str, command)]
        return subprocess.run(
            arguments, env={**kept, **(environment or {})}, capture_output=True, text=True, timeout=60, check=False
        )

    def must(self, script: str) -> None:
        """Run a shell script inside. Raises MissingError if it fails."""
        done = self.run("sh", "-ec", script)
        if done.returncode:
            raise MissingError(f"namespaces: {done.stderr.strip()}")

    def start(self, *command: str | Path, log: Path) -> "subprocess.Popen[bytes]":
        """Start a server inside."""
        with log.open("wb") as file:
            return subprocess.Popen([*self.entering(), *map(str, command)], stdout=file, stderr=subprocess.STDOUT)

    def close(self) -> None:
        """End it."""
        end(self.holder)
        for stream in (self.holder.stdout, self.holder.stderr):
            if stream:
                stream.close()


def end(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    """End a process that was started here."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Network:
    """The three namespaces, and what runs in them."""

    def __init__(self, folder: Path) -> None:
        """Create them. Raises MissingError."""
        if missing := [name for name in NEEDED if not found_program(name)]:
            raise MissingError(f"{', '.join(missing)} (Debian: {PACKAGES})")
        self.folder = folder
        self.spaces: list[Namespace] = []
        self.servers: list[subprocess.Popen[bytes]] = []
        try:
            self.client = self._space()
            self.site = self._space()
            self.vpc = self._space()
            self._connect()
        except MissingError:
            self.close()
            raise

    def _space(self) -> Namespace:
        space = Namespace(self.spaces[0] if self.spaces else None)
        self.spaces.append(space)
        # Nobody else has these addresses: use them at once, without detection of duplicates.
        space.must("for file in all default; do echo 0 > /proc/sys/net/ipv6/conf/$file/dad_transmits; done")
        return space

    def _connect(self) -> None:
        client, vpc = self.client.holder.pid, self.vpc.holder.pid
        self.site.must(
            f"""
            ip link set lo up
            ip link add office type veth peer name line netns {client}
            ip link add aws type veth peer name line netns {vpc}
            ip addr add 10.9.0.1/24 dev office
            ip addr add 10.20.0.254/24 dev aws
            ip -6 addr add fd00:9::1/64 dev office nodad
            ip -6 addr add fd00:20::ff/64 dev aws nodad
            ip link set office up
            ip link set aws up
            ip route add blackhole 10.20.9.0/24
            ip route add unreachable 10.20.8.0/24
            ip route add blackhole 198.51.100.0/24
            echo 1 > /proc/sys/net/ipv4/ip_forward
            echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
            """
        )
        for name, space, ip4, ip6 in (
            ("client", self.client, f"{CLIENT}/24 10.9.0.1", "fd00:9::2/64 fd00:9::1 fd00:20::/64"),
            ("vpc", self.vpc, "10.20.0.1/24 10.20.0.254", "fd00:20::1/64 fd00:20::ff default"),
        ):
            (own, router), (own6, router6, reached) = ip4.split(), ip6.split()
            mounts = ""
            if name == "client":
                for file, text in (("resolv.conf", ""), ("hosts", ""), ("nsswitch.conf", "hosts: files dns\n")):
                    (self.folder / file).write_text(text)
                    mounts += f"mount --bind {self.folder / file} /etc/{file}\n"
            space.must(
                f"""
                {mounts}
                ip link set lo up
                ip addr add {own} dev line
                ip -6 addr add {own6} dev line nodad
                ip link set line up
                ip route add default via {router}
                ip -6 route add {reached} via {router6}
                """
            )

    def resolve_by(
        self, *servers: str, search: str = "", hosts: str = "", sources: str = "files dns", options: str = ""
    ) -> None:
        """Configure the client's resolver."""
        lines = [*([f"search {search}"] if search else []), *(f"nameserver {server}" for server in servers)]
        lines += [f"options {options}"] if options else []
        (self.folder / "resolv.conf").write_text("\n".join(lines) + "\n")
        (self.folder / "hosts").write_text(hosts)
        (self.folder / "nsswitch.conf").write_text(f"hosts: {sources}\n")

    def start_dns(self, name: str, address: str, *command: str | Path) -> None:
        """Start a DNS server of the site, and wait until it listens on an address of its own."""
        self.site.must(f"ip addr add {address}/32 dev lo")
        log = self.folder / f"{name}.log"
        server = self.site.start(*command, log=log)
        self.servers.append(server)
        wanted = "".join(f"{int(part):02X}" for part in reversed(address.split("."))) + ":0035"
        await_listening(server, wanted, "udp", log)

    def start_vpc(self, endpoints: Sequence[Mapping[str, object]], requests: Path) -> None:
        """Start the TLS server with an endpoint on each address."""
        addresses = dict.fromkeys(str(each["address"]) for each in endpoints)
        # Neighbour discovery answers for the addresses of the interface itself, ARP for all.
        commands = [f"ip addr add {each} dev {'line nodad' if ':' in each else 'lo'}" for each in addresses]
        self.vpc.must("\n".join(commands))
        plan, log = self.folder / "endpoints.json", self.folder / "endpoints.log"
        plan.write_text(json.dumps(endpoints))
        server = self.vpc.start(sys.executable, HERE / "tls_server.py", plan, requests, log=log)
        self.servers.append(server)
        reached = [str(each["address"]) for each in endpoints]
        program = REACH.format(addresses=[reached[0], next(each for each in reached if ":" in each)], port=443)
        done = self.client.run(sys.executable, "-I", "-c", program)
        assert done.returncode == 0, f"the TLS server does not start: {log.read_text()}{done.stderr}"

    def close(self) -> None:
        """End everything."""
        for server in self.servers:
            end(server)
        for space in self.spaces:
            space.close()


def await_listening(server: "subprocess.Popen[bytes]", wanted: str, table: str, log: Path) -> None:
    """Wait until a server listens on an address, as the kernel lists it for the server's namespace."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if wanted in Path(f"/proc/{server.pid}/net/{table}").read_text():
                return
        except OSError:
            break
        time.sleep(0.01)
    raise AssertionError(f"a DNS server does not start: {log.read_text(errors='replace')}")
