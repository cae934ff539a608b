#!/usr/bin/env bash
# botocore 1.43.106, EC2: a consumer cannot read from which Regions an endpoint service takes endpoints.
#
# `ServiceRegions` is a parameter of DescribeVpcEndpointServices, and no part of its answer: a service's details name the
# Region that hosts it alone (`ServiceRegion`). The supported Regions are in the answer of
# DescribeVpcEndpointServiceConfigurations, which belongs to the provider. So cross-Region access is found out only by
# asking for the other Region: without access the answer names no such service.
#
# Seen: "asked by ServiceRegions; told ServiceRegion; SupportedRegions told to the provider"
# Source: tried on 2026-11-30 with botocore 1.43.106; its models are those of the EC2 API 2016-11-15.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install botocore==1.43.106
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from botocore.session import Session

model = Session().get_service_model("ec2")
asked = model.operation_model("DescribeVpcEndpointServices")
told = asked.output_shape.members["ServiceDetails"].member.members
owned = model.operation_model("DescribeVpcEndpointServiceConfigurations")
provider = owned.output_shape.members["ServiceConfigurations"].member.members
by = "ServiceRegions" in asked.input_shape.members
names = [name for name in told if "Region" in name]
supported = "SupportedRegions" in provider
print(
    f"asked by {'ServiceRegions' if by else 'nothing'}; told {', '.join(names)}; "
    f"SupportedRegions {'told to the provider' if supported else 'told to nobody'}"
)
sys.exit(not (by and names == ["ServiceRegion"] and supported))
PYTHON
