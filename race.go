//go:build race

package relu

import (
	"runtime"
	"unsafe"
)

// Assembly is invisible to the race detector: it is told what a call is about
// to read and write.

const raceEnabled = true

func raceRead[T any](x []T) {
	if len(x) > 0 {
		runtime.RaceReadRange(unsafe.Pointer(unsafe.SliceData(x)), int(byteLen(x)))
	}
}

func raceWrite[T any](x []T) {
	if len(x) > 0 {
		runtime.RaceWriteRange(unsafe.Pointer(unsafe.SliceData(x)), int(byteLen(x)))
	}
}
