"""What COC holds, complete or not at all, with the help of what is remembered. Cannot write."""
