// Package virttemplate has a client that can't be made.
package virttemplate

import (
	"errors"

	"k8s.io/client-go/rest"
)

type Clientset struct{}

func NewForConfig(*rest.Config) (*Clientset, error) { return nil, errors.ErrUnsupported }

func (*Clientset) TemplateV1beta1() *Clientset { return nil }

func (*Clientset) RESTClient() rest.Interface { return nil }
