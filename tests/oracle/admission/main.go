// Command admission answers whether KubeVirt's own webhooks and the API server's own check of its CRDs accept a
// VirtualMachine, and whether the machine then starts. Default settings, amd64, every active feature gate on.
//
// A line in:  {"id", "vm", "instancetype", "preference"}; the two are specs or null, for whatever the VM's matchers name.
// A line out: {"id", "expect": {"admitted", "created", "stage", "fields", "messages"}}. The stage is the first that refuses:
// instancetype, preference, schema, mutate, crd, vm or vmi; or "panic", when KubeVirt's code does.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubevirt.io/client-go/log"
)

type question struct {
	ID           string          `json:"id"`
	VM           json.RawMessage `json:"vm"`
	Instancetype json.RawMessage `json:"instancetype"`
	Preference   json.RawMessage `json:"preference"`
}

type verdict struct {
	Admitted bool     `json:"admitted"`
	Created  bool     `json:"created"`
	Stage    string   `json:"stage"`
	Fields   []string `json:"fields"`
	Messages []string `json:"messages,omitempty"`
}

type answer struct {
	ID     string  `json:"id"`
	Expect verdict `json:"expect"`
}

func main() {
	log.InitializeLogging("admission")
	log.Log.SetIOWriter(io.Discard)
	judge := newCluster()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.More() {
		var asked question
		if err := lines.Decode(&asked); err != nil {
			fail(err)
		}
		if err := encoder.Encode(answer{asked.ID, judge.answer(asked)}); err != nil {
			fail(err)
		}
		// Whoever asks line by line waits for the answer.
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "admission:", err)
	os.Exit(1)
}

func (c *cluster) answer(asked question) (out verdict) {
	defer func() {
		if reason := recover(); reason != nil {
			out = verdict{Stage: "panic", Fields: []string{""}, Messages: []string{fmt.Sprint(reason)}}
		}
	}()
	stage, causes := c.judge(asked)
	out = verdict{Admitted: stage == "", Created: stage == "" || stage == "vmi", Stage: stage, Fields: []string{}}
	for _, cause := range causes {
		out.Messages = append(out.Messages, cause.Message)
		// One cause may name several fields, as conflicts of requirements do.
		for _, path := range strings.Split(fieldOf(cause), ", ") {
			if stage == "vmi" {
				path = belowTemplate(path)
			}
			if !slices.Contains(out.Fields, path) {
				out.Fields = append(out.Fields, path)
			}
		}
	}
	return out
}

var (
	openAPI  = regexp.MustCompile(`^"?([\w\-./\[\]]+?)"? (?:in body|must|should)`)
	quantity = "quantities must match" // Go's quantities don't say where they stand
	decoder  = regexp.MustCompile(`into Go struct field \w+\.([\w.]+) of type`)
)

// fieldOf is the field of a cause, or the one its message begins with.
func fieldOf(cause metav1.StatusCause) string {
	if cause.Field != "" {
		return cause.Field
	}
	if strings.HasPrefix(cause.Message, quantity) {
		return ""
	}
	for _, pattern := range []*regexp.Regexp{openAPI, decoder} {
		if found := pattern.FindStringSubmatch(cause.Message); found != nil {
			return strings.TrimPrefix(found[1], ".")
		}
	}
	return ""
}

// belowTemplate is where a field of the machine's instance stands in the VM.
func belowTemplate(path string) string {
	for _, part := range []string{"spec", "metadata"} {
		if path == part || strings.HasPrefix(path, part+".") {
			return "spec.template." + path
		}
	}
	return path
}
