package main

import (
	"context"
	"encoding/json"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// resource is the API server's part for one kind: what it makes of a manifest, and what it refuses.
type resource struct {
	structural *structural.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

func newResource(definition func() (*extv1.CustomResourceDefinition, error), version string) *resource {
	crd, err := definition()
	must(err)
	for _, served := range crd.Spec.Versions {
		if served.Name != version {
			continue
		}
		props := &apiextensions.JSONSchemaProps{}
		must(extv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(served.Schema.OpenAPIV3Schema, props, nil))
		compiled, err := structural.NewStructural(props)
		must(err)
		validator, _, err := validation.NewSchemaValidator(props)
		must(err)
		return &resource{compiled, validator, cel.NewValidator(compiled, true, celconfig.PerCallLimit)}
	}
	panic(crd.Name + " has no version " + version)
}

// received is a manifest as the API server hands it to webhooks: nulls dropped, defaults set, a namespace given.
func (r *resource) received(raw []byte) ([]byte, []metav1.StatusCause) {
	object := map[string]any{}
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, []metav1.StatusCause{{Message: err.Error()}}
	}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		if _, named := metadata["namespace"]; !named {
			metadata["namespace"] = namespace
		}
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, r.structural)
	defaulting.Default(object, r.structural)
	out, err := json.Marshal(object)
	must(err)
	return out, nil
}

// check is what the API server finds wrong with what the webhooks hand back.
func (r *resource) check(raw []byte) []metav1.StatusCause {
	object := map[string]any{}
	decoder := &unstructured.Unstructured{}
	must(json.Unmarshal(raw, &object))
	if err := decoder.UnmarshalJSON(raw); err != nil {
		return []metav1.StatusCause{{Message: err.Error()}}
	}
	object = decoder.Object
	defaulting.PruneNonNullableNullsWithoutDefaults(object, r.structural)
	found := apivalidation.ValidateObjectMetaAccessor(decoder, true, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	return causesOfErrors(append(found, r.errors(object)...))
}

// checkSpec checks a spec alone.
func (r *resource) checkSpec(raw json.RawMessage) []metav1.StatusCause {
	var spec any
	if err := json.Unmarshal(raw, &spec); err != nil {
		return []metav1.StatusCause{{Message: err.Error()}}
	}
	object := map[string]any{"metadata": map[string]any{}, "spec": spec}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, r.structural)
	return causesOfErrors(r.errors(object))
}

func (r *resource) errors(object map[string]any) field.ErrorList {
	found := validation.ValidateCustomResource(nil, object, r.validator)
	found = append(found, listtype.ValidateListSetsAndMaps(nil, r.structural, object)...)
	if len(found) > 0 {
		return found
	}
	broken, _ := r.rules.Validate(context.Background(), nil, r.structural, object, nil, celconfig.RuntimeCELCostBudget)
	return append(found, broken...)
}

func causesOfErrors(found field.ErrorList) []metav1.StatusCause {
	var out []metav1.StatusCause
	for _, one := range found {
		out = append(out, metav1.StatusCause{Type: metav1.CauseType(one.Type), Field: one.Field, Message: one.ErrorBody()})
	}
	return out
}
