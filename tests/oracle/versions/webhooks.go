//go:build !kubevirt_1_5

package main

import (
	preferencewebhooks "kubevirt.io/kubevirt/pkg/instancetype/preference/webhooks"
	instancetypewebhooks "kubevirt.io/kubevirt/pkg/instancetype/webhooks"
)

var (
	validateInstancetype = instancetypewebhooks.ValidateInstanceTypeSpec
	validatePreference   = preferencewebhooks.ValidatePreferenceSpec
)
