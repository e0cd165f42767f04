//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edsrzf/mmap-go"
	"github.com/seed88f7e06c/relu"
)

// TestMappedFileCutShort has the file lose the pages that are being rectified,
// in the middle of a kernel.
func TestMappedFileCutShort(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "x.npy"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 20); err != nil {
		t.Fatal(err)
	}
	window, err := mmap.Map(f, mmap.RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer window.Unmap()
	if err := f.Truncate(100 << 10); err != nil {
		t.Fatal(err)
	}
	err = rectifyWindow(window, func(part []byte, _ int64) { relu.InPlace(elements[float32](part)) }, nil)
	if err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("%v", err)
	}
}
