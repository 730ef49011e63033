"""The components over an Argo CD installation, and the Applications: built by kustomize, checked against what the APIs take."""

from __future__ import annotations

import re
import subprocess

import jsonschema
import pytest
import yaml
from support import ROOT

from krm_fn.kubevirt import schemas

EXAMPLE = ROOT / "kustomize/examples/argocd"
# As Argo CD's own manifests: without a namespace, which the installation's kustomization sets.
INSTALL = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: argocd-repo-server}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: argocd-repo-server}}
  template:
    metadata: {labels: {app.kubernetes.io/name: argocd-repo-server}}
    spec:
      containers:
      - name: argocd-repo-server
        image: quay.io/argoproj/argocd:v3.1.0
        volumeMounts: [{name: tmp, mountPath: /tmp}]
      initContainers:
      - name: copyutil
        image: quay.io/argoproj/argocd:v3.1.0
        volumeMounts: [{name: var-files, mountPath: /var/run/argocd}]
      volumes:
      - {name: tmp, emptyDir: {}}
      - {name: var-files, emptyDir: {}}
      - {name: plugins, emptyDir: {}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data: {accounts.admin: login}
"""
STRING, STRINGS, OBJECT = {"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "object"}


def strict(needed=(), /, **properties):
    """A schema of an object that takes no other fields."""
    return {"type": "object", "additionalProperties": False, "required": list(needed), "properties": properties}


COMMAND = strict(["command"], command={**STRINGS, "minItems": 1}, args=STRINGS)
PARAMETER = strict(
    ["name"],
    **dict.fromkeys(("name", "title", "tooltip", "itemType", "collectionType", "string"), STRING),
    required={"type": "boolean"},
    array=STRINGS,
    map={"type": "object", "additionalProperties": STRING},
)
PLUGIN = strict(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "argoproj.io/v1alpha1"},
    kind={"const": "ConfigManagementPlugin"},
    metadata=strict(["name"], name=STRING),
    spec=strict(
        ["generate"],
        version=STRING,
        init=COMMAND,
        generate=COMMAND,
        discover=OBJECT,
        parameters=strict(static={"type": "array", "items": PARAMETER}, dynamic=COMMAND),
        preserveFileMode={"type": "boolean"},
        provideGitCreds={"type": "boolean"},
    ),
)
SOURCE_PARAMETER = strict(["name"], name=STRING, string=STRING, array=STRINGS, map=OBJECT)
IGNORED = strict(
    ["kind"],
    **dict.fromkeys(("group", "kind", "name", "namespace"), STRING),
    **dict.fromkeys(("jsonPointers", "jqPathExpressions", "managedFieldsManagers"), STRINGS),
)
APPLICATION = strict(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "argoproj.io/v1alpha1"},
    kind={"const": "Application"},
    metadata=OBJECT,
    spec=strict(
        ["destination", "project", "source"],
        project=STRING,
        source=strict(
            ["repoURL"],
            repoURL=STRING,
            targetRevision=STRING,
            path=STRING,
            kustomize=OBJECT,
            plugin=strict(name=STRING, env=OBJECT, parameters={"type": "array", "items": SOURCE_PARAMETER}),
        ),
        destination=strict(server=STRING, name=STRING, namespace=STRING),
        ignoreDifferences={"type": "array", "items": IGNORED},
        syncPolicy=strict(
            automated=strict(prune={"type": "boolean"}, selfHeal={"type": "boolean"}), syncOptions=STRINGS
        ),
    ),
)


def load(path: str):
    return yaml.safe_load((EXAMPLE / path).read_text())


@pytest.fixture
def install(kustomize, tmp_path):
    """Build an installation with components of the example: objects by kind."""

    def build(*components: str) -> dict[str, dict]:
        (tmp_path / "install.yaml").write_text(INSTALL)
        for component in components:
            (tmp_path / component).symlink_to(EXAMPLE / component)
        kustomization = {"resources": ["install.yaml"], "namespace": "argocd", "components": list(components)}
        (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        command = [kustomize, "build", "--load-restrictor", "LoadRestrictionsNone", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return {document["kind"]: document for document in yaml.safe_load_all(done.stdout)}

    return build


@pytest.mark.parametrize(
    "path", sorted(path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.glob("application*/*.yaml"))
)
def test_applications_have_only_fields_that_argo_cd_knows(path):
    jsonschema.validate(load(path), APPLICATION)


def test_the_plugin_has_only_fields_that_argo_cd_knows():
    jsonschema.validate(load("sidecar/plugin.yaml"), PLUGIN)


def test_the_application_passes_parameters_that_the_plugin_announces():
    announced = {
        parameter["name"]: parameter for parameter in load("sidecar/plugin.yaml")["spec"]["parameters"]["static"]
    }
    plugin = load("application/plugin.yaml")["spec"]["source"]["plugin"]
    assert plugin["name"] == load("sidecar/plugin.yaml")["metadata"]["name"]
    for parameter in plugin["parameters"]:
        collection = announced[parameter["name"]].get("collectionType", "string")
        assert collection in parameter


def test_the_sidecar_joins_the_repo_server_with_few_rights(install):
    pod = install("plugin")["Deployment"]["spec"]["template"]["spec"]
    names = [container["name"] for container in pod["containers"]]
    assert sorted(names) == ["argocd-repo-server", "krm-fn"]
    sidecar = pod["containers"][names.index("krm-fn")]
    assert sidecar["command"] == ["/var/run/argocd/argocd-cmp-server"]
    security = sidecar["securityContext"]
    assert (security["runAsUser"], security["readOnlyRootFilesystem"], security["capabilities"]) == (
        999,
        True,
        {"drop": ["ALL"]},
    )
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in sidecar["volumeMounts"]} <= volumes
    paths = {mount["mountPath"] for mount in sidecar["volumeMounts"]}
    assert paths == {"/var/run/argocd", "/home/argocd/cmp-server/plugins", "/tmp"}


def test_build_options_put_the_command_on_the_repo_servers_path(install):
    built = install("build-options")
    assert built["ConfigMap"]["data"]["kustomize.buildOptions"] == "--enable-alpha-plugins --enable-exec"
    pod = built["Deployment"]["spec"]["template"]["spec"]
    (copy,) = [container for container in pod["initContainers"] if container["name"] == "krm-fn"]
    assert copy["command"][1] == copy["volumeMounts"][0]["mountPath"]
    (server,) = pod["containers"]
    mounts = {mount["mountPath"]: mount for mount in server["volumeMounts"]}
    # the copied command names its own directory, so that it has to be mounted at the same path
    assert copy["command"][1] in mounts
    assert mounts["/usr/local/bin/krm-fn"]["subPath"] == "krm-fn"
    assert "copyutil" in [container["name"] for container in pod["initContainers"]]


def test_diff_and_health_settings_join_the_others(install):
    data = install("diff-and-health")["ConfigMap"]["data"]
    assert data["accounts.admin"] == "login"
    settings = {key.split(".")[2]: value for key, value in data.items() if key.endswith("kubevirt.io_VirtualMachine")}
    assert set(settings) == {"health", "ignoreDifferences", "knownTypeFields"}
    ignored = yaml.safe_load(settings["ignoreDifferences"])
    jsonschema.validate({"kind": "x", **ignored}, IGNORED)
    fields = yaml.safe_load(settings["knownTypeFields"])
    jsonschema.validate(
        fields,
        {
            "type": "array",
            "items": strict(["field", "type"], field=STRING, type={"enum": ["core/Quantity", "core/v1/ResourceList"]}),
        },
    )


def test_fields_that_the_settings_name_are_fields_of_a_virtual_machine():
    """A path with a slip of the pen would silently ignore nothing."""
    schema = schemas.packaged("VirtualMachine")
    named = [entry["field"] for entry in load("diff-and-health/known-type-fields.yaml")]
    named += [
        re.sub(r'\["[^"]*"\]|\[\]\?', "", path).lstrip(".")
        for path in load("diff-and-health/ignore-differences.yaml")["jqPathExpressions"]
    ]
    assert named[4:] == [  # what others write into lists, and nothing that a person might change in git
        "spec.template.spec.domain.devices.interfaces.macAddress",
        "spec.template.spec.volumes.containerPath.readOnly",
        "spec.template.spec.volumes.hostDisk.capacity",
    ]
    for path in named:
        assert known(schema, path), path


def known(schema: dict, path: str) -> bool:
    node = schema
    for step in path.split("."):
        node = resolve(schema, node)
        node = resolve(schema, node.get("items", node))
        if step == "metadata" or node.get("additionalProperties") is True:
            return True
        if step not in node.get("properties", {}):
            return False
        node = node["properties"][step]
    return True


def resolve(schema: dict, node: dict) -> dict:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node
