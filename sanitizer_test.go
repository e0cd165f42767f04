//go:build asan || msan

package relu

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu/internal/cmemory"
)

func init() {
	children["freed"] = func() {
		c, place := plannedCall()
		c.run(c.arguments(100, func(p, bytes int) unsafe.Pointer {
			if p != place {
				return goMemory(p, bytes)
			}
			memory := cmemory.Alloc(bytes)
			cmemory.Free(memory)
			return memory
		}))
	}
}

// TestUseAfterFreeIsReported frees the C memory of each slice of each function before
// the call. To the memory sanitizer it is then as if nothing had been written there:
// it reports what is read.
func TestUseAfterFreeIsReported(t *testing.T) {
	for _, c := range calls {
		written := c.written()
		for _, place := range c.slices() {
			report := "AddressSanitizer: heap-use-after-free"
			if buildSetting("-msan") == "true" {
				if slices.Contains(written, place) && len(c.slices()) > 1 {
					continue // it is written alone
				}
				report = "MemorySanitizer: use-of-uninitialized-value"
			}
			t.Run(c.name+"/"+strconv.Itoa(place), func(t *testing.T) {
				t.Parallel()
				_, stderr, err := runChild(t, "freed", planned(c, place)...)
				if err == nil || !strings.Contains(stderr, report) {
					t.Errorf("%s on memory that was freed, argument %d, gave %v and %.300q", c.name, place, err, stderr)
				}
			})
		}
	}
}
