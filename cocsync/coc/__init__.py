"""COC over HTTP: requests and their outcomes, and the script endpoints. Knows nothing of manifests, marks or plans."""
