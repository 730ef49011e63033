"""What an update of a VirtualMachine does to the machine that runs: KubeVirt's webhooks and controllers, without a cluster."""
