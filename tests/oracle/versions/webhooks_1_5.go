//go:build kubevirt_1_5

package main

import "kubevirt.io/kubevirt/pkg/virt-api/webhooks/validating-webhook/admitters"

var (
	validateInstancetype = admitters.ValidateInstanceTypeSpec
	validatePreference   = admitters.ValidatePreferenceSpec
)
