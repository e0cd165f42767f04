package roofline_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu"
	"github.com/seed88f7e06c/relu/internal/roofline"
)

// TestCopies holds that each kernel's limit moves all bytes and no others.
func TestCopies(t *testing.T) {
	random := rand.NewChaCha8([32]byte{})
	src, other := make([]byte, 700), make([]byte, 700)
	random.Read(src)
	random.Read(other)
	for _, kernel := range relu.Kernels() {
		for n := 8; n <= len(src); n++ {
			one, two := make([]byte, len(src)+1), make([]byte, len(src)+1)
			from := unsafe.Pointer(&src[len(src)-n])
			if !roofline.Copy(kernel, unsafe.Pointer(&one[0]), from, n) {
				if kernel != "generic" {
					t.Errorf("there is no copy for %s", kernel)
				}
				break
			}
			roofline.CopyOf2(kernel, unsafe.Pointer(&two[0]), from, unsafe.Pointer(&other[0]), n)
			want := append(bytes.Clone(src[len(src)-n:]), make([]byte, len(src)+1-n)...)
			if !bytes.Equal(one, want) || !bytes.Equal(two, want) {
				t.Fatalf("%s, %d bytes: %x and %x of %x", kernel, n, one, two, want)
			}
		}
	}
}

// TestRead holds that each kernel has a limit of reading, of which nothing comes but
// that it returns.
func TestRead(t *testing.T) {
	src := make([]byte, 1024)
	for _, kernel := range relu.Kernels() {
		for n := 256; n <= len(src); n += 256 {
			if got, want := roofline.Read(kernel, unsafe.Pointer(&src[0]), n), kernel != "generic"; got != want {
				t.Errorf("%s, %d bytes: %v, want %v", kernel, n, got, want)
			}
		}
	}
}
