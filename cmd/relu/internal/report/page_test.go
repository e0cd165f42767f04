package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// findChromium skips the test without Chromium, or fails it if it is required.
func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("RELU_REQUIRE_CHROMIUM") == "1" {
		t.Fatal("chromium is not installed, and RELU_REQUIRE_CHROMIUM=1 requires it")
	}
	t.Skip("chromium is not installed")
	return ""
}

// browser is Chromium with an empty page, and what it complains of.
type browser struct {
	context.Context
	sync.Mutex
	complaints []string // errors and warnings on the console
	requests   []string // all but the page itself
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true))
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancelAllocator)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)

	b := &browser{Context: ctx}
	// This starts the browser; what has a timeout must not.
	if err := chromedp.Listen(ctx, func(event any) {
		b.Lock()
		defer b.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			d := e.ExceptionDetails
			b.complaints = append(b.complaints, fmt.Sprintf("line %d: %s: %+v", d.LineNumber, d.Text, d.Exception))
		case *runtime.EventConsoleAPICalled:
			b.complaints = append(b.complaints, fmt.Sprintf("console.%s: %+v", e.Type, e.Args))
		case *log.EventEntryAdded:
			// The test reads the canvases, which the browser has advice on.
			if !strings.HasPrefix(e.Entry.Text, "Canvas2D: Multiple readback") {
				b.complaints = append(b.complaints, e.Entry.Text)
			}
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "file://") {
				b.requests = append(b.requests, e.Request.URL)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	b.Context, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	send(t, b, network.Enable, network.EnableParams{})
	send(t, b, log.Enable, cdp.Empty{})
	return b
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatal(err)
	}
}

// send sends a command of the DevTools protocol.
func send[P, R any](t *testing.T, b *browser, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(b, command, params); err != nil {
		t.Fatal(err)
	}
}

// eval is the value of an expression of the page.
func eval[T any](t *testing.T, b *browser, expression string, args ...any) T {
	t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[T](fmt.Sprintf(expression, args...), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.Lock()
	defer b.Unlock()
	for _, c := range b.complaints {
		t.Errorf("the page complains: %s", c)
	}
	for _, r := range b.requests {
		t.Errorf("the page asks the network for %s", r)
	}
}

// screenshot keeps a picture if RELU_SCREENSHOTS names a directory: of the
// whole page, which puts the pointer away, or of what is in view.
func (b *browser) screenshot(t *testing.T, name string, whole bool) {
	t.Helper()
	dir := os.Getenv("RELU_SCREENSHOTS")
	if dir == "" {
		return
	}
	action := chromedp.CaptureScreenshot()
	if whole {
		action = chromedp.FullScreenshot(100)
	}
	png, err := chromedp.Run(b, action)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

const measuredFile = "../../testdata/amd-epyc.txt"

// otherCPU is a name that needs quoting in HTML, JSON and CSV.
const otherCPU = `Other, "odd" <CPU>`

// twoFiles are the measured one, and one that another, faster CPU might have
// given.
func twoFiles(t *testing.T) []benchfile.File {
	t.Helper()
	files, err := Read([]string{measuredFile})
	if err != nil {
		t.Fatal(err)
	}
	host, results := files[0].Host, files[0].Results
	host.CPU, host.L2, host.Warnings = otherCPU, 2*host.L2, nil
	var faster benchfile.Results
	for _, p := range results.Points() {
		for _, s := range results.Samples(p) {
			s.Nanoseconds *= 0.7
			faster.Add(p, s)
		}
	}
	var text bytes.Buffer
	if err := benchfile.Write(&text, host, &faster); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(other, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	files, err = Read([]string{measuredFile, other})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// open has the browser load the page of files.
func (b *browser) open(t *testing.T, files []benchfile.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	var page bytes.Buffer
	if err := WritePage(&page, files); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	address := url.URL{Scheme: "file", Path: path}
	b.do(t, chromedp.EmulateViewport(1400, 1000), chromedp.Navigate(address.String()))
	b.settle(t)
}

// settle lets the page draw.
func (b *browser) settle(t *testing.T) {
	t.Helper()
	eval[bool](t, b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// check switches a box, found by its label.
func (b *browser) check(t *testing.T, field, label string) {
	t.Helper()
	if !eval[bool](t, b, `(() => {
		const box = [...document.querySelectorAll('#%s input')].find(i => i.name === %q);
		box?.click();
		return !!box;
	})()`, field, label) {
		t.Fatalf("no box is labelled %s", label)
	}
	b.settle(t)
}

// pixels counts those of the charts that have the colour of a CPU's lines.
func (b *browser) pixels(t *testing.T, cpu int) int {
	t.Helper()
	return eval[int](t, b, `(() => {
		const hex = getComputedStyle(document.documentElement).getPropertyValue('--c%d').trim();
		const [r, g, b] = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
		let count = 0;
		for (const canvas of document.querySelectorAll('canvas')) {
			const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
			for (let i = 0; i < d.length; i += 4) count += d[i] === r && d[i+1] === g && d[i+2] === b && d[i+3] > 250;
		}
		return count;
	})()`, cpu)
}

// drawn counts the pixels of the charts that are not empty.
func (b *browser) drawn(t *testing.T) int {
	t.Helper()
	return eval[int](t, b, `[...document.querySelectorAll('canvas')].reduce((sum, c) =>
		sum + c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i %% 4 === 3 && v > 0).length, 0)`)
}

func warningsOf(files []benchfile.File) []string {
	m := newModel(files)
	return m.warnings()
}

// column is the text of a column of the table.
func (b *browser) column(t *testing.T, title string) []string {
	t.Helper()
	return eval[[]string](t, b, `(() => {
		const i = [...document.querySelectorAll('#speedups th')].findIndex(th => th.textContent === %q);
		return [...document.querySelectorAll('#speedups tbody tr')].map(tr => tr.cells[i].textContent);
	})()`, title)
}

func TestPage(t *testing.T) {
	b := startBrowser(t)
	files := twoFiles(t)
	b.open(t, files)

	t.Run("charts", func(t *testing.T) {
		m := newModel(files)
		titles := eval[[]string](t, b, `[...document.querySelectorAll('figcaption')].map(c => c.textContent)`)
		for i, p := range m.Panels {
			if titles[i] != p.Op+" "+p.Type {
				t.Errorf("chart %d is %s, want %s %s", i, titles[i], p.Op, p.Type)
			}
		}
		drawn := eval[[]bool](t, b, `[...document.querySelectorAll('canvas')].map(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))`)
		if len(drawn) != len(m.Panels) || slices.Contains(drawn, false) {
			t.Errorf("of %d charts, these are drawn: %v", len(m.Panels), drawn)
		}
		b.screenshot(t, "wide-light", true)
	})

	t.Run("theme", func(t *testing.T) {
		paper := func() string { return eval[string](t, b, `getComputedStyle(document.body).backgroundColor`) }
		light := paper()
		b.do(t, chromedp.Click("#theme"))
		b.settle(t)
		if dark := paper(); dark == light {
			t.Errorf("the button leaves the page %s", light)
		}
		if b.pixels(t, 0) == 0 {
			t.Error("the charts keep the colours of the light page")
		}
		b.screenshot(t, "wide-dark", true)
		b.do(t, chromedp.Click("#theme"))
		b.settle(t)
		if got := paper(); got != light {
			t.Errorf("the button leads back to %s, not to %s", got, light)
		}
		prefer := func(scheme string) {
			send(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			b.settle(t)
		}
		prefer("dark")
		if got := paper(); got == light {
			t.Error("the page does not follow a system that turns dark")
		}
		prefer("light")
	})

	t.Run("switches", func(t *testing.T) {
		before := b.pixels(t, 1)
		b.check(t, "runs", "B: "+otherCPU)
		if after := b.pixels(t, 1); before == 0 || after != 0 {
			t.Errorf("%d pixels have the CPU's colour, and %d when it is switched off", before, after)
		}
		if b.pixels(t, 0) == 0 {
			t.Error("the other CPU's lines are gone too")
		}
		if slices.Contains(b.column(t, "Run"), "B") {
			t.Error("the CPU is still in the table")
		}
		if text := eval[string](t, b, `document.getElementById('csv').value`); strings.Contains(text, "odd") {
			t.Error("the CPU is still in the figures")
		}
		b.check(t, "runs", "B: "+otherCPU)
		if after := b.pixels(t, 1); after != before {
			t.Errorf("%d pixels have the CPU's colour when it is on again, not %d", after, before)
		}

		// Other kernels have colours of their own, and the limit is there to be seen.
		b.check(t, "kernels", "avx2")
		if with := b.pixels(t, 1); with > before {
			t.Errorf("%d pixels have the CPU's colour, and %d with a second kernel", before, with)
		}
		b.check(t, "kernels", "avx2")
		drawn := b.drawn(t)
		b.check(t, "kernels", "limit")
		if without := b.drawn(t); without > drawn*9/10 {
			t.Errorf("%d pixels are drawn, %d without the limit", drawn, without)
		}
		b.check(t, "kernels", "limit")

		b.check(t, "kernels", "plain Go loop")
		if without := b.pixels(t, 1); without >= before {
			t.Errorf("%d pixels have the CPU's colour with the loop, %d without", before, without)
		}
		b.check(t, "kernels", "plain Go loop")
	})

	t.Run("pointer", func(t *testing.T) {
		at := eval[[]float64](t, b, `(() => {
			const over = document.querySelector('.u-over');
			over.scrollIntoView({block: 'center'});
			const box = over.getBoundingClientRect();
			return [box.x + box.width / 2, box.y + box.height / 2];
		})()`)
		b.do(t, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
		b.settle(t)
		text := eval[string](t, b, `document.querySelector('.readout:not([hidden])')?.innerText ?? ''`)
		b.screenshot(t, "pointer", false)
		checkReadout(t, text, files)
	})

	t.Run("keys", func(t *testing.T) {
		b.do(t, chromedp.Focus("figure"), chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.ArrowLeft))
		b.settle(t)
		spoken := eval[string](t, b, `document.querySelector('.live').textContent`)
		lengths := newModel(files).Panels[0].Lengths
		if want := fmt.Sprintf("%d elements", lengths[len(lengths)-2]); !strings.HasPrefix(strings.ReplaceAll(spoken, ",", ""), want) {
			t.Errorf("after End and an arrow to the left a screen reader says %q, not %s", spoken, want)
		}
		checkReadout(t, eval[string](t, b, `document.querySelector('.readout:not([hidden])').innerText`), files)
		b.do(t, chromedp.KeyEvent(kb.Escape))
		b.settle(t)
		if eval[bool](t, b, `!!document.querySelector('.readout:not([hidden])')`) {
			t.Error("Escape leaves the values there")
		}
	})

	t.Run("warnings", func(t *testing.T) {
		if got, want := eval[[]string](t, b, `[...document.querySelectorAll('.warnings p')].map(p => p.textContent)`), warningsOf(files); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("the page warns of %q, want %q", got, want)
		}
		if !eval[bool](t, b, `document.querySelector('.warnings').getBoundingClientRect().bottom < document.getElementById('charts').getBoundingClientRect().top`) {
			t.Error("the warnings do not stand above the charts")
		}
	})

	t.Run("ratio", func(t *testing.T) {
		ratios := func() map[string]string {
			of := map[string]string{}
			runs, ratios := b.column(t, "Run"), b.column(t, "Ratio")
			for i, run := range runs {
				if before, seen := of[run]; seen && before != ratios[i] {
					t.Errorf("run %s has the ratios %s and %s", run, before, ratios[i])
				}
				of[run] = ratios[i]
			}
			return of
		}
		if got := ratios(); got["A"] != "1.00" || got["B"] != "1.43" { // 1/0.7
			t.Errorf("the ratios are %v", got)
		}
		eval[bool](t, b, `(() => { const s = document.getElementById('base'); s.value = 1; return s.dispatchEvent(new Event('change')); })()`)
		b.settle(t)
		if got := ratios(); got["A"] != "0.70" || got["B"] != "1.00" {
			t.Errorf("against B, the ratios are %v", got)
		}
		if text := eval[string](t, b, `document.getElementById('ratios').textContent`); !strings.Contains(text, "different CPUs") || strings.Contains(text, "within 5%") {
			t.Errorf("of two CPUs it says %q", text)
		}
	})

	t.Run("sorting", func(t *testing.T) {
		for _, title := range []string{"ns/call", "GB/s", "Of the limit", "Times the loop", "Elements", "Spread"} {
			press := func() []float64 {
				eval[bool](t, b, `[...document.querySelectorAll('#speedups th button')].find(b => b.textContent === %q).click() ?? true`, title)
				var numbers []float64
				for _, text := range b.column(t, title) {
					if x, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSuffix(text, "%"), ",", ""), 64); err == nil {
						numbers = append(numbers, x)
					}
				}
				return numbers
			}
			falling, rising := press(), press()
			if len(falling) < 10 || falling[0] == falling[len(falling)-1] {
				t.Fatalf("%s is no test of sorting: %v", title, falling)
			}
			if !slices.IsSorted(rising) {
				t.Errorf("%s does not rise: %v", title, rising)
			}
			slices.Reverse(falling)
			if !slices.IsSorted(falling) {
				t.Errorf("%s does not fall, in reverse: %v", title, falling)
			}
			if got := eval[string](t, b, `document.querySelector('#speedups th[aria-sort]').textContent + document.querySelector('#speedups th[aria-sort]').ariaSort`); got != title+"ascending" {
				t.Errorf("a screen reader says %s", got)
			}
		}
	})

	t.Run("csv", func(t *testing.T) {
		records, err := csv.NewReader(strings.NewReader(eval[string](t, b, `document.getElementById('csv').value`))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, r := range records[1:] {
			seen[r[0]]++
			n, _ := strconv.Atoi(r[4])
			checkTime(t, files, r[0], benchfile.Point{Op: r[1], Type: r[2], Kernel: r[3], N: n}, r[6])
		}
		if len(seen) != 2 || seen[otherCPU] < 100 || seen[otherCPU] != seen[files[0].Host.CPU] {
			t.Errorf("the figures have rows by CPU: %v", seen)
		}
	})

	t.Run("narrow", func(t *testing.T) {
		b.do(t, chromedp.EmulateViewport(390, 800, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch))
		b.settle(t)
		if wide := eval[int](t, b, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("the page is %d pixels wide on a telephone of 390", wide)
		}
		if wide := eval[int](t, b, `document.querySelector('canvas').clientWidth`); wide < 300 || wide > 390 {
			t.Errorf("a chart is %d pixels wide on a telephone of 390", wide)
		}
		touch := eval[[]float64](t, b, `(() => {
			const over = document.querySelectorAll('.u-over')[1];
			over.scrollIntoView({block: 'center'});
			const box = over.getBoundingClientRect();
			return [box.x + box.width / 3, box.y + box.height / 2];
		})()`)
		b.do(t, chromedp.TapXY(touch[0], touch[1]))
		b.settle(t)
		checkReadout(t, eval[string](t, b, `document.querySelector('.readout:not([hidden])')?.innerText ?? ''`), files)
		b.screenshot(t, "narrow", false)

		// Every number of a row is in view, and has its name.
		hidden := eval[[]string](t, b, `[...document.querySelectorAll('#speedups tbody td')].filter(td => {
			const box = td.getBoundingClientRect();
			return box.left < 0 || box.right > innerWidth || box.width < 5 ||
				td.matches('.number') && !getComputedStyle(td, '::before').content.includes(td.dataset.title);
		}).map(td => td.textContent)`)
		if len(hidden) > 0 {
			t.Errorf("%d of the table's cells are not in view, or have no name: %.5q", len(hidden), hidden)
		}
		eval[bool](t, b, `(document.getElementById('speedups').scrollIntoView(), true)`)
		b.settle(t)
		b.screenshot(t, "narrow-table", false)
		eval[bool](t, b, `(scrollTo(0, 0), true)`)
		b.settle(t)
		b.screenshot(t, "narrow-top", false)
		b.do(t, chromedp.Click("#theme"))
		b.settle(t)
		b.screenshot(t, "narrow-dark", true)
		b.do(t, chromedp.Click("#theme"))
	})

	t.Run("one CPU", func(t *testing.T) {
		b.open(t, files[:1])
		if slices.Contains(eval[[]string](t, b, `[...document.querySelectorAll('#speedups th')].map(th => th.textContent)`), "Run") {
			t.Error("the table has a column for the run")
		}
		b.screenshot(t, "one", true)
		charts := eval[int](t, b, `document.querySelectorAll('figure').length`)

		// What has one length has no chart, and is in the table.
		few := files[0]
		few.Results = new(benchfile.Results)
		for _, p := range files[0].Results.Points() {
			few.Results.Add(p, files[0].Results.Samples(p)...)
		}
		few.Results.Add(benchfile.Point{Op: "Square", Type: "float64", Kernel: few.Host.Kernel, N: 32}, benchfile.Sample{Calls: 1, Nanoseconds: 9})
		b.open(t, []benchfile.File{few})
		if got := eval[int](t, b, `document.querySelectorAll('figure').length`); got != charts {
			t.Errorf("there are %d charts with one more operation at one length, %d without", got, charts)
		}
		if !slices.Contains(b.column(t, "Operation"), "Square") {
			t.Error("an operation at one length is not in the table")
		}
	})
	t.Run("one CPU twice", func(t *testing.T) {
		again := files[0]
		again.Host.Label = "again"
		b.open(t, []benchfile.File{files[0], again})
		text := eval[string](t, b, `document.getElementById('ratios').textContent`)
		if want := fmt.Sprintf("100.0%% of the %d points that B and A both have are within 5%% of each other.", len(files[0].Results.Points())); !strings.Contains(text, want) || !strings.Contains(text, "All runs are of one CPU.") {
			t.Errorf("it says %q, not %q", text, want)
		}
	})
	b.quiet(t)

	t.Run("complaints", func(t *testing.T) {
		// The page may not use the network, and a refusal would be noticed.
		if eval[bool](t, b, `fetch('http://127.0.0.1:9/').then(() => true, () => false)`) {
			t.Error("the page reached the network")
		}
		b.settle(t)
		b.Lock()
		defer b.Unlock()
		if len(b.complaints) == 0 {
			t.Error("the test does not see what the console shows")
		}
	})
}

// checkReadout fails the test unless the times in a chart's readout are in the
// files.
func checkReadout(t *testing.T, text string, files []benchfile.File) {
	t.Helper()
	times := regexp.MustCompile(`([0-9,.]+) ns`).FindAllStringSubmatch(text, -1)
	if len(times) < 4 || !strings.Contains(text, "GB/s") || !strings.Contains(text, "B limit of") {
		t.Errorf("the readout has %d times:\n%s", len(times), text)
	}
	for _, m := range times {
		if !hasTime(files, func(string, benchfile.Point) bool { return true }, strings.ReplaceAll(m[1], ",", "")) {
			t.Errorf("%s ns is in no file", m[1])
		}
	}
}

func checkTime(t *testing.T, files []benchfile.File, cpu string, p benchfile.Point, time string) {
	t.Helper()
	if !hasTime(files, func(c string, q benchfile.Point) bool { return c == cpu && q == p }, time) {
		t.Errorf("%v on %s: %s ns is not in its file", p, cpu, time)
	}
}

func hasTime(files []benchfile.File, of func(cpu string, p benchfile.Point) bool, time string) bool {
	x, err := strconv.ParseFloat(time, 64)
	if err != nil {
		return false
	}
	for _, f := range files {
		for _, p := range f.Results.Points() {
			if of(f.Host.CPU, p) && slices.ContainsFunc(f.Results.Samples(p), func(s benchfile.Sample) bool { return s.Nanoseconds == x }) {
				return true
			}
		}
	}
	return false
}
