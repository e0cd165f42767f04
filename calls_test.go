package relu

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// calls are all functions that take slices, each for one type: what they check and
// tell a sanitizer is the same for all types.
var calls = []call{
	{"InPlace", InPlace[float32]},
	{"To", To[float32]},
	{"Parallel", Parallel[float32]},
	{"InPlaceFloat16", InPlaceFloat16[uint16]},
	{"InPlaceBFloat16", InPlaceBFloat16[uint16]},
	{"Grad", Grad[float32]},
	{"Leaky", Leaky[float64]},
	{"LeakyGrad", LeakyGrad[float32]},
	{"PReLU", PReLU[float32]},
	{"PReLUGrad", PReLUGrad[float64]},
	{"Clip", Clip[int8]},
	{"ClipGrad", ClipGrad[float32]},
	{"Clamp", Clamp[uint8]},
	{"ClampGrad", ClampGrad[float64]},
	{"Square", Square[float32]},
	{"SquareGrad", SquareGrad[float32]},
	{"Gate", Gate[float64]},
	{"GateGrad", GateGrad[float32]},
	{"Mask", Mask[float32]},
	{"MaskFloat16", MaskFloat16[uint16]},
	{"MaskBFloat16", MaskBFloat16[uint16]},
	{"InPlaceMask", InPlaceMask[int16]},
	{"GradMask", GradMask[float32]},
	{"Active", Active[int32]},
	{"Bias", Bias[float32]},
	{"Add", Add[float64]},
	{"ToFloat16", ToFloat16[uint16]},
	{"GradFloat16", GradFloat16[uint16]},
	{"ClipFloat16", ClipFloat16[uint16]},
	{"ClipGradFloat16", ClipGradFloat16[uint16]},
	{"LeakyFloat16", LeakyFloat16[uint16]},
	{"LeakyGradFloat16", LeakyGradFloat16[uint16]},
	{"SquareFloat16", SquareFloat16[uint16]},
	{"AddFloat16", AddFloat16[uint16]},
	{"BiasFloat16", BiasFloat16[uint16]},
	{"ToBFloat16", ToBFloat16[uint16]},
	{"GradBFloat16", GradBFloat16[uint16]},
	{"ClipBFloat16", ClipBFloat16[uint16]},
	{"ClipGradBFloat16", ClipGradBFloat16[uint16]},
	{"LeakyBFloat16", LeakyBFloat16[uint16]},
	{"LeakyGradBFloat16", LeakyGradBFloat16[uint16]},
	{"SquareBFloat16", SquareBFloat16[uint16]},
	{"AddBFloat16", AddBFloat16[uint16]},
	{"BiasBFloat16", BiasBFloat16[uint16]},
}

type call struct {
	name     string
	function any
}

// TestCallsAreAll finds each exported function in calls, and what users call for each
// row of the table.
func TestCallsAreAll(t *testing.T) {
	listed := func(name string) bool {
		return slices.ContainsFunc(calls, func(c call) bool { return c.name == name })
	}
	for _, row := range tableRows {
		if !listed(row.public) {
			t.Errorf("calls lacks %s, a row of the table", row.public)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Skip("the rest needs the source: ", err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || f.Recv != nil || f.Type.TypeParams == nil {
				continue
			}
			found++
			if !listed(f.Name.Name) {
				t.Errorf("calls lacks %s", f.Name.Name)
			}
		}
	}
	if found != len(calls) {
		t.Errorf("%d functions take slices, and calls has %d", found, len(calls))
	}
}

// slices are the places of the slices among the arguments.
func (c call) slices() []int {
	var places []int
	f := reflect.TypeOf(c.function)
	for i := range f.NumIn() {
		if f.In(i).Kind() == reflect.Slice {
			places = append(places, i)
		}
	}
	return places
}

// arguments are good ones for n elements: rows, channels and slopes have as many,
// masks their words. memory gives each slice its place.
func (c call) arguments(n int, memory func(place, bytes int) unsafe.Pointer) []reflect.Value {
	f := reflect.TypeOf(c.function)
	var in []reflect.Value
	for place := range f.NumIn() {
		switch param := f.In(place); param.Kind() {
		case reflect.Slice:
			elem, count := param.Elem(), n
			if elem.Kind() == reflect.Uint64 {
				count = (n + 63) / 64
			}
			in = append(in, reflect.SliceAt(elem, memory(place, count*int(elem.Size())), count))
		case reflect.Float32, reflect.Float64: // a slope or a limit, or bounds
			in = append(in, reflect.ValueOf(float64(place)/4).Convert(param))
		case reflect.Uint16:
			in = append(in, reflect.ValueOf(uint16(0x3800)))
		default: // inner, integers' limits
			in = append(in, reflect.ValueOf(1).Convert(param))
		}
	}
	return in
}

// goMemory is memory of its own for each slice.
func goMemory(_, bytes int) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]uint64, bytes/8+1)))
}

// fill gives each slice of the arguments other numbers, of either sign, so that the
// call changes all that it writes to.
func fill(in []reflect.Value) {
	for place, v := range in {
		if v.Kind() != reflect.Slice {
			continue
		}
		for i := range v.Len() {
			sign := 2*(i%2) - 1
			switch elem := v.Index(i); elem.Kind() {
			case reflect.Float32, reflect.Float64:
				elem.SetFloat(float64(sign) * float64(place+2))
			case reflect.Uint8:
				elem.SetUint(uint64(10*place + 3 + i%2))
			case reflect.Uint16: // a half float, in either format
				elem.SetUint(uint64(0x4000|(1-i%2)<<15) + uint64(place)<<6)
			case reflect.Uint64: // a mask
				elem.SetUint(0xF0F0F0F0F0F0F0F0)
			default:
				elem.SetInt(int64(sign * (place + 2)))
			}
		}
	}
}

// run makes the call.
func (c call) run(in []reflect.Value) { reflect.ValueOf(c.function).Call(in) }

// written are the places of the slices that the call writes to.
func (c call) written() []int {
	before, after := c.arguments(100, goMemory), c.arguments(100, goMemory)
	fill(before)
	fill(after)
	c.run(after)
	return slices.DeleteFunc(c.slices(), func(place int) bool {
		return reflect.DeepEqual(before[place].Interface(), after[place].Interface())
	})
}

// TestCallsWrite holds written against the names of the parameters.
func TestCallsWrite(t *testing.T) {
	want := map[string][]int{"InPlaceMask": {0, 1}, "PReLUGrad": {0, 1}, "GateGrad": {0, 1}, "Active": nil}
	for _, c := range calls {
		places, ok := want[c.name]
		if !ok {
			places = []int{0}
		}
		if got := c.written(); !slices.Equal(got, places) {
			t.Errorf("%s writes to the arguments %v, want %v", c.name, got, places)
		}
	}
}
