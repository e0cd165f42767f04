package onnx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// request is a model and its input, in the words of onnxruntime.js.
type request struct {
	Model []byte  `json:"model"`
	Type  string  `json:"type"`
	Dims  []int64 `json:"dims"`
	X     []byte  `json:"x"`
}

// comparison is a request, and what relu makes of it.
type comparison struct {
	request
	operator string
	ours     []byte
}

func (c comparison) String() string {
	return fmt.Sprintf("%s of %s%v", c.operator, c.Type, c.Dims)
}

// TestOnnxruntime holds each operator against onnxruntime, to the bit. Each
// difference must be listed, and each that is listed must occur.
func TestOnnxruntime(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		missing(t, "differences are listed for amd64, not for "+runtime.GOARCH)
	}
	requireOnnxruntime(t)
	all := operators(t)
	var requests []request
	for _, c := range all {
		requests = append(requests, c.request)
	}
	counts := map[occurrence]int{}
	for i, theirs := range ask(t, requests...) {
		all[i].check(t, theirs, counts)
	}
	for _, d := range differences {
		for _, operator := range d.operators {
			for _, typ := range d.types {
				n := counts[occurrence{operator, typ, d.what}]
				if n == 0 {
					t.Errorf("%s of %s: does not occur: %s", operator, typ, d.what)
				}
				t.Logf("%s of %s, %d times: %s", operator, typ, n, d.what)
			}
		}
	}
}

// requireOnnxruntime skips where onnxruntime is not installed.
func requireOnnxruntime(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "Node.js is missing; apt-get install -y --no-install-recommends nodejs npm")
	}
	if _, err := os.Stat("node_modules/onnxruntime-node"); err != nil {
		missing(t, "onnxruntime is missing; npm ci --ignore-scripts")
	}
}

// missing skips, or fails where onnxruntime is required.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("RELU_REQUIRE_ONNXRUNTIME") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// ask returns what onnxruntime makes of each request.
func ask(t *testing.T, requests ...request) [][]byte {
	in, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	var complaint bytes.Buffer
	node := exec.Command("node", "onnxruntime.js")
	node.Stdin, node.Stderr = bytes.NewReader(in), &complaint
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, &complaint)
	}
	var answer struct {
		Version string
		Outputs [][]byte
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Outputs) != len(requests) {
		t.Fatalf("%d outputs of %d requests", len(answer.Outputs), len(requests))
	}
	t.Logf("onnxruntime %s, %d models", answer.Version, len(requests))
	return answer.Outputs
}
