package main

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"
)

// npyFile is an .npy file of version 1.0 with that dictionary and that data.
func npyFile(dict string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dict)+1))
	return append(append(b, dict+"\n"...), data...)
}

// npyArray is an .npy file of one dimension. Its data start at byte 128.
func npyArray(descr string, data []byte, count int) []byte {
	dict := "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + strconv.Itoa(count) + ",), }"
	return npyFile(dict+strings.Repeat(" ", 128-10-1-len(dict)), data)
}

func TestReadHeader(t *testing.T) {
	for _, c := range []struct {
		dict    string
		name    string
		count   int64
		fortran bool
	}{
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", "float32", 12, false},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}", "float32", 12, false}, // not NumPy's, but Python
		{"{'descr': '<f8', 'fortran_order': True, 'shape': (3, 4), }  ", "float64", 12, true},
		{"{'descr': '<f2', 'fortran_order': True, 'shape': (3,), }", "float16", 3, false},
		{"{'descr': '|i1', 'fortran_order': False, 'shape': (), }", "int8", 1, false},
		{"{'descr': '<i2', 'fortran_order': False, 'shape': (0,), }", "int16", 0, false},
		{"{'descr': '<i4', 'fortran_order': False, 'shape': (1000000000, 0, 1000000000, 1000000000), }", "int32", 0, false},
		{"{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3, 5, 7), }", "int64", 210, false},
	} {
		file := npyFile(c.dict, []byte("data"))
		for _, version := range []string{"\x01\x00", "\x02\x00", "\x03\x00"} {
			file := file
			if version != "\x01\x00" {
				file = []byte("\x93NUMPY" + version + string(file[8:10]) + "\x00\x00" + string(file[10:]))
			}
			r := bytes.NewReader(file)
			h, err := readHeader(r)
			if err != nil {
				t.Errorf("%s: %v", c.dict, err)
				continue
			}
			if h.dtype.name != c.name || h.count != c.count || h.fortran != c.fortran {
				t.Errorf("%s: %s, %d elements, Fortran %v", c.dict, h.dtype.name, h.count, h.fortran)
			}
			if r.Len() != 4 || !bytes.Equal(h.raw, file[:len(file)-4]) {
				t.Errorf("%s: the header ends %d bytes before the data", c.dict, r.Len()-4)
			}
		}
	}
}

// badHeaders are no start of an array that can be rectified, and part of what
// is said of them.
var badHeaders = map[string]string{
	"":                                  "not an .npy file",
	"\x93NUM":                           "not an .npy file",
	"Once upon a time":                  "not an .npy file",
	"PK\x03\x04\x14\x00\x00\x00":        ".npz",
	"\x93NUMPY\x04\x00\x00\x00\x00\x00": "version 4.0",
	"\x93NUMPY\x00\x01\x00\x00":         "version 0.1",
	"\x93NUMPY\x01\x00":                 "cut short",
	"\x93NUMPY\x01\x00\x40\x00{'descr'": "cut short",
	"\x93NUMPY\x01\x00\x00\x00":         "damaged",
	"\x93NUMPY\x02\x00\xff\xff\xff\xff": "header of 4294967295 bytes",
	string(npyFile("", nil)):            "damaged",
	string(npyFile("{}", nil)):          "damaged",
	string(npyFile("{'shape': (3,), 'fortran_order': False, 'descr': '<f4'}", nil)):                                      "damaged",
	string(npyFile("{'descr': '<f4', 'fortran_order': Per\nhaps, 'shape': (3,), }", nil)):                                "damaged",
	string(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (3.5,), }", nil)):                                  "damaged",
	string(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': 3", nil)):                                          "damaged",
	string(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", nil)):                                   "negative",
	string(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000, 1000000000), }", nil)):    "more elements",
	string(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 1), }", nil)):             "more elements",
	string(npyFile("{'descr': '>f4', 'fortran_order': False, 'shape': (3,), }", nil)):                                    "big-endian",
	string(npyFile("{'descr': '<u4', 'fortran_order': False, 'shape': (3,), }", nil)):                                    "unsigned",
	string(npyFile("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", nil)):                                    "complex",
	string(npyFile("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", nil)):                                     "Python objects",
	string(npyFile("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", nil)):                                    "no rectifier",
	string(npyFile("{'descr': [('a', '<f4'), ('b', '<i2')], 'fortran_order': False, 'shape': (3,), }", nil)):             "structured",
	string(npyFile("{'descr': '"+strings.Repeat("\n", 1000)+"', 'fortran_order': False, 'shape': (3,), }", nil)):         "no rectifier",
	string(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", nil))[:60]:                               "cut short",
	string(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }'descr': 'shape': 'fortran_order': ", nil)): "",
}

func TestBadHeaders(t *testing.T) {
	for file, want := range badHeaders {
		h, err := readHeader(strings.NewReader(file))
		if want == "" {
			continue // anything but a panic
		}
		if err == nil {
			t.Errorf("%.90q is taken for %+v", file, h)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 250 {
			t.Errorf("%.90q: %v, want %q", file, err, want)
		}
	}
}

func FuzzReadHeader(f *testing.F) {
	for file := range badHeaders {
		f.Add([]byte(file))
	}
	f.Add(npyArray("<f4", nil, 3))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := readHeader(bytes.NewReader(file))
		if err != nil {
			return
		}
		if !bytes.HasPrefix(file, h.raw) || h.count < 0 || h.size() < int64(len(h.raw)) {
			t.Errorf("%+v", h)
		}
	})
}
