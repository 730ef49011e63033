// Package v1beta1 declares the type by name alone.
package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

type VirtualMachineTemplate struct {
	metav1.TypeMeta
	metav1.ObjectMeta
}

func (in *VirtualMachineTemplate) DeepCopyObject() runtime.Object {
	out := *in
	return &out
}
