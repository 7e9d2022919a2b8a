"""The inventory: hosts as COC shows them, and what each one does with a script."""
