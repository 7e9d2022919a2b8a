"""The baseline: every script listed and read by the official SDK, in a plain loop."""

from __future__ import annotations

import sys
from typing import Any

from huaweicloudsdkcoc.v1 import CocClient, GetScriptRequest, ListScriptsRequest
from huaweicloudsdkcore.auth.credentials import GlobalCredentials


def main(endpoint: str) -> None:
    credentials = GlobalCredentials("AK", "SK", "domain")
    client: Any = CocClient.new_builder().with_credentials(credentials).with_endpoints([endpoint]).build()
    marker, found = None, 0
    while rows := client.list_scripts(ListScriptsRequest(limit=100, marker=marker)).data.data:
        for row in rows:
            client.get_script(GetScriptRequest(script_uuid=row.script_uuid))
        found += len(rows)
        marker = rows[-1].id
    print(found)


if __name__ == "__main__":
    main(sys.argv[1])
