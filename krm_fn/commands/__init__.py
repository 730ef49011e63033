"""The commands of the command line: each module has HELP, configure(parser) and run(options)."""
