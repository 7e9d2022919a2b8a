"""Live scripts as manifests: exported, imported, merged into those that are there, restored from a backup."""
