"""What exists as it is written today: older APIs converted, plain VirtualMachines made short."""
