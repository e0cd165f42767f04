package relu

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

const (
	// parallelBytes is where a second core begins to pay on every CPU that was
	// measured: below it much of the slice may lie in the cache of one core.
	parallelBytes = 16 << 20
	// shareBytes is what a goroutine takes at a time, a multiple of the page
	// size. It is long enough to hide the taking and short enough that cores
	// of unequal speed end together.
	shareBytes = 512 << 10
)

// Parallel is [InPlace] by up to GOMAXPROCS goroutines, for slices of many
// megabytes: one core cannot use all of a machine's memory bandwidth.
//
// Below 16 MiB it is InPlace. Above, the slice is cut at page boundaries into
// shares, which goroutines take until none is left; the caller's own is one of
// them and waits for no other to start. It returns when all of x is done; a
// goroutine that finds nothing left may end some milliseconds later. It
// allocates a little for each goroutine and nothing that grows with x. Unlike
// the other functions it lets x escape to the heap, because other goroutines
// write there.
//
// Leave it alone in a server that already keeps all cores busy: there it only
// adds switches. Elements are as in InPlace, bit for bit. It panics on nothing.
func Parallel[T Number](x []T) {
	workers := 1
	if byteLen(x) >= parallelBytes {
		workers = runtime.GOMAXPROCS(0) // which takes a lock
	}
	if workers == 1 {
		InPlace(x)
		return
	}
	j := &job[T]{x: x, share: shareBytes / int(unsafe.Sizeof(x[0])), done: make(chan struct{})}
	const page = 4096
	j.first = j.share - int(address(x)%page/unsafe.Sizeof(x[0]))
	shares := (len(x)-j.first+j.share-1)/j.share + 1
	j.left.Store(int64(shares))
	for range min(workers, shares) - 1 {
		go j.work()
	}
	j.work()
	<-j.done
}

// job is a slice that goroutines share out among themselves.
type job[T Number] struct {
	x            []T
	first, share int // lengths of the first share and of the others
	next, left   atomic.Int64
	done         chan struct{}
}

// work takes shares until there is none. The last to be finished, not the last
// to be taken, ends the job: a goroutine that starts too late finds nothing and
// nobody waits for it.
func (j *job[T]) work() {
	for {
		i := int(j.next.Add(1)) - 1
		start := max(0, j.first+(i-1)*j.share)
		if start >= len(j.x) {
			return
		}
		InPlace(j.x[start:min(len(j.x), j.first+i*j.share)])
		if j.left.Add(-1) == 0 {
			close(j.done)
		}
	}
}
