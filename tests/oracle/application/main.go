// Command application answers what KubeVirt's own code makes of a VirtualMachine with an instancetype and a preference.
//
// A line in:  {"id", "vm", "instancetype", "preference", "defaults"}; the two are specs, or null; with defaults
// "kubevirt" the VM passes the webhook, with its storage class and its judgement of requirements, and gets the input device and
// the network that KubeVirt adds when it starts one; with "none" it is expanded, but for the default network.
// A line out: {"id", "expect": {"outcome", ...}}. The outcome is the first stage that refuses, "ok", or "unreadable" and
// "panic", which are no answers but say why there is none.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/tools/cache"

	v1 "kubevirt.io/api/core/v1"
	"kubevirt.io/api/instancetype/v1beta1"

	"kubevirt.io/client-go/log"

	"kubevirt.io/kubevirt/pkg/defaults"
	"kubevirt.io/kubevirt/pkg/instancetype/apply"
	"kubevirt.io/kubevirt/pkg/instancetype/conflict"
	"kubevirt.io/kubevirt/pkg/instancetype/preference/requirements"
	"kubevirt.io/kubevirt/pkg/instancetype/preference/validation"
	"kubevirt.io/kubevirt/pkg/network/vmispec"
	"kubevirt.io/kubevirt/pkg/util"
	virtconfig "kubevirt.io/kubevirt/pkg/virt-config"
)

type question struct {
	ID           string          `json:"id"`
	VM           json.RawMessage `json:"vm"`
	Instancetype json.RawMessage `json:"instancetype"`
	Preference   json.RawMessage `json:"preference"`
	Defaults     string          `json:"defaults"`
}

type expectation struct {
	Outcome      string             `json:"outcome"`
	VM           *v1.VirtualMachine `json:"vm,omitempty"`
	ItInvalid    []string           `json:"itInvalid,omitempty"`
	PrefInvalid  []string           `json:"prefInvalid,omitempty"`
	Conflicts    []string           `json:"conflicts,omitempty"`
	Message      string             `json:"message,omitempty"`
	Requirement  string             `json:"requirement,omitempty"`
	ReqConflicts []string           `json:"reqConflicts,omitempty"`
}

type answer struct {
	ID     string      `json:"id"`
	Expect expectation `json:"expect"`
}

// settings are KubeVirt's own, with nothing configured, on amd64.
var settings = configured()

func configured() *virtconfig.ClusterConfig {
	const installation = "kubevirt"
	informer := func(object runtime.Object) cache.SharedIndexInformer {
		return cache.NewSharedIndexInformer(&cache.ListWatch{}, object, 0, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	}
	kubevirts := informer(&v1.KubeVirt{})
	kubevirt := &v1.KubeVirt{ObjectMeta: metav1.ObjectMeta{Name: "kubevirt", Namespace: installation, ResourceVersion: "1"}}
	kubevirt.Status.Phase = v1.KubeVirtPhaseDeployed
	kubevirt.Status.DefaultArchitecture = "amd64"
	if err := kubevirts.GetStore().Add(kubevirt); err != nil {
		panic(err)
	}
	out, err := virtconfig.NewClusterConfigWithCPUArch(informer(&extv1.CustomResourceDefinition{}), kubevirts, installation, "amd64")
	if err != nil {
		panic(err)
	}
	return out
}

func main() {
	log.InitializeLogging("application")
	log.Log.SetIOWriter(io.Discard)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.More() {
		var asked question
		if err := lines.Decode(&asked); err != nil {
			fmt.Fprintln(os.Stderr, "application:", err)
			os.Exit(1)
		}
		if err := encoder.Encode(answer{asked.ID, judge(asked)}); err != nil {
			fmt.Fprintln(os.Stderr, "application:", err)
			os.Exit(1)
		}
		// Whoever asks line by line waits for the answer.
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func judge(asked question) (out expectation) {
	defer func() {
		if reason := recover(); reason != nil {
			out = expectation{Outcome: "panic", Message: fmt.Sprint(reason)}
		}
	}()
	vm := &v1.VirtualMachine{}
	var instancetype *v1beta1.VirtualMachineInstancetypeSpec
	var preference *v1beta1.VirtualMachinePreferenceSpec
	for _, part := range []struct {
		name string
		raw  json.RawMessage
		into any
	}{{"vm", asked.VM, vm}, {"instancetype", asked.Instancetype, &instancetype}, {"preference", asked.Preference, &preference}} {
		if len(part.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(part.raw, part.into); err != nil {
			return expectation{Outcome: "unreadable", Message: part.name + ": " + err.Error()}
		}
	}
	return expand(vm, instancetype, preference, asked.Defaults == "kubevirt")
}

func expand(
	vm *v1.VirtualMachine,
	instancetype *v1beta1.VirtualMachineInstancetypeSpec,
	preference *v1beta1.VirtualMachinePreferenceSpec,
	starting bool,
) expectation {
	out := expectation{Outcome: "invalid"}
	if instancetype != nil {
		out.ItInvalid = causes(validateInstancetype(field.NewPath("spec"), instancetype))
	}
	if preference != nil {
		out.PrefInvalid = causes(validatePreference(field.NewPath("spec"), preference))
	}
	if len(out.ItInvalid)+len(out.PrefInvalid) > 0 {
		return out
	}
	if spread := validation.CheckSpreadCPUTopology(instancetype, preference); spread != nil {
		return expectation{Outcome: "spread", Conflicts: []string{spread.String()}, Message: spread.Error()}
	}
	template := vm.Spec.Template
	util.SetDefaultVolumeDisk(&template.Spec)
	attached := false
	if starting {
		storeClasses(vm, preference)
		if preference != nil {
			applyFirst(preference, &template.Spec)
		}
		attached = attachInput(&template.Spec)
		if err := vmispec.SetDefaultNetworkInterface(settings, &template.Spec); err != nil {
			panic(err)
		}
	}
	conflicts := apply.NewVMIApplier().ApplyToVMI(
		field.NewPath("spec", "template", "spec"), instancetype, preference, &template.Spec, &template.ObjectMeta)
	if len(conflicts) > 0 {
		return expectation{Outcome: "conflict", Conflicts: paths(conflicts)}
	}
	if attached {
		defaultInput(&template.Spec)
	}
	vm.Spec.Instancetype, vm.Spec.Preference = nil, nil
	vm.Status.InstancetypeRef, vm.Status.PreferenceRef = nil, nil
	judged := template.Spec.DeepCopy()
	if starting {
		// As the VM's webhook judges them, after its own defaults.
		if err := defaults.SetDefaultVirtualMachineInstanceSpec(settings, judged); err != nil {
			panic(err)
		}
	}
	if conflicts, err := requirements.New().Check(instancetype, preference, judged); err != nil {
		return expectation{Outcome: "requirement", Requirement: err.Error(), ReqConflicts: paths(conflicts), VM: vm}
	}
	return expectation{Outcome: "ok", VM: vm}
}

// attachInput adds the input device that virt-controller adds when it starts a VM (AutoAttachInputDevice in
// pkg/virt-controller/watch/vm, which would bring the whole controller with it).
func attachInput(spec *v1.VirtualMachineInstanceSpec) bool {
	wanted := spec.Domain.Devices.AutoattachInputDevice
	if wanted == nil || !*wanted || len(spec.Domain.Devices.Inputs) > 0 {
		return false
	}
	spec.Domain.Devices.Inputs = []v1.Input{{Name: "default-0"}}
	return true
}

// defaultInput fills that device as the VirtualMachineInstance webhook does.
func defaultInput(spec *v1.VirtualMachineInstanceSpec) {
	filled := &v1.VirtualMachineInstance{}
	filled.Spec.Domain.Devices.Inputs = spec.Domain.Devices.Inputs
	v1.SetObjectDefaults_VirtualMachineInstance(filled)
}

// storeClasses writes the preferred storage class where the VM's own webhook writes it.
func storeClasses(vm *v1.VirtualMachine, preference *v1beta1.VirtualMachinePreferenceSpec) {
	if preference == nil || preference.Volumes == nil || preference.Volumes.PreferredStorageClassName == "" {
		return
	}
	class := preference.Volumes.PreferredStorageClassName
	for index := range vm.Spec.DataVolumeTemplates {
		spec := &vm.Spec.DataVolumeTemplates[index].Spec
		if spec.PVC != nil && spec.PVC.StorageClassName == nil {
			spec.PVC.StorageClassName = &class
		}
		if spec.Storage != nil && spec.Storage.StorageClassName == nil {
			spec.Storage.StorageClassName = &class
		}
	}
}

func causes(found []metav1.StatusCause) []string {
	out := make([]string, 0, len(found))
	for _, cause := range found {
		out = append(out, cause.Field+": "+cause.Message)
	}
	return out
}

// paths gives conflicts in KubeVirt's order, but for annotations: those follow a Go map, so they are sorted.
func paths(found conflict.Conflicts) []string {
	out := make([]string, 0, len(found))
	for _, one := range found {
		out = append(out, one.String())
	}
	first := slices.IndexFunc(out, func(path string) bool { return strings.HasPrefix(path, "annotations") })
	if first >= 0 {
		slices.Sort(out[first:])
	}
	return out
}
