package frameworks

import (
	"slices"
	"strings"
)

// frameworks are those that answered.
type frameworks struct {
	Versions   []string // a name and a version each
	Capability string   // the instruction set that PyTorch uses
}

func (f frameworks) String() string {
	return strings.Join(f.Versions, ", ") + " with " + f.Capability
}

// listedVersions are those that the differences were found with: the packages
// of Debian 12 and of Debian 13.
var listedVersions = []string{"NumPy 1.24", "PyTorch 1.13", "NumPy 2.2", "PyTorch 2.6"}

// listedCapability is what PyTorch used then.
const listedCapability = "AVX2"

// listed reports whether the list of differences is meant for f.
func (f frameworks) listed() bool {
	known := 0
	for _, version := range listedVersions {
		if f.are(version) {
			known++
		}
	}
	return known == len(f.Versions) && f.Capability == listedCapability
}

// are reports whether one of f is of that version. All are of "".
func (f frameworks) are(version string) bool {
	return version == "" || slices.ContainsFunc(f.Versions, func(v string) bool {
		return strings.HasPrefix(v, version+".")
	})
}

// difference is a place where a framework's definition is not relu's.
type difference struct {
	answers []string // in the words of frameworks.py
	output  int      // 1 for the gradient of the slopes
	types   []string
	only    string // the one version that has it; "" if all have it
	what    string

	// is reports whether a framework with this difference gives theirs for an
	// element with these operands, which come in the order of relu's arguments.
	is func(f format, in []uint64, theirs uint64) bool
}

var (
	singleAndDouble = []string{"float32", "float64"}
	half            = []string{"float16"}
	bfloat          = []string{"bfloat16"}
)

// differences are all that the requests show.
var differences = []difference{
	{
		answers: []string{
			"numpy.maximum(0, x)",
			"torch.relu(x)",
			"torch.relu_(x)",
			"torch.nn.functional.hardtanh(x, 0, limit)",
			"torch.nn.functional.relu6(x)",
		},
		types: singleAndDouble,
		what:  "-0 stays -0; relu gives +0",
		is:    keepsMinusZero,
	},
	{
		answers: []string{"numpy.clip(x, 0, limit)"},
		types:   singleAndDouble,
		only:    "NumPy 2.2",
		what:    "-0 stays -0; relu gives +0",
		is:      keepsMinusZero,
	},
	{
		answers: []string{"numpy.maximum(x, 0)"},
		types:   half,
		what:    "-0 stays -0; relu gives +0",
		is:      keepsMinusZero,
	},
	{
		answers: []string{"torch.relu_(x)"},
		types:   bfloat,
		what:    "-0 stays -0; relu gives +0",
		is:      keepsMinusZero,
	},
	{
		answers: []string{"torch.relu_(x)"},
		types:   bfloat,
		what:    "NaN becomes another NaN; relu keeps its bits",
		is: func(f format, in []uint64, theirs uint64) bool {
			return f.isNaN(in[0]) && f.isNaN(theirs)
		},
	},
	{
		answers: []string{"torch.relu(a + b)", "torch.relu(x + bias)"},
		types:   singleAndDouble,
		what:    "a sum that is -0 stays -0; relu gives +0",
		is: func(f format, in []uint64, theirs uint64) bool {
			return in[0] == f.sign() && in[1] == f.sign() && theirs == f.sign()
		},
	},
	{
		answers: []string{
			"torch.nn.functional.leaky_relu(x, slope)",
			"torch.prelu(x, slopes)",
			"torch.prelu(x, slopes), channels last",
		},
		types: singleAndDouble,
		what:  "NaN is multiplied by the slope, which quiets it; relu keeps its bits",
		is: func(f format, in []uint64, theirs uint64) bool {
			return f.isSignalling(in[0]) && theirs == in[0]|f.quiet()
		},
	},
	{
		answers: []string{
			"torch.autograd.grad of leaky_relu",
			"torch.autograd.grad of prelu",
			"torch.autograd.grad of prelu, channels last",
		},
		types: singleAndDouble,
		what:  "where x is NaN the gradient is multiplied by the slope; relu passes it",
		is: func(f format, in []uint64, theirs uint64) bool {
			want := f.product(in[0], in[2])
			return f.isNaN(in[1]) && (theirs == want || f.isNaN(theirs) && f.isNaN(want))
		},
	},
	{
		answers: []string{"torch.autograd.grad of leaky_relu"},
		types:   singleAndDouble,
		what:    "a signalling NaN is quieted where it passes; relu keeps its bits",
		is: func(f format, in []uint64, theirs uint64) bool {
			return f.real(in[1]) > 0 && f.isSignalling(in[0]) && theirs == in[0]|f.quiet()
		},
	},
	{
		answers: []string{
			"torch.autograd.grad of prelu",
			"torch.autograd.grad of prelu, channels last",
		},
		output: 1,
		types:  singleAndDouble,
		what:   "where x is NaN the slope's gradient is NaN; relu leaves that term out",
		is: func(f format, in []uint64, theirs uint64) bool {
			return f.isNaN(in[1]) && f.isNaN(theirs)
		},
	},
	{
		answers: []string{
			"torch.autograd.grad of prelu",
			"torch.autograd.grad of prelu, channels last",
		},
		output: 1,
		types:  singleAndDouble,
		only:   "PyTorch 2.6",
		what:   "a single term that is -0 stays -0; relu adds it to +0",
		is: func(f format, in []uint64, theirs uint64) bool {
			return f.real(in[1]) <= 0 && f.product(in[0], in[1]) == f.sign() && theirs == f.sign()
		},
	},
	{
		answers: []string{
			"torch.autograd.grad of hardtanh",
			"torch.autograd.grad of relu6",
		},
		types: singleAndDouble,
		what:  "where x is NaN the gradient is 0; relu passes it",
		is: func(f format, in []uint64, theirs uint64) bool {
			return f.isNaN(in[1]) && theirs == 0
		},
	},
}

func keepsMinusZero(f format, in []uint64, theirs uint64) bool {
	return in[0] == f.sign() && theirs == f.sign()
}
