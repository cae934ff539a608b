#!/usr/bin/env bash
# pyrefly 1.5.0: the preset `strict` does not report a function that has no return annotation.
#
# It reports a parameter without one. What a function returns is inferred instead, so a public function whose result
# changes by mistake changes its callers' types in silence. The rule `unannotated-return` exists and is not in the preset.
#
# Seen: "strict: 0 errors; with unannotated-return: 1 error"
# Source: tried on 2026-11-30 with pyrefly 1.5.0 and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install pyrefly==1.5.0
printf 'def doubled(number: int):\n    return number * 2\n' >"$folder/example.py"
errors() {
    (cd "$folder" && "$folder/venv/bin/pyrefly" check --output-format json 2>/dev/null || true) |
        "$folder/venv/bin/python" -c 'import json, sys; print(len(json.load(sys.stdin)["errors"]))'
}
printf 'preset = "strict"\nproject-includes = ["example.py"]\n' >"$folder/pyrefly.toml"
strict=$(errors)
printf '\n[errors]\nunannotated-return = "error"\n' >>"$folder/pyrefly.toml"
both=$(errors)
echo "strict: $strict errors; with unannotated-return: $both error"
[ "$strict" = 0 ] && [ "$both" = 1 ]
