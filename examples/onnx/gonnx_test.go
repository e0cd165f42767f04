package onnx

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advancedclimatesystems/gonnx"
	"github.com/advancedclimatesystems/gonnx/ops"
	"github.com/seed88f7e06c/relu"
	"gorgonia.org/tensor"
)

// rectifier is gonnx's operator Relu, computed by relu.
type rectifier struct{ ops.Operator }

// Apply leaves its input as it is: other nodes may have it for theirs.
func (rectifier) Apply(inputs []tensor.Tensor) ([]tensor.Tensor, error) {
	y := inputs[0].Clone().(tensor.Tensor)
	switch x := y.Data().(type) {
	case []float32:
		relu.InPlace(x)
	case []float64:
		relu.InPlace(x)
	}
	return []tensor.Tensor{y}, nil
}

// rectifyByRelu replaces the operator Relu in a model, and counts its uses.
func rectifyByRelu(m *gonnx.Model, uses *int) {
	own := m.GetOperator
	m.GetOperator = func(name string) (ops.Operator, error) {
		op, err := own(name)
		if err == nil && name == "Relu" {
			op = rectifier{op}
			*uses++
		}
		return op, err
	}
}

// Example_gonnx runs a network that PyTorch exported, by gonnx alone and with
// its activation replaced.
func Example_gonnx() {
	file, err := perceptron()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, replaced := range []bool{false, true} {
		m, err := gonnx.NewModelFromFile(file)
		if err != nil {
			fmt.Println(err)
			return
		}
		uses := 0
		if replaced {
			rectifyByRelu(m, &uses)
		}
		x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{0, 1, 2, 3, 4, 5}))
		outputs, err := m.Run(gonnx.Tensors{"data_input": x})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.4f, relu used %d time(s)\n", outputs["preds"].Data(), uses)
	}
	// Output:
	// [-0.0563 -1.1902 -1.5961 -3.3445], relu used 0 time(s)
	// [-0.0563 -1.1902 -1.5961 -3.3445], relu used 1 time(s)
}

// perceptron is one of the models in gonnx's module: a layer of 3 inputs and 5
// outputs, Relu, and a layer of 2 outputs.
func perceptron() (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/advancedclimatesystems/gonnx").Output()
	return filepath.Join(strings.TrimSpace(string(dir)), "sample_models", "onnx_models", "mlp.onnx"), err
}

// TestGonnx holds many runs with the activation replaced against gonnx alone,
// to the bit, and against onnxruntime, which may add in another order.
func TestGonnx(t *testing.T) {
	file, err := perceptron()
	if err != nil {
		t.Fatal(err)
	}
	const rows = 1000
	x := make([]float32, rows*3)
	for i := range x {
		x[i] = float32(math.Sin(float64(i))) * 4
	}
	var outputs [2][]float32
	for i := range outputs {
		m, err := gonnx.NewModelFromFile(file)
		if err != nil {
			t.Fatal(err)
		}
		uses := 0
		if i == 1 {
			rectifyByRelu(m, &uses)
		}
		y, err := m.Run(gonnx.Tensors{"data_input": tensor.New(tensor.WithShape(rows, 3), tensor.WithBacking(x))})
		if err != nil {
			t.Fatal(err)
		}
		if uses != i {
			t.Fatalf("relu was used %d times, want %d", uses, i)
		}
		outputs[i] = y["preds"].Data().([]float32)
	}
	for i, got := range outputs[1] {
		if want := outputs[0][i]; math.Float32bits(got) != math.Float32bits(want) {
			t.Fatalf("output %d is %v, by gonnx alone %v", i, got, want)
		}
	}

	requireOnnxruntime(t)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	theirs := ask(t, request{Model: raw, Type: "float32", Dims: []int64{rows, 3}, X: encode(x)})[0]
	if len(theirs) != 4*len(outputs[1]) {
		t.Fatalf("%d bytes from onnxruntime, want %d float32", len(theirs), len(outputs[1]))
	}
	farthest := 0.0
	for i, got := range outputs[1] {
		want := math.Float32frombits(uint32(element(theirs, i, 4)))
		farthest = max(farthest, math.Abs(float64(got-want)))
	}
	t.Logf("%d outputs, at most %.2g from onnxruntime's", len(outputs[1]), farthest)
	if !(farthest < 1e-5) {
		t.Errorf("an output is %v from onnxruntime's", farthest)
	}
}
