package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	v1 "kubevirt.io/api/core/v1"
	"kubevirt.io/api/instancetype/v1beta1"
	cdi "kubevirt.io/client-go/containerizeddataimporter"
	cdiv1beta1 "kubevirt.io/client-go/containerizeddataimporter/typed/core/v1beta1"
	"kubevirt.io/client-go/kubecli"
	instancetypeclient "kubevirt.io/client-go/kubevirt/typed/instancetype/v1beta1"
	cdiapi "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// client answers for a cluster that holds one instancetype and one preference, whatever they are asked for by, and nothing
// else. What nobody asks for isn't there at all.
type client struct {
	kubecli.KubevirtClient
	instancetype *v1beta1.VirtualMachineInstancetypeSpec
	preference   *v1beta1.VirtualMachinePreferenceSpec
}

// named are the specs that a VM's matchers lead to.
func (c *client) named(vm *v1.VirtualMachine) (*v1beta1.VirtualMachineInstancetypeSpec, *v1beta1.VirtualMachinePreferenceSpec) {
	instancetype, preference := c.instancetype, c.preference
	if vm.Spec.Instancetype == nil {
		instancetype = nil
	}
	if vm.Spec.Preference == nil {
		preference = nil
	}
	return instancetype, preference
}

func missing(resource, name string) error {
	return errors.NewNotFound(schema.GroupResource{Resource: resource}, name)
}

type instancetypes struct {
	instancetypeclient.VirtualMachineInstancetypeInterface
	*client
}

func (c *client) VirtualMachineInstancetype(string) instancetypeclient.VirtualMachineInstancetypeInterface {
	return instancetypes{client: c}
}

func (c instancetypes) Get(_ context.Context, name string, _ metav1.GetOptions) (*v1beta1.VirtualMachineInstancetype, error) {
	if c.instancetype == nil {
		return nil, missing("virtualmachineinstancetypes", name)
	}
	return &v1beta1.VirtualMachineInstancetype{Spec: *c.instancetype.DeepCopy()}, nil
}

type clusterInstancetypes struct {
	instancetypeclient.VirtualMachineClusterInstancetypeInterface
	*client
}

func (c *client) VirtualMachineClusterInstancetype() instancetypeclient.VirtualMachineClusterInstancetypeInterface {
	return clusterInstancetypes{client: c}
}

func (c clusterInstancetypes) Get(_ context.Context, name string, _ metav1.GetOptions) (*v1beta1.VirtualMachineClusterInstancetype, error) {
	if c.instancetype == nil {
		return nil, missing("virtualmachineclusterinstancetypes", name)
	}
	return &v1beta1.VirtualMachineClusterInstancetype{Spec: *c.instancetype.DeepCopy()}, nil
}

type preferences struct {
	instancetypeclient.VirtualMachinePreferenceInterface
	*client
}

func (c *client) VirtualMachinePreference(string) instancetypeclient.VirtualMachinePreferenceInterface {
	return preferences{client: c}
}

func (c preferences) Get(_ context.Context, name string, _ metav1.GetOptions) (*v1beta1.VirtualMachinePreference, error) {
	if c.preference == nil {
		return nil, missing("virtualmachinepreferences", name)
	}
	return &v1beta1.VirtualMachinePreference{Spec: *c.preference.DeepCopy()}, nil
}

type clusterPreferences struct {
	instancetypeclient.VirtualMachineClusterPreferenceInterface
	*client
}

func (c *client) VirtualMachineClusterPreference() instancetypeclient.VirtualMachineClusterPreferenceInterface {
	return clusterPreferences{client: c}
}

func (c clusterPreferences) Get(_ context.Context, name string, _ metav1.GetOptions) (*v1beta1.VirtualMachineClusterPreference, error) {
	if c.preference == nil {
		return nil, missing("virtualmachineclusterpreferences", name)
	}
	return &v1beta1.VirtualMachineClusterPreference{Spec: *c.preference.DeepCopy()}, nil
}

type core struct{ corev1client.CoreV1Interface }

func (*client) CoreV1() corev1client.CoreV1Interface { return core{} }

type claims struct {
	corev1client.PersistentVolumeClaimInterface
}

func (core) PersistentVolumeClaims(string) corev1client.PersistentVolumeClaimInterface {
	return claims{}
}

func (claims) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.PersistentVolumeClaim, error) {
	return nil, missing("persistentvolumeclaims", name)
}

type importer struct{ cdi.Interface }

func (*client) CdiClient() cdi.Interface { return importer{} }

type importerV1beta1 struct{ cdiv1beta1.CdiV1beta1Interface }

func (importer) CdiV1beta1() cdiv1beta1.CdiV1beta1Interface { return importerV1beta1{} }

type dataSources struct{ cdiv1beta1.DataSourceInterface }

func (importerV1beta1) DataSources(string) cdiv1beta1.DataSourceInterface { return dataSources{} }

func (dataSources) Get(_ context.Context, name string, _ metav1.GetOptions) (*cdiapi.DataSource, error) {
	return nil, missing("datasources", name)
}

type dataVolumes struct{ cdiv1beta1.DataVolumeInterface }

func (importerV1beta1) DataVolumes(string) cdiv1beta1.DataVolumeInterface { return dataVolumes{} }

func (dataVolumes) Get(_ context.Context, name string, _ metav1.GetOptions) (*cdiapi.DataVolume, error) {
	return nil, missing("datavolumes", name)
}
