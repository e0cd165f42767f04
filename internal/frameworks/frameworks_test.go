// Package frameworks holds relu against NumPy and PyTorch, which share no code
// with it.
//
// Every answer must be relu's, to the bit, but for the differences that are
// listed by name; each of those must occur. What relu's contract leaves open,
// the bits of a NaN that was computed, is not compared. Nor is the order in
// which a slope's gradient is summed: where that order shows, the two sums may
// be as far apart as their roundings can carry them, and no farther.
package frameworks

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed88f7e06c/relu"
)

//go:embed frameworks.py
var script string

// answersFile is the environment variable that names a file of answers. It
// tells a child to compare with those, and not to ask for its own.
const answersFile = "RELU_FRAMEWORKS_ANSWERS"

// TestFrameworks asks once, and compares with every kernel that RELU_KERNEL
// leaves. A kernel is chosen when a program starts, so each needs a process.
func TestFrameworks(t *testing.T) {
	if path := os.Getenv(answersFile); path != "" {
		if want := os.Getenv("RELU_KERNEL"); relu.Kernel() != want {
			t.Fatalf("the kernel is %s, not %s", relu.Kernel(), want)
		}
		compare(t, path)
		return
	}
	path := ask(t)
	kernels := relu.Kernels()
	if os.Getenv("RELU_KERNEL") != "" {
		kernels = []string{relu.Kernel()}
	}
	for _, kernel := range kernels {
		t.Run(kernel, func(t *testing.T) {
			if kernel == relu.Kernel() {
				compare(t, path)
				return
			}
			program, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			child := exec.Command(program, "-test.run=^TestFrameworks$")
			child.Env = append(os.Environ(), "RELU_KERNEL="+kernel, answersFile+"="+path)
			if output, err := child.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
		})
	}
}

// interpreter finds a Python that has both frameworks.
func interpreter(t *testing.T) string {
	const probe = "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ['numpy', 'torch'])))"
	for _, python := range []string{os.Getenv("PYTHON"), "/usr/bin/python3", "python3"} {
		if python != "" && exec.Command(python, "-c", probe).Run() == nil {
			return python
		}
	}
	missing(t, "NumPy or PyTorch is missing; apt-get install -y --no-install-recommends python3-numpy python3-torch")
	return ""
}

// missing skips, or fails where the frameworks are required.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("RELU_REQUIRE_FRAMEWORKS") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// ask has the frameworks answer all requests, and returns the file of answers.
func ask(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "answers")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var complaint bytes.Buffer
	python := exec.Command(interpreter(t), "-c", script)
	python.Stdout, python.Stderr = file, &complaint
	stdin, err := python.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := python.Start(); err != nil {
		t.Fatal(err)
	}
	sent := send(stdin, requests())
	if err := python.Wait(); err != nil {
		t.Fatalf("%s: %v\n%s", python.Path, err, &complaint)
	}
	if sent != nil {
		t.Fatal(sent)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	var by frameworks
	answers{bufio.NewReader(file)}.line(t, &by)
	t.Log(by)
	if !by.listed() {
		missing(t, fmt.Sprintf("differences are listed for %s with %s, not for %v",
			strings.Join(listedVersions, ", "), listedCapability, by))
	}
	return path
}

// send writes all requests and closes w.
func send(w io.WriteCloser, all []request) error {
	defer w.Close()
	for _, r := range all {
		if err := json.NewEncoder(w).Encode(r); err != nil {
			return err
		}
		for _, array := range r.arrays {
			if _, err := w.Write(array); err != nil {
				return err
			}
		}
	}
	return nil
}

// answers reads what frameworks.py wrote.
type answers struct{ *bufio.Reader }

func (a answers) line(t *testing.T, into any) {
	line, err := a.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		t.Fatalf("answers: %v", err)
	}
}

func (a answers) array(t *testing.T, size int) []byte {
	raw := make([]byte, size)
	if _, err := io.ReadFull(a, raw); err != nil {
		t.Fatalf("answers: %v", err)
	}
	return raw
}

// compare holds relu against a file of answers.
func compare(t *testing.T, path string) {
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	from := answers{bufio.NewReader(file)}
	var by frameworks
	from.line(t, &by)

	found := map[occurrence]bool{}
	for _, r := range requests() {
		ours := call(r)
		var theirs []struct {
			Name  string
			Sizes []int
		}
		from.line(t, &theirs)
		for _, answer := range theirs {
			for output, size := range answer.Sizes {
				c := comparison{
					request: r, format: formats[r.Type], frameworks: by, answer: answer.Name, output: output,
					ours: ours[output], theirs: from.array(t, size), found: found,
				}
				if c.summed() && r.set != whole {
					c.sums(t)
				} else {
					c.bits(t)
				}
			}
		}
	}
	for _, d := range differences {
		if !by.are(d.only) {
			continue
		}
		for _, name := range d.answers {
			for _, typ := range d.types {
				if !found[occurrence{name, typ, d.what}] {
					t.Errorf("%s, %s: does not occur among the special values: %s", name, typ, d.what)
				}
			}
		}
	}
}

// call is relu's own answer to a request.
func call(r request) [][]byte {
	switch r.Type {
	case "int8":
		return callNumber[int8](r)
	case "int16":
		return callNumber[int16](r)
	case "int32":
		return callNumber[int32](r)
	case "int64":
		return callNumber[int64](r)
	case "uint8":
		return callClamp[uint8](r)
	case "uint16":
		return callClamp[uint16](r)
	case "float32":
		return callFloat[float32](r)
	case "float64":
		return callFloat[float64](r)
	}
	return callHalf(r)
}

// halves are the functions on a format.
type halves struct {
	inPlace   func(x []uint16)
	to        func(dst, src []uint16)
	grad      func(dst, grad, x []uint16)
	clip      func(dst, src []uint16, limit uint16)
	clipGrad  func(dst, grad, x []uint16, limit uint16)
	leaky     func(dst, src []uint16, slope uint16)
	leakyGrad func(dst, grad, x []uint16, slope uint16)
	square    func(dst, src []uint16)
	add, bias func(dst, a, b []uint16)
	mask      func(mask []uint64, x []uint16)
}

var halvesOf = map[string]halves{
	"float16": {relu.InPlaceFloat16[uint16], relu.ToFloat16[uint16], relu.GradFloat16[uint16], relu.ClipFloat16[uint16], relu.ClipGradFloat16[uint16],
		relu.LeakyFloat16[uint16], relu.LeakyGradFloat16[uint16], relu.SquareFloat16[uint16], relu.AddFloat16[uint16], relu.BiasFloat16[uint16], relu.MaskFloat16[uint16]},
	"bfloat16": {relu.InPlaceBFloat16[uint16], relu.ToBFloat16[uint16], relu.GradBFloat16[uint16], relu.ClipBFloat16[uint16], relu.ClipGradBFloat16[uint16],
		relu.LeakyBFloat16[uint16], relu.LeakyGradBFloat16[uint16], relu.SquareBFloat16[uint16], relu.AddBFloat16[uint16], relu.BiasBFloat16[uint16], relu.MaskBFloat16[uint16]},
}

func callHalf(r request) [][]byte {
	var in [3][]uint16
	for i, raw := range r.arrays {
		in[i] = decode[uint16](raw)
	}
	dst, f := make([]uint16, len(in[0])), halvesOf[r.Type]
	switch r.Function {
	case "InPlaceFloat16", "InPlaceBFloat16":
		copy(dst, in[0])
		f.inPlace(dst)
	case "To":
		f.to(dst, in[0])
	case "Grad":
		f.grad(dst, in[0], in[1])
	case "Clip":
		f.clip(dst, in[0], in[1][0])
	case "ClipGrad":
		f.clipGrad(dst, in[0], in[1], in[2][0])
	case "Leaky":
		f.leaky(dst, in[0], in[1][0])
	case "LeakyGrad":
		f.leakyGrad(dst, in[0], in[1], in[2][0])
	case "Square":
		f.square(dst, in[0])
	case "Add":
		f.add(dst, in[0], in[1])
	case "Bias":
		f.bias(dst, in[0], in[1])
	case "Mask":
		words := make([]uint64, (len(in[0])+63)/64)
		f.mask(words, in[0])
		return [][]byte{encode(words)}
	}
	return [][]byte{encode(dst)}
}

func callNumber[T relu.Number](r request) [][]byte {
	src := decode[T](r.arrays[0])
	dst, words := make([]T, len(src)), make([]uint64, (len(src)+63)/64)
	switch r.Function {
	case "To":
		relu.To(dst, src)
	case "InPlace":
		copy(dst, src)
		relu.InPlace(dst)
	case "Clip":
		relu.Clip(dst, src, decode[T](r.arrays[1])[0])
	case "Mask":
		relu.Mask(words, src)
		return [][]byte{encode(words)}
	case "InPlaceMask":
		copy(dst, src)
		relu.InPlaceMask(dst, words)
		return [][]byte{encode(dst), encode(words)}
	case "Active":
		return [][]byte{encode([]int64{int64(relu.Active(src))})}
	default:
		return callClamp[T](r)
	}
	return [][]byte{encode(dst)}
}

func callClamp[T relu.Number | uint8 | uint16](r request) [][]byte {
	src, bounds := decode[T](r.arrays[0]), decode[T](r.arrays[1])
	dst := make([]T, len(src))
	relu.Clamp(dst, src, bounds[0], bounds[1])
	return [][]byte{encode(dst)}
}

func callFloat[T relu.Float](r request) [][]byte {
	var in [3][]T
	for i, raw := range r.arrays {
		in[i] = decode[T](raw)
	}
	dst := make([]T, len(in[0]))
	switch r.Function {
	default:
		return callNumber[T](r)
	case "Grad":
		relu.Grad(dst, in[0], in[1])
	case "Leaky":
		relu.Leaky(dst, in[0], in[1][0])
	case "LeakyGrad":
		relu.LeakyGrad(dst, in[0], in[1], in[2][0])
	case "PReLU":
		relu.PReLU(dst, in[0], in[1], r.Inner)
	case "PReLUGrad":
		dslopes := make([]T, len(in[2]))
		relu.PReLUGrad(dst, dslopes, in[0], in[1], in[2], r.Inner)
		return [][]byte{encode(dst), encode(dslopes)}
	case "ClipGrad":
		relu.ClipGrad(dst, in[0], in[1], in[2][0])
	case "ClampGrad":
		relu.ClampGrad(dst, in[0], in[1], in[2][0], in[2][1])
	case "GradMask":
		mask := make([]uint64, (len(dst)+63)/64)
		relu.Mask(mask, in[1])
		relu.GradMask(dst, in[0], mask)
	case "GateGrad":
		db := make([]T, len(dst))
		relu.GateGrad(dst, db, in[0], in[1], in[2])
		return [][]byte{encode(dst), encode(db)}
	case "Square":
		relu.Square(dst, in[0])
	case "SquareGrad":
		relu.SquareGrad(dst, in[0], in[1])
	case "Gate":
		relu.Gate(dst, in[0], in[1])
	case "Bias":
		relu.Bias(dst, in[0], in[1])
	case "Add":
		relu.Add(dst, in[0], in[1])
	}
	return [][]byte{encode(dst)}
}
