package main

import (
	"context"
	"encoding/json"

	jsonpatch "github.com/evanphx/json-patch"
	admissionv1 "k8s.io/api/admission/v1"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/tools/cache"

	v1 "kubevirt.io/api/core/v1"
	"kubevirt.io/api/instancetype/v1beta1"

	"kubevirt.io/kubevirt/pkg/instancetype/apply"
	netadmitter "kubevirt.io/kubevirt/pkg/network/admitter"
	"kubevirt.io/kubevirt/pkg/network/vmispec"
	"kubevirt.io/kubevirt/pkg/util"
	webhookutils "kubevirt.io/kubevirt/pkg/util/webhooks"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks/mutating-webhook/mutators"
	virtconfig "kubevirt.io/kubevirt/pkg/virt-config"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
)

const (
	namespace    = "default"
	installation = "kubevirt"
	architecture = "amd64"
)

// cluster is what stands between a manifest and a running machine.
type cluster struct {
	config       *virtconfig.ClusterConfig
	client       *client
	presets      cache.SharedIndexInformer
	vm           *resource
	vmi          *resource
	instancetype *resource
	preference   *resource
}

func newCluster() *cluster {
	crds, kubevirts := informer(&extv1.CustomResourceDefinition{}), informer(&v1.KubeVirt{})
	kubevirt := &v1.KubeVirt{ObjectMeta: metav1.ObjectMeta{Name: "kubevirt", Namespace: installation, ResourceVersion: "1"}}
	// Not a gate in every version, nor a field in every one.
	must(json.Unmarshal([]byte(`{"persistentReservationConfiguration": {"enabled": true}}`), &kubevirt.Spec.Configuration))
	kubevirt.Spec.Configuration.DeveloperConfiguration = &v1.DeveloperConfiguration{FeatureGates: featureGates}
	kubevirt.Status.Phase = v1.KubeVirtPhaseDeployed
	kubevirt.Status.DefaultArchitecture = architecture
	must(kubevirts.GetStore().Add(kubevirt))
	for _, name := range []string{"datavolumes.cdi.kubevirt.io", "datasources.cdi.kubevirt.io"} {
		crd := &extv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: name}}
		crd.Spec.Names.Kind = map[string]string{name: "DataVolume", "datasources.cdi.kubevirt.io": "DataSource"}[name]
		must(crds.GetStore().Add(crd))
	}
	return &cluster{
		config:       config(crds, kubevirts),
		client:       &client{},
		presets:      informer(&v1.VirtualMachineInstancePreset{}),
		vm:           newResource(components.NewVirtualMachineCrd, "v1"),
		vmi:          newResource(components.NewVirtualMachineInstanceCrd, "v1"),
		instancetype: newResource(components.NewVirtualMachineInstancetypeCrd, "v1beta1"),
		preference:   newResource(components.NewVirtualMachinePreferenceCrd, "v1beta1"),
	}
}

func informer(object runtime.Object) cache.SharedIndexInformer {
	indexers := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
	return cache.NewSharedIndexInformer(&cache.ListWatch{}, object, 0, indexers)
}

// judge is the first stage that refuses, "" when none does, and why.
func (c *cluster) judge(asked question) (string, []metav1.StatusCause) {
	if stage, causes := c.define(asked); stage != "" {
		return stage, causes
	}
	raw, causes := c.vm.received(asked.VM)
	if causes != nil {
		return "schema", causes
	}
	review := created(raw, webhooks.VirtualMachineGroupVersionResource)
	if response := webhookutils.ValidateSchema(v1.VirtualMachineGroupVersionKind, raw); response != nil {
		return "schema", causesOf(response)
	}
	response := mutators.NewVMsMutator(c.config, c.client).Mutate(review)
	if !response.Allowed {
		return "mutate", causesOf(response)
	}
	review.Request.Object.Raw = patched(raw, response)
	if causes := c.vm.check(review.Request.Object.Raw); causes != nil {
		return "crd", causes
	}
	if response := vmsAdmitter(c).Admit(context.Background(), review); !response.Allowed {
		return "vm", causesOf(response)
	}
	vm := &v1.VirtualMachine{}
	must(json.Unmarshal(review.Request.Object.Raw, vm))
	if causes := c.start(vm); causes != nil {
		return "vmi", causes
	}
	return "", nil
}

// define takes the instancetype and the preference into the cluster, as their own webhooks and CRDs would.
func (c *cluster) define(asked question) (string, []metav1.StatusCause) {
	c.client.instancetype, c.client.preference = nil, nil
	if present(asked.Instancetype) {
		spec := &v1beta1.VirtualMachineInstancetypeSpec{}
		causes := c.instancetype.checkSpec(asked.Instancetype)
		if causes == nil {
			must(json.Unmarshal(asked.Instancetype, spec))
			causes = validateInstancetype(field.NewPath("spec"), spec)
		}
		if causes != nil {
			return "instancetype", causes
		}
		c.client.instancetype = spec
	}
	if present(asked.Preference) {
		spec := &v1beta1.VirtualMachinePreferenceSpec{}
		causes := c.preference.checkSpec(asked.Preference)
		if causes == nil {
			must(json.Unmarshal(asked.Preference, spec))
			causes = validatePreference(field.NewPath("spec"), spec)
		}
		if causes != nil {
			return "preference", causes
		}
		c.client.preference = spec
	}
	return "", nil
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// start makes the instance that virt-controller makes of a VM (startVMI and SetupVMIFromVM in pkg/virt-controller/watch/vm,
// which would bring the whole controller with it), and has it judged.
func (c *cluster) start(vm *v1.VirtualMachine) []metav1.StatusCause {
	template := vm.Spec.Template.DeepCopy()
	vmi := &v1.VirtualMachineInstance{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	vmi.APIVersion, vmi.Kind = v1.VirtualMachineInstanceGroupVersionKind.ToAPIVersionAndKind()
	vmi.Name, vmi.GenerateName, vmi.Namespace = vm.Name, "", vm.Namespace
	vmi.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(vm, v1.VirtualMachineGroupVersionKind)}
	vmi.OwnerReferences[0].UID = "00000000-0000-0000-0000-000000000000"
	util.SetDefaultVolumeDisk(&vmi.Spec)
	instancetype, preference := c.client.named(vm)
	if preference != nil {
		applyFirst(preference, &vmi.Spec)
	}
	wanted := vmi.Spec.Domain.Devices.AutoattachInputDevice
	if wanted != nil && *wanted && len(vmi.Spec.Domain.Devices.Inputs) == 0 {
		vmi.Spec.Domain.Devices.Inputs = []v1.Input{{Name: "default-0"}}
	}
	must(vmispec.SetDefaultNetworkInterface(c.config, &vmi.Spec))
	if conflicts := apply.NewVMIApplier().ApplyToVMI(field.NewPath("spec"), instancetype, preference, &vmi.Spec, &vmi.ObjectMeta); len(conflicts) > 0 {
		return conflicts.StatusCauses()
	}
	if causes := netadmitter.ValidateCreation(field.NewPath("spec"), &vmi.Spec, c.config); len(causes) > 0 {
		return causes
	}
	raw, err := json.Marshal(vmi)
	must(err)
	raw, causes := c.vmi.received(raw)
	if causes != nil {
		return causes
	}
	review := created(raw, webhooks.VirtualMachineInstanceGroupVersionResource)
	response := vmisMutator(c).Mutate(review)
	if !response.Allowed {
		return causesOf(response)
	}
	review.Request.Object.Raw = patched(raw, response)
	if causes := c.vmi.check(review.Request.Object.Raw); causes != nil {
		return causes
	}
	if response := vmiAdmitter(c).Admit(context.Background(), review); !response.Allowed {
		return causesOf(response)
	}
	return nil
}

func created(raw []byte, of metav1.GroupVersionResource) *admissionv1.AdmissionReview {
	return &admissionv1.AdmissionReview{Request: &admissionv1.AdmissionRequest{
		Operation: admissionv1.Create, Namespace: namespace, Resource: of, Object: runtime.RawExtension{Raw: raw},
	}}
}

func patched(raw []byte, response *admissionv1.AdmissionResponse) []byte {
	if len(response.Patch) == 0 {
		return raw
	}
	patch, err := jsonpatch.DecodePatch(response.Patch)
	must(err)
	out, err := patch.Apply(raw)
	must(err)
	return out
}

// causesOf are the causes of a refusal, or its message where it lists none.
func causesOf(response *admissionv1.AdmissionResponse) []metav1.StatusCause {
	if response.Result.Details != nil && len(response.Result.Details.Causes) > 0 {
		return response.Result.Details.Causes
	}
	return []metav1.StatusCause{{Message: response.Result.Message}}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
