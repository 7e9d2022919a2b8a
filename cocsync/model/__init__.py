"""What passes between the stages: frozen records, and the one table of a script's fields. Pure."""
