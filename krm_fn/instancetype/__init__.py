"""What an instancetype does to a VirtualMachine: its fields, their conflicts, their application."""
