"""Whether cocsync can do its work here, and what to mend where it cannot."""
