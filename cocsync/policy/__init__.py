"""The rules that scripts are judged by, each with a stable id, a severity that the project can change, and waivers."""
