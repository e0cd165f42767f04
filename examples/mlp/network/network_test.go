package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/seed88f7e06c/relu"
	"github.com/seed88f7e06c/relu/examples/mlp/mnist"
)

// childEnv makes the test binary train with the activation that it names and
// print the fingerprint.
const childEnv = "MLP_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		fmt.Printf("%s %s", relu.Kernel(), trained(name, 1, false).Fingerprint())
		return
	}
	os.Exit(m.Run())
}

// all is every activation.
func all() []Activation {
	var as []Activation
	for _, name := range Names() {
		as = append(as, Activation{name, 0.1})
	}
	return as
}

// trained is a network after 30 steps with images of noise. The rate is high
// enough to bring about clipped outputs and changed slopes.
func trained(name string, seed uint64, alternate bool) *Network {
	random := rand.New(rand.NewPCG(seed, 0))
	n := New(50, []int{130, 70, 10}, Activation{name, 0.1}, random)
	n.Alternate = alternate
	for range 30 {
		x, digits := noise(random, 67, 50)
		n.step(x, digits, 0.5)
	}
	return n
}

// noise is images of numbers from -2 to 2, and random digits.
func noise(random *rand.Rand, images, pixels int) (blas32.General, []uint8) {
	x := matrix(images, pixels)
	for i := range x.Data {
		x.Data[i] = 4*random.Float32() - 2
	}
	digits := make([]uint8, images)
	for i := range digits {
		digits[i] = uint8(random.IntN(10))
	}
	return x, digits
}

// TestEveryKernel trains in a process of its own under each kernel.
func TestEveryKernel(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		want := trained(name, 1, false).Fingerprint()
		for _, kernel := range relu.Kernels() {
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), childEnv+"="+name, "RELU_KERNEL="+kernel)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := string(out); got != kernel+" "+want {
				t.Errorf("%s with RELU_KERNEL=%s: %q, want %q", name, kernel, got, kernel+" "+want)
			}
		}
	}
}

// TestOtherwiseTheSame takes plain loops for every other step, and other
// numbers of cores. Another seed must show, or the fingerprint tells nothing.
func TestOtherwiseTheSame(t *testing.T) {
	for _, name := range Names() {
		want := trained(name, 1, false).Fingerprint()
		n := trained(name, 1, true)
		if got := n.Fingerprint(); got != want {
			t.Errorf("%s: plain loops lead to %s, relu to %s", name, got, want)
		}
		for by, e := range map[string]Elapsed{"relu": n.ByRelu, "loops": n.ByLoop} {
			if e.Activation <= 0 || e.Activation >= e.Total {
				t.Errorf("%s: of %v by %s the activation took %v", name, e.Total, by, e.Activation)
			}
		}
		for _, cores := range []int{1, 2, 5} {
			before := runtime.GOMAXPROCS(cores)
			if got := trained(name, 1, false).Fingerprint(); got != want {
				t.Errorf("%s: %d cores lead to %s, want %s", name, cores, got, want)
			}
			runtime.GOMAXPROCS(before)
		}
		if trained(name, 2, false).Fingerprint() == want {
			t.Errorf("%s: another seed leads to the same weights", name)
		}
	}
}

// formula is the loss of a network by the formulas, in float64, image by image
// and unit by unit.
func formula(n *Network, a Activation, x blas32.General, digits []uint8) float64 {
	var loss float64
	for r, digit := range digits {
		values := make([]float64, x.Cols)
		for i := range values {
			values[i] = float64(x.Data[r*x.Stride+i])
		}
		for i, l := range n.layers {
			next := make([]float64, len(l.bias))
			for u := range next {
				sum := float64(l.bias[u])
				for k, v := range values {
					sum += v * float64(l.weights.Data[k*l.weights.Stride+u])
				}
				if i < len(n.layers)-1 {
					switch a.Name {
					case "relu":
						sum = math.Max(0, sum)
					case "leaky":
						sum = math.Max(sum, float64(a.Slope)*sum)
					case "prelu":
						sum = math.Max(0, sum) + float64(l.slopes[u])*math.Min(0, sum)
					case "relu6":
						sum = math.Min(math.Max(0, sum), 6)
					}
				}
				next[u] = sum
			}
			values = next
		}
		var sum float64
		for _, v := range values {
			sum += math.Exp(v)
		}
		loss += math.Log(sum) - values[digit]
	}
	return loss
}

// TestGradient holds the loss to the formulas, and what a step takes from each
// parameter to the difference quotients of the formulas.
func TestGradient(t *testing.T) {
	for _, a := range all() {
		t.Run(a.Name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, 0))
			n := New(6, []int{9, 8, 10}, a, random)
			for i := range n.layers {
				for j := range n.layers[i].bias {
					n.layers[i].bias[j] = 2 * random.Float32()
				}
				for j := range n.layers[i].slopes {
					n.layers[i].slopes[j] = random.Float32() - 0.5
				}
			}
			x, digits := noise(random, 7, 6)

			var parameters [][]float32
			var rates []float64
			for _, l := range n.layers {
				parameters = append(parameters, l.weights.Data, l.bias, l.slopes)
				rates = append(rates, 1, 1, slopesRate)
			}
			var want [][]float64
			for _, p := range parameters {
				w := make([]float64, len(p))
				for i, v := range p {
					const h = 1e-5 // the larger, the more differences lie across a corner
					up, down := v+h, v-h
					p[i] = up
					w[i] = formula(n, a, x, digits)
					p[i] = down
					w[i] -= formula(n, a, x, digits)
					w[i] /= float64(up-down) * float64(len(digits))
					p[i] = v
				}
				want = append(want, w)
			}

			loss := formula(n, a, x, digits)
			before := make([][]float32, len(parameters))
			for i, p := range parameters {
				before[i] = slices.Clone(p)
			}
			if got := n.step(x, digits, 1); math.Abs(got-loss) > 1e-5*loss {
				t.Errorf("loss %v, want %v", got, loss)
			}
			moved := 0
			for k, p := range parameters {
				for i := range p {
					got := float64(before[k][i]-p[i]) / rates[k]
					if math.Abs(got-want[k][i]) > 2e-4+1e-3*math.Abs(want[k][i]) {
						t.Errorf("layer %d, %s %d: gradient %v, want %v", k/3,
							[]string{"weight", "bias", "slope"}[k%3], i, got, want[k][i])
					}
					if got != 0 {
						moved++
					}
				}
			}
			if moved == 0 {
				t.Error("no parameter moved")
			}
		})
	}
}

// TestSilentUnit makes a unit negative for every image: its weights must stay
// for ever with relu and relu6, and move with the others.
func TestSilentUnit(t *testing.T) {
	images, _, err := mnist.Load("")
	if err != nil {
		t.Fatal(err)
	}
	images = images.First(300)
	const unit, units = 3, 20
	for _, a := range all() {
		random := rand.New(rand.NewPCG(1, 0))
		n := New(mnist.Pixels, []int{units, 15, mnist.Classes}, a, random)
		l := &n.layers[0]
		before := n.Evaluate(images).Silent[0]
		l.bias[unit] = -1000
		if after := n.Evaluate(images).Silent[0]; after != before+1 {
			t.Errorf("%s: a unit became silent, and the count went from %d to %d", a.Name, before, after)
		}
		column := func() []float32 {
			c := []float32{l.bias[unit]}
			for i := unit; i < len(l.weights.Data); i += units {
				c = append(c, l.weights.Data[i])
			}
			return c
		}
		was := column()
		n.Epoch(images, 50, 1e-6, random)
		still := slices.Equal(was, column())
		if dead := a.Name == "relu" || a.Name == "relu6"; still != dead {
			t.Errorf("%s: the silent unit stayed as it was: %v, want %v", a.Name, still, dead)
		}
	}
}

// TestHidden holds what goes into the first activation to what comes out of it.
func TestHidden(t *testing.T) {
	n := trained("relu", 1, false)
	x, _ := noise(rand.New(rand.NewPCG(1, 0)), 5, 50)
	hidden := slices.Clone(n.Hidden(x).Data)
	negative := 0
	for _, v := range hidden {
		if v < 0 {
			negative++
		}
	}
	if negative == 0 || negative == len(hidden) {
		t.Errorf("%d of %d sums are negative", negative, len(hidden))
	}
	var spent time.Duration
	n.forward(x, &n.relu, &spent)
	for i, v := range n.layers[0].output.Data {
		if want := max(0, hidden[i]); math.Abs(float64(v-want)) > 1e-5 {
			t.Fatalf("output %d is %v, want %v", i, v, want)
		}
	}
}

// TestAccuracy trains as the README does, in half the epochs.
func TestAccuracy(t *testing.T) {
	images, unseen, err := mnist.Load("")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 0))
	n := New(mnist.Pixels, []int{256, mnist.Classes}, Activation{Name: "relu"}, random)
	var accuracy float64
	for range 3 {
		n.Epoch(images, 64, 0.3, random)
		accuracy = n.Evaluate(unseen).Accuracy
	}
	if accuracy < 0.97 {
		t.Errorf("accuracy %.4f, want 0.97", accuracy)
	}
}

func TestParse(t *testing.T) {
	for _, name := range Names() {
		if a, err := Parse(name, 0.5); err != nil || a != (Activation{name, 0.5}) {
			t.Errorf("%s is %v, %v", name, a, err)
		}
	}
	if _, err := Parse("ReLU", 0.5); err == nil || err.Error() != `no activation "ReLU": there is relu, leaky, prelu, relu6` {
		t.Errorf("error %v", err)
	}
}
