"""A fleet as platform teams have them: VMs of several families and systems, with labels, disks, networks and cloud-init.

    python tests/bench/fleet.py COUNT > fleet.yaml

About 110 lines each, no two alike, the same for a count each time. They name packaged objects of `common`.
"""

from __future__ import annotations

import random
import sys

APPS = ("billing", "cache", "db", "git", "ldap", "mail", "proxy", "queue", "search", "shop", "web")
ROLES = ("app", "data", "edge")
LINUX = ("fedora", "rhel.9", "ubuntu", "debian", "centos.stream9", "sles", "opensuse.leap")
SIZES = ("u1.small", "u1.medium", "u1.large", "o1.medium", "o1.xlarge", "m1.large", "cx1.large", "u1.2xlarge")
PACKAGES = ("chrony", "git", "haproxy", "httpd", "keepalived", "nginx", "podman", "redis", "rsync", "vim")
NAMESPACES = 40


def machine(number: int) -> str:
    """One VM as YAML."""
    chance = random.Random(number)
    app, role = chance.choice(APPS), chance.choice(ROLES)
    name, namespace = f"{app}-{number:05d}", f"team-{number % NAMESPACES:03d}"
    windows = chance.random() < 0.2
    size = chance.choice(("u1.xlarge", "u1.2xlarge", "o1.xlarge") if windows else SIZES)
    system = chance.choice(("windows.2k22.virtio", "windows.11.virtio") if windows else LINUX)
    disks, networks = chance.choice((1, 1, 2, 3, 5)), chance.choice((1, 1, 2, 3))
    lines = [
        "apiVersion: kubevirt.io/v1",
        "kind: VirtualMachine",
        "metadata:",
        f"  name: {name}",
        f"  namespace: {namespace}",
        "  labels:",
        f"    app.kubernetes.io/name: {app}",
        f"    app.kubernetes.io/instance: {name}",
        f"    role: {role}",
        f"    cost-center: cc-{chance.randrange(10, 99)}",
        "  annotations:",
        f"    example.com/ticket: OPS-{chance.randrange(1000, 9999)}",
        "spec:",
        f"  runStrategy: {chance.choice(('Always', 'RerunOnFailure', 'Manual'))}",
        f"  instancetype: {{name: {size}}}",
        f"  preference: {{name: {system}}}",
        "  dataVolumeTemplates:",
        *(line for disk in range(disks) for line in template(name, disk, chance)),
        "  template:",
        "    metadata:",
        "      labels:",
        f"        app.kubernetes.io/name: {app}",
        f"        kubevirt.io/domain: {name}",
        "    spec:",
        f"      hostname: {name}",
        "      terminationGracePeriodSeconds: 180",
        "      evictionStrategy: LiveMigrate",
        "      nodeSelector:",
        f"        topology.kubernetes.io/zone: zone-{chance.choice('abc')}",
        "      affinity:",
        "        podAntiAffinity:",
        "          preferredDuringSchedulingIgnoredDuringExecution:",
        "          - weight: 100",
        "            podAffinityTerm:",
        "              topologyKey: kubernetes.io/hostname",
        "              labelSelector: {matchLabels: {app.kubernetes.io/name: " + app + "}}",
        "      domain:",
        "        devices:",
        "          disks:",
        *(line for disk in range(disks) for line in (f"          - name: disk{disk}", "            disk: {}")),
        *(
            ["          - name: sysprep", "            cdrom: {}"]
            if windows
            else ["          - name: cloudinit", "            disk: {}"]
        ),
        "          interfaces:",
        *(line for nic in range(networks) for line in interface(nic, chance)),
        "      networks:",
        *(line for nic in range(networks) for line in network(nic, chance)),
        "      volumes:",
        *(
            line
            for disk in range(disks)
            for line in (f"      - name: disk{disk}", f"        dataVolume: {{name: {name}-disk{disk}}}")
        ),
        *(
            ["      - name: sysprep", f"        sysprep: {{configMap: {{name: {name}-unattend}}}}"]
            if windows
            else [
                "      - name: cloudinit",
                "        cloudInitNoCloud:",
                "          userData: |",
                *cloud_init(name, app, chance),
            ]
        ),
    ]
    return "\n".join(lines) + "\n"


def template(name: str, disk: int, chance: random.Random) -> list[str]:
    source = (
        ["        blank: {}"]
        if disk
        else ["        registry:", "          url: docker://quay.io/containerdisks/base:1"]
    )
    return [
        "  - metadata:",
        f"      name: {name}-disk{disk}",
        "    spec:",
        "      source:",
        *source,
        "      storage:",
        "        resources:",
        "          requests:",
        f"            storage: {chance.choice((20, 50, 100, 200))}Gi",
        f"        storageClassName: {chance.choice(('fast', 'replicated'))}",
    ]


def interface(nic: int, chance: random.Random) -> list[str]:
    address = ":".join(f"{chance.randrange(256):02x}" for _ in range(5))
    binding = "bridge" if nic else "masquerade"
    return [f"          - name: nic{nic}", f"            {binding}: {{}}", f'            macAddress: "02:{address}"']


def network(nic: int, chance: random.Random) -> list[str]:
    kind = f"multus: {{networkName: nets/vlan-{chance.randrange(100, 130)}}}" if nic else "pod: {}"
    return [f"      - name: nic{nic}", f"        {kind}"]


def cloud_init(name: str, app: str, chance: random.Random) -> list[str]:
    lines = [
        "#cloud-config",
        f"hostname: {name}",
        "users:",
        "- name: ops",
        "  sudo: ALL=(ALL) NOPASSWD:ALL",
        "  ssh_authorized_keys:",
        f"  - ssh-ed25519 {chance.getrandbits(256):064x} ops@example.com",
        "packages:",
        *(f"- {package}" for package in chance.sample(PACKAGES, chance.randrange(2, 7))),
        "write_files:",
        f"- path: /etc/{app}/config.ini",
        "  content: |",
        f"    [{app}]",
        f"    name={name}",
        "runcmd:",
        *(f"- [systemctl, enable, --now, {package}]" for package in chance.sample(PACKAGES, 2)),
    ]
    return [f"            {line}" for line in lines]


def fleet(count: int) -> str:
    """So many VMs as a YAML stream."""
    return "---\n".join(machine(number) for number in range(count))


if __name__ == "__main__":
    sys.stdout.write(fleet(int(sys.argv[1])))
