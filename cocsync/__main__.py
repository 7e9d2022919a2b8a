"""`python -m cocsync` is the command `cocsync`."""

from cocsync.cli.main import main

if __name__ == "__main__":
    main()
