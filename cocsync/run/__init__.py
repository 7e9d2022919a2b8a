"""Running scripts on hosts: what is run where, in which order, and how it is judged. Pure."""
