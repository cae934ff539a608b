"""The files of a release: the templates, their checksums, the stack policy, and a page that explains the parameters."""

import hashlib
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pinekeep import __version__
from pinekeep.errors import WrongInputError
from pinekeep.model.policies.stack import stack_policy
from pinekeep.model.words import shown
from pinekeep.operations.release.catalogue import SHAPES
from pinekeep.operations.release.json_text import json_text
from pinekeep.operations.release.roles.templates import ROLES, RoleTemplate
from pinekeep.operations.release.shape import ReleasedShape
from pinekeep.operations.release.templates import released_templates

STACK_POLICY_FILE: Final = "stack-policy.json"
CHECKSUMS_FILE: Final = "SHA256SUMS"
PAGE_FILE: Final = "index.html"
_BUCKET_URL: Final = re.compile(
    r"https://(?:[a-z0-9][a-z0-9-]+\.s3[.-][a-z0-9-]+|s3[.-][a-z0-9-]+)\.amazonaws\.com(?:/[A-Za-z0-9._~/-]*)?"
)
_CONSOLE: Final = "https://console.aws.amazon.com/cloudformation/home"


def write_release(folder: Path, *, bucket_url: str | None) -> list[Path]:
    """Write the files of a release into a folder, the same bytes each time; return their paths.

    ``bucket_url``: the address of the folder in S3 that the files will be uploaded to, for launch links: the console
    takes templates from S3 alone. Raises WrongInputError if it is no address in S3, or if the folder cannot be written
    or has other files of these names.
    """
    if bucket_url is not None:
        require_bucket_url(bucket_url)
    templates = released_templates(SHAPES) | {each.key: each.template() for each in ROLES}
    files = {template_file(key): json_text(template) for key, template in templates.items()}
    files[STACK_POLICY_FILE] = json_text(stack_policy())
    files[PAGE_FILE] = page(templates, bucket_url=bucket_url)
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(files.items())}
    files[CHECKSUMS_FILE] = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise WrongInputError(f"{error.filename or folder} cannot be written: {error.strerror}") from None
    return written


def template_file(shape: str) -> str:
    """Return the file name of a released template."""
    return f"{shape}.template.json"


def require_bucket_url(url: str) -> None:
    """Refuse an address that the CloudFormation console takes no template from, with WrongInputError."""
    if not _BUCKET_URL.fullmatch(url):
        raise WrongInputError(
            f"{shown(url)} is no HTTPS address in S3, and the console takes templates from S3 alone",
            hint="write it like https://BUCKET.s3.REGION.amazonaws.com/FOLDER",
        )


def launch_link(bucket_url: str, shape: str, *, stack: str, region: str, parameters: Mapping[str, str]) -> str:
    """Return the address that opens the CloudFormation console with a template, and with parameters filled in."""
    query = {"templateURL": f"{bucket_url.rstrip('/')}/{template_file(shape)}", "stackName": stack}
    query |= {f"param_{name}": value for name, value in parameters.items() if value}
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{_CONSOLE}?region={region}#/stacks/quickcreate?{text}"


def page(templates: Mapping[str, Mapping[str, Any]], *, bucket_url: str | None) -> str:
    """Return the page that explains each template and parameter: HTML that needs no network."""
    shown_here = (*SHAPES, *ROLES)
    sections = [_section(each, templates[each.key], bucket_url=bucket_url) for each in shown_here]
    contents = "".join(f'<li><a href="#{each.key}">{escape(each.title)}</a></li>' for each in shown_here)
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Pinekeep {escape(__version__)}: CloudFormation templates</title>\n<style>{_STYLE}</style></head>\n"
        f"<body><main><h1>CloudFormation templates of Pinekeep {escape(__version__)}</h1>\n{_INTRODUCTION}\n"
        f"<ol>{contents}</ol>\n" + "\n".join(sections) + "\n</main></body></html>\n"
    )


_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0}"
    "main{max-width:72rem;margin:0 auto;padding:1rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #8884;padding:.4rem .6rem;text-align:left;vertical-align:top}"
    "code{font-size:.9em;overflow-wrap:anywhere}"
    ".scroll{overflow-x:auto}"
    "h2{margin-top:2.5rem}"
)
_INTRODUCTION: Final = (
    "<p>Each template creates one part of your side of AWS for Pinecone. Deploy it in the account and Region of the "
    "Pinecone project. Key and role are retained when the stack is deleted: a deleted key is all data lost. Set the "
    f"stack policy <code>{STACK_POLICY_FILE}</code> on stacks with a role or a key, and turn on termination "
    f"protection. <code>{CHECKSUMS_FILE}</code> has the checksum of each file.</p>"
    "<p>In the name of a stack, replace <code>NAME</code> by the name of the deployment: <code>pinekeep verify</code> "
    "looks for a stack of this name.</p>"
)


def _section(shape: ReleasedShape | RoleTemplate, template: Mapping[str, Any], *, bucket_url: str | None) -> str:
    rows = "".join(
        f"<tr><td><code>{each.name}</code><br>{escape(each.label)}</td><td>{escape(each.description)}</td>"
        f"<td>{_default(each.default)}</td><td>{_allowed(each.as_json())}</td></tr>"
        for each in shape.parameters
    )
    outputs = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(str(each.get('Description', '')))}</td></tr>"
        for name, each in template["Outputs"].items()
    )
    about = f"<p>{escape(shape.about)}</p>" if isinstance(shape, RoleTemplate) else ""
    link = ""
    if bucket_url is not None:
        address = launch_link(bucket_url, shape.key, stack=shape.stack, region="us-east-1", parameters={})
        link = f'<p><a href="{escape(address)}">Open in the CloudFormation console</a>, then choose the Region.</p>'
    return (
        f'<section id="{shape.key}"><h2>{escape(shape.title)}</h2>{about}'
        f'<p><a href="{template_file(shape.key)}"><code>{template_file(shape.key)}</code></a></p>{link}'
        '<div class="scroll"><table><thead><tr><th scope="col">Parameter</th><th scope="col">Description</th>'
        f'<th scope="col">Default</th><th scope="col">Allowed</th></tr></thead><tbody>{rows}</tbody></table></div>'
        '<div class="scroll"><table><thead><tr><th scope="col">Output</th><th scope="col">Description</th></tr></thead>'
        f"<tbody>{outputs}</tbody></table></div></section>"
    )


def _default(value: str | None) -> str:
    if value is None:
        return "required"
    return f"<code>{escape(value)}</code>" if value else "empty"


def _allowed(parameter: Mapping[str, Any]) -> str:
    if "AllowedValues" in parameter:
        return ", ".join(f"<code>{escape(each)}</code>" for each in parameter["AllowedValues"])
    if "MinValue" in parameter:
        return f"{parameter['MinValue']} to {parameter['MaxValue']}"
    return escape(str(parameter.get("ConstraintDescription") or parameter["Type"]))
