"""The execution of scripts on hosts: tickets, their batches, and what becomes of every host."""
