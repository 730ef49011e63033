"""Files for commands: what is named on the command line is read here, and everything that a command makes is written here.

`inputs` gives bytes, `manifests` gives manifests with file and line, `outputs` writes, on top of `transaction`.
`arguments` spells the options, the same for every command.
"""
