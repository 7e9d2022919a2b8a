"""The machine below: git and other programs, files that are written whole, folders of the user."""
