"""Draw the network of an example: clients, VPCs, endpoint and DNS, from its configuration file.

``python tools/network_pictures.py`` writes docs/pictures; with ``--check`` it reports the pictures that are stale.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pinekeep.model.config import Deployment, load  # noqa: E402 - the path must know the repository first
from pinekeep.model.config.private_link import Endpoint, ExistingVpc, NewVpc  # noqa: E402

EXAMPLES: Final = ("existing-vpc", "hub-and-spokes", "on-premises", "two-regions", "adopted-endpoint", "hosted-zone")
FOLDER: Final = ROOT / "docs" / "pictures"

_WIDTH: Final = 980
_LINE: Final = 18
_BOX: Final = 250
_COLUMNS: Final = (10, 365, 720)
_GAP: Final = 16
_STYLE: Final = (
    "text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2328}"
    ".t{font-weight:600}.s{fill:#57606a;font-size:12px}"
    "rect{fill:#f6f8fa;stroke:#8c959f}.e{fill:#ddf4ff;stroke:#0969da}.p{fill:#dafbe1;stroke:#1a7f37}"
    "path{fill:none;stroke:#0969da;stroke-width:1.5}.d{stroke:#8250df;stroke-dasharray:5 4}.d+text,.dn{fill:#8250df}"
)


@dataclass(frozen=True)
class Box:
    """A box with a title and lines. ``kind``: its colour. ``dns``: how its clients resolve the names, if they do."""

    title: str
    lines: tuple[str, ...] = ()
    kind: str = ""
    dns: str | None = None

    @property
    def height(self) -> int:
        """The height in pixels."""
        return _LINE * (len(self.lines) + 1 + (self.dns is not None)) + 14


def picture(example: str) -> str:
    """Return the SVG of an example. The same configuration gives the same bytes."""
    parts: list[str] = []
    top = 10
    for name, deployment in load(ROOT / "examples" / f"{example}.yaml").deployments.items():
        drawn, height = _row(name, deployment, top)
        parts += drawn
        top += height + 34
    parts.append(_label(_WIDTH // 2, top - 8, "solid: connections on TCP 443 · dashed: resolution of names", "s"))
    top += 20
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top - 14}" role="img">\n'
        f"<title>{escape(f'The network of examples/{example}.yaml')}</title>\n<style>{_STYLE}</style>\n"
        '<defs><marker id="a" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
        '<path d="M0,0 L8,4 L0,8" style="stroke:#0969da"/></marker></defs>\n'
        f'<rect x="0" y="0" width="{_WIDTH}" height="{top - 14}" style="fill:#ffffff;stroke:none"/>\n{body}\n</svg>\n'
    )


def _row(name: str, deployment: Deployment, top: int) -> tuple[list[str], int]:
    link = deployment.private_link
    if link is None:
        raise ValueError(f"{name} has no private_link")
    clients = list(_clients(link, deployment))
    center = _endpoint(link)
    service = Box(f"Pinecone, {link.service_region or deployment.region}", ("endpoint service", "indexes"), "p")
    parts = [f'<text x="{_COLUMNS[0]}" y="{top + 14}" class="t">{escape(name)}</text>']
    parts.append(
        f'<text x="{_COLUMNS[1]}" y="{top + 14}" class="s">account {deployment.account}, {deployment.region}</text>'
    )
    top += 26
    height = max(sum(each.height + _GAP for each in clients) - _GAP, center.height, service.height)
    middle = top + height // 2
    parts += _box(center, _COLUMNS[1], middle - center.height // 2)
    parts += _box(service, _COLUMNS[2], middle - service.height // 2)
    parts.append(_arrow(_COLUMNS[1] + _BOX, middle, _COLUMNS[2], middle))
    parts.append(_label((_COLUMNS[1] + _BOX + _COLUMNS[2]) // 2, middle - 7, "PrivateLink", "s"))
    y = top + (height - sum(each.height + _GAP for each in clients) + _GAP) // 2
    for each in clients:
        parts += _box(each, _COLUMNS[0], y)
        start = y + each.height // 2
        reach = center.height // 2 - 12
        end = middle + max(-reach, min(reach, (start - middle) // 3))
        if each.dns is not None:
            parts.append(_arrow(_COLUMNS[0] + _BOX, start - 4, _COLUMNS[1], end - 4, kind="d"))
        parts.append(_arrow(_COLUMNS[0] + _BOX, start + 4, _COLUMNS[1], end + 4))
        y += each.height + _GAP
    return parts, height + 26


def _clients(link: Endpoint, deployment: Deployment) -> Iterator[Box]:
    """Yield the boxes of the clients: those in the endpoint's VPC, in other VPCs, and outside AWS."""
    names = {"endpoint": "private DNS name", "resolver-inbound": "private DNS name", "none": None}.get(
        link.dns, "private hosted zone"
    )
    others = "Route 53 Profile" if link.dns == "profile" else names
    yield Box("Clients in the VPC", _allowed(link), dns=names)
    for vpc_id in link.client_vpc_ids:
        yield Box("Client VPC", (vpc_id,), dns=others)
    for each in link.client_vpcs:
        where = each.account or deployment.account
        yield Box("Client VPC elsewhere", (each.id, f"account {where}, {each.region or deployment.region}"), dns=others)
    if link.resolver is not None:
        yield Box(
            "Outside AWS",
            (f"DNS servers: {', '.join(link.resolver.client_cidrs)}",),
            dns="forwarded to the resolver",
        )


def _allowed(link: Endpoint) -> tuple[str, ...]:
    clients = [*link.clients.cidrs, *link.clients.security_group_ids, *link.clients.prefix_list_ids]
    if link.adopted:
        return ("as the endpoint allows",)
    if link.security_group_ids:
        return (f"as {', '.join(link.security_group_ids)} allows",)
    return (f"allowed: {clients[0]}", *([f"and {len(clients) - 1} more"] if len(clients) > 1 else []))


def _endpoint(link: Endpoint) -> Box:
    vpc = link.vpc
    if isinstance(vpc, NewVpc):
        title, where = f"New VPC {vpc.cidr}", f"endpoint in {', '.join(vpc.availability_zones)}"
    elif isinstance(vpc, ExistingVpc):
        title, where = vpc.id, f"endpoint in {len(vpc.subnet_ids)} subnets"
    else:
        title, where = vpc.id, vpc.adopt
    lines = [where]
    if link.has_zone:
        lines.append("hosted zone" + (" in a Route 53 Profile" if link.dns == "profile" else ""))
    if link.has_private_dns:
        lines.append("private DNS name of the endpoint")
    if link.resolver is not None:
        lines.append("inbound endpoint of Route 53 Resolver")
    if link.dns_bridge:
        lines.append("bridge zone")
    return Box(title, tuple(lines), "e")


def _box(box: Box, x: int, y: int) -> list[str]:
    kind = f' class="{box.kind}"' if box.kind else ""
    text = [f'<text x="{x + 12}" y="{y + 22}" class="t">{escape(box.title)}</text>']
    text += [
        f'<text x="{x + 12}" y="{y + 22 + _LINE * number}" class="s">{escape(line)}</text>'
        for number, line in enumerate(box.lines, 1)
    ]
    if box.dns is not None:
        text.append(f'<text x="{x + 12}" y="{y + box.height - 10}" class="s dn">DNS: {escape(box.dns)}</text>')
    return [f'<rect x="{x}" y="{y}" width="{_BOX}" height="{box.height}" rx="6"{kind}/>', *text]


def _arrow(x: int, y: int, to_x: int, to_y: int, *, kind: str = "") -> str:
    drawn = f' class="{kind}"' if kind else ' marker-end="url(#a)"'
    return f'<path d="M{x},{y} L{to_x},{to_y}"{drawn}/>'


def _label(x: int, y: int, text: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="middle">{escape(text)}</text>'


def stale() -> list[Path]:
    """Return the pictures that are missing or not as they would be drawn now."""
    wanted = {FOLDER / f"{each}.svg": picture(each) for each in EXAMPLES}
    return [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write the pictures, or report those that are stale."""
    if "--check" in sys.argv[1:]:
        for path in stale():
            print(f"stale: {path.relative_to(ROOT)}; run `make pictures`")
        return 1 if stale() else 0
    FOLDER.mkdir(exist_ok=True)
    for each in EXAMPLES:
        (FOLDER / f"{each}.svg").write_text(picture(each), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
