"""Reports for comments on pull requests and for step summaries."""
