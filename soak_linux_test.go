//go:build ((amd64 && !amd64.v3) || arm64 || loong64 || ppc64le || riscv64 || s390x) && !purego && !msan && !asan

package relu

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

var soakTime = flag.Duration("soak", 2*time.Second, "how long TestSoak goes on at least; it makes every call once")

// TestSoak makes every public call from several goroutines, on sources that they share
// and on stacks that grow and shrink, while the collector, the profiler, the tracer,
// signals and changes of GOMAXPROCS interrupt them. It holds every result against pure
// Go's, and in the end the memory and the goroutines against those of the start.
func TestSoak(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector keeps the goroutines out of each other's way")
	}
	if os.Getenv("RELU_TEST_BEST") != "" {
		t.Skip("an emulated process would start one that is not")
	}
	duration := *soakTime
	if testing.Short() {
		duration /= 2
	}
	stdout, stderr, err := runChild(t, "soak", "GOGC=1", soakEnv+"="+duration.String())
	if err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	t.Log(stdout)
}

// soakEnv tells the child how long.
const soakEnv = "RELU_TEST_SOAK"

func init() {
	children["soak"] = func() {
		if err := soak(); err != nil {
			fmt.Fprintln(os.Stderr, "soak:", err)
			os.Exit(1)
		}
	}
}

// A soakCall makes a call with random arguments, and says how many bytes it wrote and
// what was wrong with them. private is memory of the goroutine.
type soakCall func(r *rand.Rand, private []byte) (int, error)

const (
	soakShared  = 160 << 10 // bytes of each source: two pieces and a part
	soakWorkers = 6
	soakGroup   = 25 // calls at a time, to whose sources the memory is kept
)

func soak() error {
	duration, err := time.ParseDuration(os.Getenv(soakEnv))
	if err != nil {
		return err
	}
	begin := time.Now()
	disturb := new(disturbances)
	shapes, stacks := soakShapes(), soakStacks()
	type pass struct {
		kernel  kernel
		streams bool
	}
	var passes []pass
	for _, k := range available {
		passes = append(passes, pass{k, false})
		if k != generic {
			passes = append(passes, pass{k, true})
		}
	}
	each := min(time.Second, duration/time.Duration(len(passes)))
	var first, last soakState
	var calls, written int64
	rounds := 0
	for ; rounds < len(passes) || time.Since(begin) < duration; rounds++ {
		p := passes[rounds%len(passes)]
		use(p.kernel)
		var ready []func() soakCall
		for _, tr := range trials {
			if !tr.apart && !(p.streams && tr.inPlace) {
				ready = append(ready, func() soakCall { return soakTrial(tr, p.streams) })
			}
		}
		if p.streams {
			table = streamTable(*table)
		} else {
			for _, call := range slices.Concat(shapes, stacks) {
				ready = append(ready, func() soakCall { return call })
			}
		}
		r := rand.New(rand.NewPCG(uint64(rounds), 1))
		r.Shuffle(len(ready), func(i, j int) { ready[i], ready[j] = ready[j], ready[i] })
		if err := disturb.start(); err != nil {
			return err
		}
		for group := range slices.Chunk(ready, soakGroup) {
			n, bytes, err := soakTogether(group, each/time.Duration(len(ready)/soakGroup+1), uint64(rounds))
			if err != nil {
				return fmt.Errorf("kernel %v, non-temporal stores %v: %w", p.kernel, p.streams, err)
			}
			calls, written = calls+n, written+bytes
		}
		disturb.stop()
		last = soakNow()
		if rounds == len(passes)-1 { // each kernel had its first call
			first = last
		}
	}
	fmt.Printf("%v, kernels %v: %d calls wrote %.3f GB; %v; %v at the start, %v at the end\n",
		time.Since(begin).Round(time.Second/10), Kernels(), calls, float64(written)/1e9, disturb, first, last)
	if last.goroutines > first.goroutines || last.heap > first.heap+1<<20 || last.resident > first.resident+32<<20 {
		return errors.New("memory or goroutines were not given back")
	}
	return nil
}

// soakTogether has the workers make every call of a group, and go on for a time.
func soakTogether(group []func() soakCall, atLeast time.Duration, seed uint64) (count, written int64, err error) {
	var calls []soakCall
	for _, ready := range group {
		calls = append(calls, ready())
	}
	begin := time.Now()
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range soakWorkers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			private := aligned(soakShared + 2*len(canary) + maxAligned)
			var n, bytes int64
			var failure error
			for failure == nil {
				i := int(next.Add(1)) - 1
				if i >= len(calls) && time.Since(begin) >= atLeast {
					break
				}
				var b int
				b, failure = calls[i%len(calls)](r, private)
				n, bytes = n+1, bytes+int64(b)
				_ = make([]byte, r.IntN(1<<12)) // for the collector
			}
			mu.Lock()
			defer mu.Unlock()
			count, written, err = count+n, written+bytes, errors.Join(err, failure)
		})
	}
	wg.Wait()
	return count, written, err
}

// soakTrial calls a trial on random parts of its sources.
func soakTrial(tr trial, apart bool) soakCall {
	var src [3][]byte
	for s := range tr.sources {
		src[s] = aligned(soakShared)
	}
	want := aligned(soakShared)
	tr.repeated(src, want)
	aliases := tr.aliases()
	if apart {
		aliases = aliases[:1]
	}
	return func(r *rand.Rand, private []byte) (int, error) {
		most := soakShared / tr.size
		n := r.IntN([]int{70, 70, 1000, most}[r.IntN(4)])
		first := r.IntN(most - n)
		offset := len(canary) + r.IntN(maxAligned/tr.size)*tr.size
		around := private[offset-len(canary) : offset+n*tr.size+len(canary)]
		copy(around, canary)
		copy(around[len(around)-len(canary):], canary)
		dst := private[offset : offset+n*tr.size]
		alias := aliases[r.IntN(len(aliases))]
		var pointers [3]unsafe.Pointer
		for s := range tr.sources {
			part := src[s][first*tr.size:]
			if s == alias {
				copy(dst, part)
				part = private[offset:]
			}
			pointers[s] = unsafe.Pointer(&part[0])
		}
		tr.run(unsafe.Pointer(&private[offset]), pointers[:tr.sources], n)
		if wanted := want[first*tr.size:][:n*tr.size]; !bytes.Equal(dst, wanted) {
			i := 0
			for bitsAt(dst, tr.size, i) == bitsAt(wanted, tr.size, i) {
				i++
			}
			return 0, fmt.Errorf("%s, element %d and on of its sources, index %d: %#x, want %#x",
				tr.describe(n, private[offset:], alias), first, i, bitsAt(dst, tr.size, i), bitsAt(wanted, tr.size, i))
		}
		if !bytes.HasPrefix(around, canary) || !bytes.HasSuffix(around, canary) {
			return 0, fmt.Errorf("%s: wrote outside", tr.describe(n, private[offset:], alias))
		}
		return n * tr.size, nil
	}
}

// soakShapes are calls that have other arguments than elements for elements.
func soakShapes() []soakCall {
	return slices.Concat(soakShapesOf[float32](), soakShapesOf[float64]())
}

func soakShapesOf[T Float]() []soakCall {
	r := rand.New(rand.NewPCG(5, 6))
	size := int(unsafe.Sizeof(T(0)))
	n := soakShared / size / 1000 * 1000
	x, g := make([]T, n), make([]T, n)
	for i := range x {
		x[i], g[i] = T(r.IntN(200)-100), T(r.IntN(200)-100)
	}
	row := x[:1000]
	var calls []soakCall
	for name, call := range map[string]func(dst []T){
		"Bias, rows of 5":        func(dst []T) { Bias(dst, x, row[:5]) },
		"Bias, rows of 200":      func(dst []T) { Bias(dst, x, row[:200]) },
		"PReLU, rows of 7":       func(dst []T) { PReLU(dst, x, row[:7], 1) },
		"PReLU, rows of 1000":    func(dst []T) { PReLU(dst, x, row, 1) },
		"PReLU, runs of 300":     func(dst []T) { PReLU(dst, x, row, 300) },
		"PReLUGrad, rows of 90":  func(dst []T) { PReLUGrad(dst[90:], dst[:90], g[90:], x[90:], row[:90], 1) },
		"PReLUGrad, runs of 300": func(dst []T) { PReLUGrad(dst[9:], dst[:9], g[9:], x[9:], row[:9], 300) },
		"Parallel": func(dst []T) {
			copy(dst, x)
			Parallel(dst)
		},
	} {
		want := make([]T, n)
		withKernel(generic, func() { call(want) })
		calls = append(calls, func(r *rand.Rand, private []byte) (int, error) {
			dst := slice[T](unsafe.Pointer(&private[r.IntN(8)*size]), n)
			call(dst)
			if !bytes.Equal(bytesOf(dst), bytesOf(want)) {
				return 0, fmt.Errorf("%T: %s is not what it is in pure Go", x, name)
			}
			return n * size, nil
		})
	}
	return calls
}

func bytesOf[T any](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(x[0])))
}

// soakStacks are the calls on arrays of a stack, at one depth after the other.
func soakStacks() []soakCall {
	var calls []soakCall
	for _, s := range stackCalls() {
		var next atomic.Uint64
		calls = append(calls, func(r *rand.Rand, _ []byte) (int, error) {
			depth := int(next.Add(1) % stackDepth)
			// The next collection takes the room back, in the middle of what comes.
			if right, _ := s.onNewStack(max(0, r.IntN(4000)-3000), depth); !right {
				return 0, fmt.Errorf("kernel %v, %s on a stack, %d frames deep, is not what it is in pure Go on the heap", active, s.name(), depth)
			}
			return stackWords * 8, nil
		})
	}
	return calls
}

// disturbances are what goes on beside the calls.
type disturbances struct {
	stopped                  chan bool
	wg                       sync.WaitGroup
	profiled, traced         atomic.Int64 // bytes
	signals, caught, changes atomic.Int64
}

// counter counts what is written to it.
type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// start begins a CPU profile too, of a thousand samples a second. Go says on standard
// error that it keeps to this rate.
func (d *disturbances) start() error {
	runtime.SetCPUProfileRate(1000)
	if err := pprof.StartCPUProfile(counter{&d.profiled}); err != nil {
		return err
	}
	d.stopped = make(chan bool)
	every := func(pause time.Duration, f func()) {
		d.wg.Go(func() {
			for {
				select {
				case <-d.stopped:
					return
				case <-time.After(pause):
					f()
				}
			}
		})
	}
	usr1 := make(chan os.Signal, 10)
	signal.Notify(usr1, syscall.SIGUSR1)
	d.wg.Go(func() {
		defer signal.Stop(usr1)
		for {
			select {
			case <-d.stopped:
				return
			case <-usr1:
				d.caught.Add(1)
			}
		}
	})
	send := func(s syscall.Signal) func() {
		return func() {
			syscall.Kill(os.Getpid(), s)
			d.signals.Add(1)
		}
	}
	every(100*time.Microsecond, send(syscall.SIGURG))
	every(300*time.Microsecond, send(syscall.SIGUSR1))
	every(3*time.Millisecond, func() {
		runtime.GOMAXPROCS(1 + rand.IntN(2*runtime.NumCPU()+2))
		d.changes.Add(1)
	})
	every(20*time.Millisecond, debug.FreeOSMemory)
	every(time.Millisecond, func() {
		if err := trace.Start(counter{&d.traced}); err == nil {
			time.Sleep(30 * time.Millisecond)
			trace.Stop()
		}
	})
	return nil
}

func (d *disturbances) stop() {
	close(d.stopped)
	d.wg.Wait()
	pprof.StopCPUProfile()
	runtime.GOMAXPROCS(runtime.NumCPU())
}

func (d *disturbances) String() string {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return fmt.Sprintf("%d collections, %d signals, %d changes of GOMAXPROCS, %.1f MB of traces, %.1f kB of profiles",
		m.NumGC, d.signals.Load(), d.changes.Load(), float64(d.traced.Load())/1e6, float64(d.profiled.Load())/1e3)
}

// soakState is what must not grow.
type soakState struct {
	goroutines     int
	heap, resident int // bytes
}

func soakNow() soakState {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := soakState{goroutines: runtime.NumGoroutine(), heap: int(m.HeapAlloc)}
	status, _ := os.ReadFile("/proc/self/status")
	if _, rest, ok := strings.Cut(string(status), "VmRSS:"); ok {
		fmt.Sscan(rest, &s.resident)
		s.resident <<= 10
	}
	return s
}

func (s soakState) String() string {
	return fmt.Sprintf("%d goroutines, heap %.1f MB, resident %.1f MB", s.goroutines, float64(s.heap)/1e6, float64(s.resident)/1e6)
}
