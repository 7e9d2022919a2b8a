"""What verbs share: global options, prompts, progress, and where reports go."""
