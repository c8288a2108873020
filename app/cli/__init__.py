"""The command line: one module per command, arguments in, calls out, one line per error."""
