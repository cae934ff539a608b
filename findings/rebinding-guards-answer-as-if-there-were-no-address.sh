#!/usr/bin/env bash
# dnsmasq 2.90 and Unbound 1.17.1: a guard against DNS rebinding takes a private address out of an answer, and what is
# left looks like a name that has no address of this type: NOERROR without records.
#
# dnsmasq tells it in an extended DNS error (15, Blocked), which no stub resolver shows; Unbound tells nothing at all. A
# client reports "no address" for a name whose record is right, so the zone is looked into and not the resolver. A true
# "no data" of another server carries the zone's SOA in its authority section; these answers carry none.
#
# Seen: "dnsmasq 2.90: NOERROR, 0 answers, 0 authority, extended error 15; Unbound 1.17.1: NOERROR, 0 answers, 0 authority, no extended error"
# Source: tried on 2026-11-30 with Debian's packages dnsmasq-base 2.90-4~deb12u2 and unbound 1.17.1-2+deb12u4, which are
# downloaded and unpacked, not installed.
set -euo pipefail
folder=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 "$folder"
for package in dnsmasq-base unbound; do
  apt-get download -qq "$package" $(apt-cache depends --no-recommends --no-suggests "$package" |
    sed -n 's/^ *Depends: \(lib[a-z0-9.-]*\)$/\1/p') 2>/dev/null
done
for each in *.deb; do dpkg-deb -x "$each" root; done
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(find root -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
cat >upstream.py <<'PYTHON'
"""A DNS server that answers every query for an A record with 10.20.0.10."""
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 15301))
while True:
    query, client = server.recvfrom(4096)
    end = query.index(b"\0", 12) + 5
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes((10, 20, 0, 10))
    opt = b"\0\0\x29\4\xd0\0\0\0\0\0\0"
    server.sendto(query[:2] + b"\x84\0\0\1\0\1\0\0\0\1" + query[12:end] + record + opt, client)
PYTHON
cat >unbound.conf <<CONF
server:
  interface: 127.0.0.1@15303
  username: ""
  chroot: ""
  directory: "$folder"
  pidfile: "$folder/unbound.pid"
  use-syslog: no
  do-daemonize: no
  do-not-query-localhost: no
  module-config: "iterator"
  private-address: 10.0.0.0/8
  ede: yes
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@15301
CONF
python3 upstream.py & pids+=($!)
root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --user= --group= --pid-file= \
  --port=15302 --listen-address=127.0.0.1 --bind-interfaces --server=127.0.0.1#15301 --stop-dns-rebind 2>/dev/null & pids+=($!)
root/usr/sbin/unbound -d -c unbound.conf 2>/dev/null & pids+=($!)
dnsmasq=$(root/usr/sbin/dnsmasq --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p')
unbound=$(root/usr/sbin/unbound -V | sed -n '1s/Version \([0-9.]*\).*/\1/p')
python3 - "$dnsmasq" "$unbound" <<'PYTHON'
import socket
import struct
import sys
import time

QUESTION = b"\7example\3com\0\0\1\0\1"
OPT = b"\0\0\x29\4\xd0\0\0\0\0\0\0"


def ask(port):
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            try:
                client.sendto(b"\x12\x34\1\0\0\1\0\0\0\0\0\1" + QUESTION + OPT, ("127.0.0.1", port))
                return client.recv(4096)
            except OSError:
                time.sleep(0.2)
    raise SystemExit(f"no answer on port {port}")


def described(name, answer):
    _, flags, _, answers, authority, _ = struct.unpack(">6H", answer[:12])
    rest = answer[12 + len(QUESTION) :]
    errors = "no extended error"
    if authority == answers == 0 and len(rest) > len(OPT):
        option, _, code = struct.unpack(">3H", rest[11:17])
        if option == 15:
            errors = f"extended error {code}"
    code = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN"}.get(flags & 15, flags & 15)
    return f"{name}: {code}, {answers} answers, {authority} authority, {errors}"


seen = "; ".join(
    described(f"{name} {version}", ask(port))
    for name, version, port in (("dnsmasq", sys.argv[1], 15302), ("Unbound", sys.argv[2], 15303))
)
print(seen)
sys.exit(
    seen
    != "dnsmasq 2.90: NOERROR, 0 answers, 0 authority, extended error 15; "
    "Unbound 1.17.1: NOERROR, 0 answers, 0 authority, no extended error"
)
PYTHON
