"""Certificates by openssl: authorities made for one run, and what they issue."""

import subprocess
from pathlib import Path
from typing import Final

from tests.operations.connectivity.network import found_program

_CURVE: Final = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(folder: Path, *arguments: str | Path) -> None:
    program = found_program("openssl")
    assert program
    done = subprocess.run([program, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def make_authority(folder: Path, name: str, subject: str) -> Path:
    """Make an authority and return its certificate, ``NAME.pem``."""
    made = folder / f"{name}.pem"
    constraints = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    subject_and_files = ("-subj", subject, "-days", "2", "-keyout", f"{name}.key", "-out", made)
    _openssl(folder, "req", "-x509", *_CURVE, *constraints, *subject_and_files)
    return made


def issue(folder: Path, name: str, *, host: str, authority: str, expired: bool = False) -> Path:
    """Issue a certificate for a host, and return it with its key in one file."""
    key, request, certificate = (folder / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
    _openssl(folder, "req", "-new", *_CURVE, "-subj", f"/CN={host}"[:64], "-keyout", key, "-out", request)
    # `openssl ca` alone takes dates, in versions that are still in use.
    (folder / f"{name}.index").write_text("")
    (folder / f"{name}.cnf").write_text(
        f"[ca]\ndefault_ca=own\n[own]\ndatabase={folder / name}.index\nnew_certs_dir={folder}\nrand_serial=yes\n"
        f"default_md=sha256\npolicy=any\nx509_extensions=leaf\nunique_subject=no\n[any]\ncommonName=supplied\n"
        f"[leaf]\nsubjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    dates = ("-startdate", "20200101000000Z", "-enddate", "20200102000000Z") if expired else ("-days", "1")
    signer = ("-cert", f"{authority}.pem", "-keyfile", f"{authority}.key")
    files = ("-config", f"{name}.cnf", "-in", request, "-out", certificate)
    _openssl(folder, "ca", "-batch", "-notext", *signer, *dates, *files)
    together = folder / f"{name}-chain.pem"
    together.write_text(certificate.read_text() + key.read_text())
    return together


def self_signed(folder: Path, name: str, host: str) -> Path:
    """Make a certificate that signs itself, and return it with its key in one file."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    subject = ("-subj", "/CN=appliance", "-addext", f"subjectAltName=DNS:{host}")
    _openssl(folder, "req", "-x509", *_CURVE, *subject, "-days", "1", "-keyout", key, "-out", certificate)
    together = folder / f"{name}-chain.pem"
    together.write_text(certificate.read_text() + key.read_text())
    return together
