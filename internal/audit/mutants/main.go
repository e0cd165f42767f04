// Command mutants measures the tests: it makes each instruction of each kernel
// wrong in one way after another, runs the quick tests, and lists what nothing
// noticed. Each mutant must be caught by the quick tests, or by the audit, or
// be listed in equivalent.txt with the reason why no result can differ.
//
//	go run . [-arch amd64,arm64] [-kernel regexp] [-sample n] [-results file]
//
// Mutants are assembled by the thousand into one test binary. To try one, a process
// that has started and run the tests of its row once is forked, its address is
// written into the table of kernels, and the tests run once more. So a mutant costs
// the tests up to the one that fails.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// emulators are the commands to try for each architecture.
var emulators = map[string][][]string{
	"arm64":   {{"qemu-aarch64"}, {"qemu-aarch64-static"}},
	"riscv64": {{"qemu-riscv64", "-cpu", "rv64,v=true,vlen=256,rvv_ta_all_1s=on,rvv_ma_all_1s=on"}},
	"loong64": {{"qemu-loongarch64", "-cpu", "la464"}}, // has LSX and LASX
	"ppc64le": {{"qemu-ppc64le", "-cpu", "power8"}},
	"s390x":   {{"qemu-s390x", "-cpu", "max"}},
}

//go:embed equivalent.txt
var equivalentText string

func main() {
	log.SetFlags(0)
	log.SetPrefix("mutants: ")
	archs := flag.String("arch", "", "comma-separated architectures (default: all that run here)")
	only := flag.String("kernel", "", "regular expression of kernel names")
	kinds := flag.String("kind", "", "regular expression of kinds of mutants")
	sample := flag.Int("sample", 0, "how many mutants to draw, beside those that return at once (0: all)")
	seed := flag.Uint64("seed", 1, "of the sample")
	results := flag.String("results", "", "file that keeps results, with which an interrupted run goes on")
	root := flag.String("root", "../../..", "the library's folder")
	workers := flag.Int("workers", runtime.NumCPU(), "mutants at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	names := slices.Sorted(maps.Keys(arches))
	if *archs != "" {
		names = strings.Split(*archs, ",")
	}
	r, err := openResults(*results, *root)
	if err != nil {
		log.Fatal(err)
	}
	left := false // something does not run here
	for _, goarch := range names {
		if arches[goarch] == nil {
			log.Fatalf("no mutants for %s: there are %s", goarch, strings.Join(slices.Sorted(maps.Keys(arches)), ", "))
		}
		by, found := findEmulator(goarch)
		if !found {
			if *archs != "" {
				log.Fatalf("%s does not run here: one of %v is needed", goarch, emulators[goarch])
			}
			fmt.Printf("%s does not run here\n", goarch)
			left = true
			continue
		}
		all, err := choose(*root, goarch, *only, *kinds)
		if err != nil {
			log.Fatal(err)
		}
		if *sample > 0 {
			all = draw(all, max(1, *sample/len(names)), *seed, len(by) == 0)
		}
		absent, err := runAll(ctx, *root, goarch, by, all, *workers, r)
		if err != nil {
			log.Fatal(err)
		}
		for _, isa := range absent {
			fmt.Printf("%s does not run here\n", isa)
			left = true
		}
	}
	failed := r.report(os.Stdout) > 0
	if full := *sample == 0 && *only == "" && *kinds == "" && *archs == "" && !left; full {
		for _, e := range r.stale() {
			fmt.Printf("equivalent.txt: no mutant that survives is %s\n", e)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// findEmulator is the command that runs programs of an architecture here, of no words
// where none is needed.
func findEmulator(goarch string) (command []string, found bool) {
	if goarch == runtime.GOARCH && runtime.GOOS == "linux" {
		return nil, true
	}
	for _, command := range emulators[goarch] {
		if path, err := exec.LookPath(command[0]); err == nil {
			return append([]string{path}, command[1:]...), true
		}
	}
	return nil, false
}

// choose lists the mutants of an architecture's kernels.
func choose(root, goarch, only, kinds string) ([]mutant, error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return nil, err
	}
	kindPattern, err := regexp.Compile(kinds)
	if err != nil {
		return nil, err
	}
	list, err := kernels(filepath.Join(root, "relu_"+goarch+".s"))
	if err != nil {
		return nil, err
	}
	var all []mutant
	for i := range list {
		if pattern.MatchString(list[i].name) {
			for _, m := range list[i].mutants(goarch) {
				if kindPattern.MatchString(m.kind) {
					all = append(all, m)
				}
			}
		}
	}
	return all, nil
}

// draw takes n mutants, and, where nothing is emulated, the one of each kernel that
// returns at once, which says whether any test runs the kernel at all.
func draw(all []mutant, n int, seed uint64, native bool) []mutant {
	var sample, rest []mutant
	for _, m := range all {
		if native && m.kind == "returns at once" {
			sample = append(sample, m)
		} else {
			rest = append(rest, m)
		}
	}
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return append(sample, rest[:min(n, len(rest))]...)
}

// runAll tries the mutants that have no result yet, and returns the instruction
// sets that this machine lacks.
func runAll(ctx context.Context, root, goarch string, by []string, all []mutant, workers int, r *results) (absent []string, err error) {
	all = slices.DeleteFunc(all, func(m mutant) bool { return r.has(goarch, m) })
	slices.SortStableFunc(all, func(a, b mutant) int { return strings.Compare(a.kernel.name, b.kernel.name) }) // whose row is then warm
	const batch = 2000
	lacking := map[string]bool{}
	show := progress(goarch, len(all))
	for some := range slices.Chunk(all, batch) {
		if err := runBatch(ctx, root, goarch, by, some, workers, r, lacking, show); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(lacking)), nil
}

// progress returns what is called when some mutants are done, and tells of it every
// ten seconds.
func progress(goarch string, all int) func(n int) {
	start := time.Now()
	told, done := start, 0
	return func(n int) {
		done += n
		if done == 0 || time.Since(told) < 10*time.Second {
			return
		}
		told = time.Now()
		left := time.Duration(float64(time.Since(start)) / float64(done) * float64(all-done))
		fmt.Fprintf(os.Stderr, "%s: %d of %d, %v left\n", goarch, done, all, left.Round(time.Second))
	}
}

func runBatch(ctx context.Context, root, goarch string, by []string, some []mutant, workers int, r *results, lacking map[string]bool, show func(int)) error {
	folder, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	p, err := build(root, goarch, folder, some)
	if err != nil {
		return err
	}
	show(len(some) - len(p.mutants)) // which the assembler refused
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range workers {
		wg.Go(func() {
			w := &worker{p: p, by: by}
			defer w.stop()
			for i := range next {
				m := p.mutants[i]
				verdict, err := w.try(ctx, i)
				mu.Lock()
				switch {
				case err != nil:
					cancel(fmt.Errorf("%s: %w", m, err))
				case verdict == cannotRun:
					lacking[m.kernel.isa] = true
				default:
					r.add(goarch, m, verdict)
				}
				show(1)
				mu.Unlock()
			}
		})
	}
feed:
	for i := range p.mutants {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

// results are what became of each mutant.
type results struct {
	file *os.File
	list map[string]result // by architecture and mutant
}

type result struct{ goarch, kernel, kind, mutant, verdict string }

// openResults reads the results that an interrupted run left, if the library
// and its tests are still the same.
func openResults(path, root string) (*results, error) {
	r := &results{list: map[string]result{}}
	if path == "" {
		return r, nil
	}
	sum := sha256.New()
	sources, err := filepath.Glob(filepath.Join(root, "*.[gs]*"))
	if err != nil {
		return nil, err
	}
	for _, source := range sources {
		if ext := filepath.Ext(source); ext != ".go" && ext != ".s" {
			continue
		}
		text, err := os.ReadFile(source)
		if err != nil {
			return nil, err
		}
		sum.Write(text)
	}
	head := fmt.Sprintf("%x", sum.Sum(nil))
	if text, err := os.ReadFile(path); err == nil {
		lines := bufio.NewScanner(strings.NewReader(string(text)))
		if lines.Scan() && lines.Text() == head {
			for lines.Scan() {
				if f := strings.Split(lines.Text(), "\t"); len(f) == 5 {
					if f[4] == survived && listed(f[3]) {
						f[4] = equal
					} else if f[4] == equal && !listed(f[3]) {
						continue // it was taken off the list: try it
					}
					r.list[f[0]+"\t"+f[3]] = result{f[0], f[1], f[2], f[3], f[4]}
				}
			}
		}
	}
	if r.file, err = os.Create(path); err != nil {
		return nil, err
	}
	fmt.Fprintln(r.file, head)
	for _, v := range r.list {
		r.write(v)
	}
	return r, nil
}

func (r *results) has(goarch string, m mutant) bool {
	_, found := r.list[goarch+"\t"+m.String()]
	return found
}

func (r *results) add(goarch string, m mutant, verdict string) {
	v := result{goarch, m.kernel.name, m.kind, m.String(), verdict}
	r.list[goarch+"\t"+v.mutant] = v
	r.write(v)
}

func (r *results) write(v result) {
	if r.file != nil {
		fmt.Fprintf(r.file, "%s\t%s\t%s\t%s\t%s\n", v.goarch, v.kernel, v.kind, v.mutant, v.verdict)
	}
}
