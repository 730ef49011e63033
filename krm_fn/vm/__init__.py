"""A VirtualMachine from its short form to the expanded one: lookup, defaults, expansion, revisions."""
