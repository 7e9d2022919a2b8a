"""Who asks: credentials, signatures and tokens."""
