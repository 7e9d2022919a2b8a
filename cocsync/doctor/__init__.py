"""Whether cocsync can do its work here, and what to fix where it cannot."""
