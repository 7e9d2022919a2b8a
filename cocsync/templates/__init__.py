"""The files that `cocsync init` writes."""
