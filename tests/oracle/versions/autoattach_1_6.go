//go:build kubevirt_1_5 || kubevirt_1_6

package main

import preferenceapply "kubevirt.io/kubevirt/pkg/instancetype/preference/apply"

// applyFirst is what virt-controller applies of a preference before it adds a network and an input device.
var applyFirst = preferenceapply.ApplyDevicePreferences
