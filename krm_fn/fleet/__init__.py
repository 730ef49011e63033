"""Many VirtualMachines: the work of a command shared among processes, here and on other machines, or cut into shards."""
