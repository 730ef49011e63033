package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/tools/cache"

	v1 "kubevirt.io/api/core/v1"

	netadmitter "kubevirt.io/kubevirt/pkg/network/admitter"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks/mutating-webhook/mutators"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks/validating-webhook/admitters"
	virtconfig "kubevirt.io/kubevirt/pkg/virt-config"
)

func config(crds, kubevirts cache.SharedIndexInformer) *virtconfig.ClusterConfig {
	out, err := virtconfig.NewClusterConfigWithCPUArch(crds, kubevirts, installation, architecture)
	must(err)
	return out
}

func vmsAdmitter(c *cluster) *admitters.VMsAdmitter {
	return admitters.NewVMsAdmitter(c.config, c.client, &webhooks.Informers{}, nil)
}

func vmisMutator(c *cluster) *mutators.VMIsMutator {
	return &mutators.VMIsMutator{ClusterConfig: c.config, VMIPresetInformer: c.presets}
}

func vmiAdmitter(c *cluster) *admitters.VMICreateAdmitter {
	network := func(path *field.Path, spec *v1.VirtualMachineInstanceSpec, config *virtconfig.ClusterConfig) []metav1.StatusCause {
		return netadmitter.Validate(path, spec, config)
	}
	return &admitters.VMICreateAdmitter{ClusterConfig: c.config, SpecValidators: []admitters.SpecValidator{network}}
}
