"""What a preference does to a VirtualMachine: its fields, their application, its requirements."""
