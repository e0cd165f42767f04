//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package relu

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

var hugeFlag = flag.Bool("huge", false, "run TestHuge, which takes minutes")

const (
	hugeWindow = 4 << 20 // bytes, a multiple of a piece
	hugeLength = 1<<32 + 1<<20 + 5
)

// TestHuge has slices of more than 2^32 elements. They take little memory: all of their
// windows are the same one, but for those of dst about the elements and the bytes 0,
// 2^31, 2^32 and the last, and these alone are looked at.
func TestHuge(t *testing.T) {
	if !*hugeFlag {
		t.Skip("takes minutes: make huge")
	}
	for size := 1; size <= 8; size *= 2 {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) { hugeOfSize(t, size) })
	}
}

func hugeOfSize(t *testing.T, size int) {
	h := newHuge(t, size)
	for _, tr := range hugeTrials(size) {
		t.Run(tr.op+tr.elem, func(t *testing.T) {
			tr.repeated([3][]byte{h.src[0].window(0), h.src[1].window(0), h.src[2].window(0)}, h.want)
			for _, alias := range tr.aliases()[:2] { // apart, and over the first source
				src := []unsafe.Pointer{h.src[0].base, h.src[1].base, h.src[2].base}[:tr.sources]
				h.prepare(alias == 0)
				if alias == 0 {
					src[0] = h.dst.base
				}
				tr.run(h.dst.base, src, hugeLength)
				h.check(t, fmt.Sprintf("%s on %s over source %d", tr.call, tr.elem, alias))
			}
		})
	}
	for name, call := range hugeCalls[size] {
		t.Run(name, func(t *testing.T) {
			for s := range h.src {
				x := h.src[s].window(0)
				for i := range hugeWindow / size {
					setBits(x, size, i, call.values[(i*(2*s+1)+i/7)%len(call.values)])
				}
			}
			copy(h.want, h.src[0].window(0))
			part := hugeWindow / size
			mask, wantMask := make([]uint64, hugeLength/64+1), make([]uint64, part/64)
			for i := range mask {
				mask[i] = uint64(i%len(wantMask)) * 0x9E3779B97F4A7C15
			}
			copy(wantMask, mask)
			withKernel(generic, func() {
				call.run(unsafe.Pointer(&h.want[0]), h.src[0].base, h.src[1].base, h.src[2].base, h.scratch.base, wantMask, part)
			})
			h.prepare(true)
			call.run(h.dst.base, h.src[0].base, h.src[1].base, h.src[2].base, h.scratch.base, mask, hugeLength)
			h.check(t, name)
			for i, got := range mask[:hugeLength/64] {
				if want := wantMask[i%len(wantMask)]; got != want {
					t.Fatalf("kernel %v, %s, length %d: word %d of the mask is %#x, want %#x", active, name, hugeLength, i, got, want)
				}
			}
		})
	}
	if size == 1 {
		t.Run("Active", func(t *testing.T) {
			x := h.src[0].window(0)
			for i := range x {
				x[i] = byte(i * i >> 3)
			}
			const whole, rest = hugeLength / hugeWindow, hugeLength % hugeWindow
			want := 0
			withKernel(generic, func() {
				want = whole*Active(slice[int8](h.src[0].base, hugeWindow)) + Active(slice[int8](h.src[0].base, rest))
			})
			if got := Active(slice[int8](h.src[0].base, hugeLength)); got != want {
				t.Errorf("kernel %v: of %d elements %d are active, want %d", active, hugeLength, got, want)
			}
		})
	}
}

// hugeTrials are one of each row of elements of a size. Those with masks and sums make
// slices of their own, and are among hugeCalls.
func hugeTrials(size int) []trial {
	var list []trial
	for _, tr := range trials {
		same := func(other trial) bool { return other.op == tr.op && other.elem == tr.elem }
		apart := slices.Contains([]string{"mask", "active", "reluMask", "gradMask", "preluGrad", "gateGrad"}, tr.op)
		if tr.size == size && !tr.apart && !tr.inPlace && !apart && !slices.ContainsFunc(list, same) {
			list = append(list, tr)
		}
	}
	return list
}

// A hugeCall has a mask, or rows and runs that a window holds a whole number of.
type hugeCall struct {
	values []uint64
	run    func(dst, a, b, c, scratch unsafe.Pointer, mask []uint64, n int)
}

var (
	hugeInt8s    = []uint64{1, 0xFF, 0, 127, 128, 5, 0xF0}
	hugeFloat32s = []uint64{0x3F800000, 0xBF800000, 0, 0x80000000, 0x40C00000, 0xC1000000, 1, 0x3E800000}
)

var hugeCalls = map[int]map[string]hugeCall{
	1: {
		"Mask": {hugeInt8s, func(_, a, _, _, _ unsafe.Pointer, mask []uint64, n int) {
			Mask(mask[:(n+63)/64], slice[int8](a, n))
		}},
		"InPlaceMask": {hugeInt8s, func(dst, _, _, _, _ unsafe.Pointer, mask []uint64, n int) {
			InPlaceMask(slice[int8](dst, n), mask[:(n+63)/64])
		}},
		"Parallel": {hugeInt8s, func(dst, _, _, _, _ unsafe.Pointer, _ []uint64, n int) { Parallel(slice[int8](dst, n)) }},
	},
	4: {
		"GradMask": {hugeFloat32s, func(dst, a, _, _, _ unsafe.Pointer, mask []uint64, n int) {
			GradMask(slice[float32](dst, n), slice[float32](a, n), mask[:(n+63)/64])
		}},
		"Bias": {hugeFloat32s, func(dst, a, b, _, _ unsafe.Pointer, _ []uint64, n int) {
			whole := n / 64 * 64
			Bias(slice[float32](dst, whole), slice[float32](a, whole), slice[float32](b, 64))
			rest := n - whole
			Bias(slice[float32](dst, n)[whole:], slice[float32](a, n)[whole:], slice[float32](b, rest))
		}},
		"PReLU, rows": {hugeFloat32s, func(dst, a, b, _, _ unsafe.Pointer, _ []uint64, n int) {
			PReLU(slice[float32](dst, n), slice[float32](a, n), slice[float32](b, 1024), 1)
		}},
		"PReLU, runs": {hugeFloat32s, func(dst, a, b, _, _ unsafe.Pointer, _ []uint64, n int) {
			PReLU(slice[float32](dst, n), slice[float32](a, n), slice[float32](b, 4), hugeWindow/16)
		}},
		"PReLUGrad, rows": {hugeFloat32s, func(dst, a, b, c, _ unsafe.Pointer, _ []uint64, n int) {
			PReLUGrad(slice[float32](dst, n), make([]float32, 64), slice[float32](a, n), slice[float32](b, n), slice[float32](c, 64), 1)
		}},
		"PReLUGrad, runs": {hugeFloat32s, func(dst, a, b, c, _ unsafe.Pointer, _ []uint64, n int) {
			PReLUGrad(slice[float32](dst, n), make([]float32, 4), slice[float32](a, n), slice[float32](b, n), slice[float32](c, 4), hugeWindow/16)
		}},
		"GateGrad, da": {hugeFloat32s, func(dst, a, b, c, scratch unsafe.Pointer, _ []uint64, n int) {
			GateGrad(slice[float32](dst, n), slice[float32](scratch, n), slice[float32](a, n), slice[float32](b, n), slice[float32](c, n))
		}},
		"GateGrad, db": {hugeFloat32s, func(dst, a, b, c, scratch unsafe.Pointer, _ []uint64, n int) {
			GateGrad(slice[float32](scratch, n), slice[float32](dst, n), slice[float32](a, n), slice[float32](b, n), slice[float32](c, n))
		}},
	},
}

// A hugeView is memory of which most windows are the same.
type hugeView struct{ base unsafe.Pointer }

func (v hugeView) window(i int) []byte {
	return slice[byte](unsafe.Add(v.base, i*hugeWindow), hugeWindow)
}

// newHugeView has memory of their own for some windows.
func newHugeView(t *testing.T, windows int, own []int) hugeView {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fd, err := unix.MemfdCreate("relu", 0)
	must(err)
	defer unix.Close(fd)
	must(unix.Ftruncate(fd, hugeWindow))
	bytes := uintptr(windows * hugeWindow)
	base, err := unix.MmapPtr(-1, 0, nil, bytes, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	must(err)
	t.Cleanup(func() { unix.MunmapPtr(base, bytes) })
	for w := range windows {
		from, how := fd, unix.MAP_SHARED
		if slices.Contains(own, w) {
			from, how = -1, unix.MAP_PRIVATE|unix.MAP_ANON
		}
		_, err := unix.MmapPtr(from, 0, unsafe.Add(base, w*hugeWindow), hugeWindow, unix.PROT_READ|unix.PROT_WRITE, how|unix.MAP_FIXED)
		must(err)
	}
	return hugeView{base}
}

// huge is dst, of which some windows have memory of their own, and sources, of which
// none has.
type huge struct {
	size         int
	own          []int
	dst, scratch hugeView
	src          [3]hugeView
	want         []byte // of any window
	source       bool   // prepare's
}

func newHuge(t *testing.T, size int) *huge {
	h := &huge{size: size, want: aligned(hugeWindow)}
	windows := hugeLength*size/hugeWindow + 1
	for _, at := range []int{1 << 31, 1 << 32, size << 31, size << 32, hugeLength * size} {
		h.own = append(h.own, at/hugeWindow-1, at/hugeWindow)
	}
	h.own = append(h.own, 0)
	slices.Sort(h.own)
	h.own = slices.Compact(h.own)
	h.dst = newHugeView(t, windows, h.own)
	for _, v := range []*hugeView{&h.scratch, &h.src[0], &h.src[1], &h.src[2]} {
		*v = newHugeView(t, windows, nil)
	}
	return h
}

// prepare gives all windows of dst the first source's values, or something else.
func (h *huge) prepare(source bool) {
	h.source = source
	for _, w := range append([]int{1}, h.own...) { // 1 is like those that are not looked at
		if x := h.dst.window(w); source {
			copy(x, h.src[0].window(0))
		} else {
			for i := range x {
				x[i] = canary[0]
			}
		}
	}
}

// check holds the windows of dst's own against what any has, and what is behind the
// last element against what it was.
func (h *huge) check(t *testing.T, what string) {
	t.Helper()
	for _, w := range h.own {
		got, first := h.dst.window(w), w*hugeWindow/h.size
		n := min(hugeWindow/h.size, hugeLength-first)
		if bytes.Equal(got[:n*h.size], h.want[:n*h.size]) {
			for i := n * h.size; i < len(got); i++ {
				if h.source && got[i] != h.src[0].window(0)[i] || !h.source && got[i] != canary[0] {
					t.Fatalf("kernel %v, %s, length %d: wrote %#x behind it", active, what, hugeLength, got[i])
				}
			}
			continue
		}
		i := 0
		for bitsAt(got, h.size, i) == bitsAt(h.want, h.size, i) {
			i++
		}
		t.Fatalf("kernel %v, %s, length %d, index %d: %#x, want %#x", active, what, hugeLength, first+i, bitsAt(got, h.size, i), bitsAt(h.want, h.size, i))
	}
}
