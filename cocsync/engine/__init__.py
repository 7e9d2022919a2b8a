"""The conductor: opens a workspace, connects, looks, plans, applies, imports. Prints nothing."""
