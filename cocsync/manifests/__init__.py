"""The user's repository, offline: bytes to documents to desired scripts. Knows no COC and no plan."""
