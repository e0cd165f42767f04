package main

import (
	"bytes"
	"errors"
	"regexp"
	"testing"
	"time"
)

func TestSummary(t *testing.T) {
	h := &header{dtype: dtypes["'<f4'"], count: 4}
	part := []byte{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0}
	for _, c := range []struct {
		zeroes bool
		err    error
		want   string
	}{
		{true, nil, `^x\.npy: 4 float32 elements, 50\.0% zeroed, \d+\.\d\d s, \d+\.\d\d GB/s\n$`},
		{false, nil, `^x\.npy: 4 float32 elements, \d+\.\d\d s, \d+\.\d\d GB/s\n$`},
		{true, errors.New("failed"), `^$`},
	} {
		var terminal bytes.Buffer
		p := newProgress(&terminal, "x.npy", h, c.zeroes)
		p.add(part)
		p.close(c.err)
		if !regexp.MustCompile(c.want).Match(terminal.Bytes()) {
			t.Errorf("%q, want %s", terminal.String(), c.want)
		}
	}
}

// TestBar checks that the bar appears, and only when work is long.
func TestBar(t *testing.T) {
	var terminal bytes.Buffer
	write := func(from time.Time) { after{from, &terminal}.Write([]byte("bar")) }
	if write(time.Now().Add(time.Hour)); terminal.Len() != 0 {
		t.Errorf("%q is written too early", terminal.String())
	}
	if write(time.Now()); terminal.String() != "bar" {
		t.Errorf("%q is written, not bar", terminal.String())
	}
}
