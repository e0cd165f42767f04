//go:build ((amd64 && !amd64.v3) || arm64 || loong64 || ppc64le || riscv64 || s390x) && !purego && !msan && !asan

package relu

import (
	"slices"
	"sync"
	"unicode"
	"unsafe"
)

// switches tells that a test can change the kernel.
const switches = true

// use changes the kernel.
func use(k kernel) { active, table = k, tableOf(k) }

// The kernels with non-temporal stores run the trials of those without, by a
// table that has their addresses in the place of the others'.
func init() {
	for _, tr := range trials {
		streamed := slices.ContainsFunc(tableRows, func(row tableRow) bool { return row.op == streamName(tr.op) && row.elem == tr.elem })
		if !streamed || tr.inPlace && tr.size != 2 {
			continue
		}
		if tr.inPlace {
			switch tr.elem {
			case "Float16":
				tr.run = func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
					reluFloat16((*uint16)(dst), (*uint16)(src[0]), n)
				}
			case "BFloat16":
				tr.run = func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
					reluBFloat16((*uint16)(dst), (*uint16)(src[0]), n)
				}
			default:
				continue
			}
			tr.inPlace = false
		}
		run := tr.run
		tr.op, tr.call, tr.apart = streamName(tr.op), tr.call+" with non-temporal stores", true
		tr.run = func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
			defer func(t *kernelTable) { table = t }(table)
			table = streamTable(*table)
			run(dst, src, n)
		}
		trials = append(trials, tr)
	}
}

// streamTable has the kernels with non-temporal stores in the place of those
// without.
func streamTable(t kernelTable) *kernelTable {
	for plain, stream := range streamSlots() {
		t[plain] = t[stream]
	}
	return &t
}

// streamSlots are the places of kernels with non-temporal stores, by the places of
// those without.
var streamSlots = sync.OnceValue(func() map[int]int {
	slot := map[string]int{}
	for _, row := range tableRows {
		slot[row.op+row.elem] = row.slot
	}
	slots := map[int]int{}
	for _, row := range tableRows {
		if stream, ok := slot[streamName(row.op)+row.elem]; ok {
			slots[row.slot] = stream
		}
	}
	return slots
})

func streamName(op string) string {
	return "stream" + string(unicode.ToUpper(rune(op[0]))) + op[1:]
}

// hasKernel tells whether a kernel has a slot to itself, or leaves it to pure Go.
func hasKernel(k kernel, slot int) bool { return tableOf(k)[slot] != tableOf(generic)[slot] }
