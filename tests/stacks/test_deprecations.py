"""The templates are made without a word about deprecated calls of the CDK, which users would read."""

import os
import subprocess
import sys
from pathlib import Path

from tests.command_support import external_id_of

ROOT = Path(__file__).resolve().parents[2]

FILE = """\
version: 1
pinecone_account: "740000000001"
deployments:
"""
DEPLOYMENT = """\
  DNS:
    account: "111122223333"
    region: us-east-1
    cmek:
      trust: {regions: [us-east-1], external_id: EXTERNAL}
    private_link:
      vpc: {cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}
      clients: {cidrs: [10.20.0.0/16]}
      dns: DNS
      generation: 2
      standby: 1
"""


def test_nothing_is_said_of_deprecated_calls(tmp_path: Path) -> None:
    deployments = (
        DEPLOYMENT.replace("DNS", dns).replace("EXTERNAL", external_id_of(dns)) for dns in ("endpoint", "hosted-zone")
    )
    (tmp_path / "pinekeep.yaml").write_text(FILE + "".join(deployments))
    command = [sys.executable, "-m", "pinekeep", "synth", "--out", "out"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr
