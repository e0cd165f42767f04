package main

import (
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
)

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"x.npy", 5, "x.npy"},
		{"x.npy", 4, "x..."},
		{"activations-of-layer-17.npy", 15, "activa...17.npy"},
		{"活性化関数.npy", 14, "活性化関数.npy"},
		{"活性化関数.npy", 13, "活性化...npy"},
		{"x.npy", 2, ""},
		{"x.npy", 0, ""},
		{"x.npy", -7, ""},
	} {
		if got := shorten(c.text, c.width); got != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// TestLine checks that a line has what fits, and never more.
func TestLine(t *testing.T) {
	name := strings.Repeat("a", 60) + ".npy"
	p := &progress{name: name, bytes: 3e9}
	p.add(1.2e9)
	for width, want := range map[int]string{
		200: name + "   40%  1.20 GB of 3.00 GB  600 MB/s  3s left",
		79:  strings.Repeat("a", 16) + "..." + strings.Repeat("a", 11) + ".npy   40%  1.20 GB of 3.00 GB  600 MB/s  3s left",
		39:  "aaaaa...a.npy   40%  1.20 GB of 3.00 GB",
	} {
		if got := p.line(width, 2*time.Second); got != want {
			t.Errorf("%d columns:\n%q, want\n%q", width, got, want)
		}
	}
	p.then("writing to disk")
	if got, want := p.line(39, 3*time.Second), "aaaaaaaa...aaa.npy  writing to disk  3s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for width := range 300 {
		if got := p.line(width, time.Second); uniseg.StringWidth(got) > width {
			t.Errorf("%q is wider than %d", got, width)
		}
	}
}

func TestAmount(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 kB", 9994: "9.99 kB", 9996: "10.0 kB", 99960: "100 kB",
		999499: "999 kB", 999501: "1.00 MB", 3.2e9: "3.20 GB", 9e18: "9.00 EB", 1e22: "10000 EB",
	} {
		if got := amount(bytes); got != want {
			t.Errorf("%v: %s, want %s", bytes, got, want)
		}
	}
}
