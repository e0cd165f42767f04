//go:build unix

package measure

import "testing"

func TestStolen(t *testing.T) {
	if got := stolen([]byte("cpu  45624 0 11999 73859 257 0 141 79 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n")); got != 79 {
		t.Errorf("%d ticks are stolen, want 79", got)
	}
	for _, text := range []string{"", "cpu 1 2 3\n", "intr 1 2 3 4 5 6 7 8 9\n", "cpu 1 2 3 4 5 6 7 x 9 10\n"} {
		if got := stolen([]byte(text)); got != 0 {
			t.Errorf("%q gives %d", text, got)
		}
	}
}
