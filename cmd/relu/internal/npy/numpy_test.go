package npy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/numpytest"
)

// dictionaries are headers, and what is made of them: type, shape and order, or
// "" for a refusal. Where NumPy judges otherwise it says why.
var dictionaries = []struct {
	version byte
	text    string
	want    string
	differs string
}{
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n", "float32 (3, 4) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4),}\n", "float32 (3, 4) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4) }\n", "float32 (3, 4) False", ""},
	{1, "{'descr':'<f4','fortran_order':True,'shape':(3,4)}\n", "float32 (3, 4) True", ""},
	{1, "{'shape': (3, 4), 'fortran_order': False, 'descr': '<f4'}\n", "float32 (3, 4) False", ""},
	{1, `{"descr": "<f4", "fortran_order": False, "shape": (3, 4), }` + "\n", "float32 (3, 4) False", ""},
	{1, "{'descr': '<f4',\n 'fortran_order': False,\n 'shape': (3, 4), }\n", "float32 (3, 4) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", "float32 (3, 4) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n", "float32 (3, 4) False", ""},
	{1, " \t{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n", "float32 (3, 4) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 4L), }\n", "float32 (3, 4) False", ""},
	{2, "{'descr': '<f4', 'fortran_order': False, 'shape': (3 L, 4L), }\n", "float32 (3, 4) False", ""},
	{3, "{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 4L), }\n", "", ""},
	{3, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n", "float32 (3, 4) False", ""},
	{1, "{'descr': 'f4', 'fortran_order': False, 'shape': (3,), }\n", "float32 (3,) False", ""},
	{1, "{'descr': '=f4', 'fortran_order': False, 'shape': (3,), }\n", "float32 (3,) False", ""},
	{1, "{'descr': '|f4', 'fortran_order': False, 'shape': (3,), }\n", "float32 (3,) False", ""},
	{1, "{'descr': '<f', 'fortran_order': False, 'shape': (3,), }\n", "float32 (3,) False", ""},
	{1, "{'descr': u'<f4', 'fortran_order': False, 'shape': (3,), }\n", "float32 (3,) False", ""},
	{3, "{u'descr': U'<f4', 'fortran_order': False, 'shape': (3,), }\n", "float32 (3,) False", ""},
	{1, "{'descr': b'<f4', 'fortran_order': False, 'shape': (3,), }\n", "", ""},
	{1, "{'descr': 'float32', 'fortran_order': False, 'shape': (3,), }\n", "float32 (3,) False", ""},
	{1, "{'descr': '<float32', 'fortran_order': False, 'shape': (3,), }\n", "", ""},
	{1, "{'descr': 'half', 'fortran_order': False, 'shape': (3,), }\n", "float16 (3,) False", ""},
	{1, "{'descr': '>f8', 'fortran_order': False, 'shape': (3,), }\n", ">float64 (3,) False", ""},
	{1, "{'descr': '>e', 'fortran_order': False, 'shape': (3,), }\n", ">float16 (3,) False", ""},
	{1, "{'descr': '>i1', 'fortran_order': False, 'shape': (3,), }\n", "int8 (3,) False", ""},
	{1, "{'descr': '<i2', 'fortran_order': False, 'shape': (0,), }\n", "int16 (0,) False", ""},
	{1, "{'descr': 'intc', 'fortran_order': False, 'shape': (), }\n", "int32 () False", ""},
	{1, "{'descr': '<q', 'fortran_order': False, 'shape': (2, 3, 5, 7), }\n", "int64 (2, 3, 5, 7) False", ""},
	{1, "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n", "uint8 (3,) False", ""},
	{1, "{'descr': '>H', 'fortran_order': False, 'shape': (3,), }\n", ">uint16 (3,) False", ""},
	{1, "{'descr': '|V2', 'fortran_order': False, 'shape': (3,), }\n", "void16 (3,) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (True, 3,), }\n", "float32 (1, 3) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (+3, 0x4), }\n", "float32 (3, 4) False", ""},
	{1, "({'descr': ('<f4'), 'fortran_order': (True), 'shape': ((3), 4)})\n", "float32 (3, 4) True", ""},
	{1, "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n", "float64 (3,) False", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 0, 1000000000, 1000000000), }\n", "float32 (1000000000, 0, 1000000000, 1000000000) False", ""},

	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (768), }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': [3, 4], }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': '3', }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (,3), }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,,4), }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3.5,), }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1, }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 1: 1, }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } junk\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }{}\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': 3\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': 'False', 'shape': (3,), }\n", "", ""},
	{1, "{'descr': '<f4', 'fortran_order': Perhaps, 'shape': (3,), }\n", "", ""},
	{1, "{'descr': '<f4', 'shape': (3,), }\n", "", ""},
	{1, "{'descr': '<f3', 'fortran_order': False, 'shape': (3,), }\n", "", ""},
	{1, "{'descr': '', 'fortran_order': False, 'shape': (3,), }\n", "", ""},
	{1, "{'descr': 4, 'fortran_order': False, 'shape': (3,), }\n", "", ""},
	{1, "{'descr': '<f4 ', 'fortran_order': False, 'shape': (3,), }\n", "", ""},
	{1, "['descr', '<f4', 'fortran_order', False, 'shape', (3,)]\n", "", ""},
	{1, "{}\n", "", ""},
	{1, "\n", "", ""},
	{1, "", "", ""},

	{1, "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }\n", "", "complex numbers have no order"},
	{1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }\n", "", "booleans are no numbers"},
	{1, "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }\n", "", "objects are no numbers"},
	{1, "{'descr': '<M8[s]', 'fortran_order': False, 'shape': (3,), }\n", "", "dates are no numbers"},
	{1, "{'descr': '<f16', 'fortran_order': False, 'shape': (3,), }\n", "", "Go has no such floats"},
	{1, "{'descr': 'int', 'fortran_order': False, 'shape': (3,), }\n", "", "a size that depends on the platform"},
	{1, "{'descr': [('a', '<f4'), ('b', '<i2')], 'fortran_order': False, 'shape': (3,), }\n", "", "records are no numbers"},
	{1, "{'descr': '(2,)f4', 'fortran_order': False, 'shape': (3,), }\n", "", "elements that are arrays"},
	{1, "{'descr': '<' 'f4', 'fortran_order': False, 'shape': (3,), }\n", "", "strings that follow each other are not joined"},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n", "", "no array has a negative length"},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000, 1000000000), }\n", "", "no file holds as many; NumPy reads the header and fails at the array"},
	{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }\n", "", "as above"},
}

// judge reads a header, prints what it is, and "" for a refusal.
const judge = `
import io, json, sys
import numpy.lib
# NumPy 2 moved it.
format = getattr(numpy.lib, "_format_impl", numpy.lib.format)

def judge(version, text):
    data = text.encode("latin1")
    size = len(data).to_bytes(2 if version == 1 else 4, "little")
    f = io.BytesIO(size + data)
    try:
        shape, fortran, dtype = format._read_array_header(f, (version, 0))
    except Exception: # some refusals are accidents
        return ""
    order = ">" if dtype.byteorder == ">" else ""
    return "%s%s %s %s" % (order, dtype.name, tuple(map(int, shape)), fortran)

json.dump([judge(*h) for h in json.load(sys.stdin)], sys.stdout)
`

// TestDictionaries holds every header against what it should be, and NumPy
// against both.
func TestDictionaries(t *testing.T) {
	var asked [][]any
	for _, d := range dictionaries {
		asked = append(asked, []any{d.version, d.text})
		if got := read(d.version, d.text); got != d.want {
			t.Errorf("version %d, %q: %q, want %q", d.version, d.text, got, d.want)
		}
	}
	question, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	if err := json.Unmarshal(numpytest.Run(t, "", judge, question), &answers); err != nil {
		t.Fatal(err)
	}
	for i, d := range dictionaries {
		if (answers[i] != d.want) != (d.differs != "") {
			t.Errorf("version %d, %q: %q, and NumPy %q; why they differ: %q", d.version, d.text, d.want, answers[i], d.differs)
		}
	}
}

// read is what judge is, by this package.
func read(version byte, text string) string {
	h, err := Read(bytes.NewReader(file(version, text)))
	if err != nil {
		return ""
	}
	order := ""
	if h.Type.Swapped != BigEndianHost && h.Type.Size > 1 {
		order = ">"
	}
	fortran := "False"
	if h.Fortran {
		fortran = "True"
	}
	return fmt.Sprintf("%s%s %s %s", order, h.Type.Name, FormatShape(h.Shape), fortran)
}

// file is an .npy file with that header, and four bytes behind it.
func file(version byte, text string) []byte {
	size := []byte{byte(len(text)), byte(len(text) >> 8)}
	if version > 1 {
		size = append(size, 0, 0)
	}
	return slices.Concat([]byte(Magic), []byte{version, 0}, size, []byte(text), []byte("data"))
}
