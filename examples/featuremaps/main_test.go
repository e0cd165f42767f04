package main

import (
	"image"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed88f7e06c/relu"
)

const asCommand = "FEATUREMAPS_TEST_AS_COMMAND"

// TestMain lets the test binary be the command.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// command runs the command in a folder of its own.
func command(t *testing.T, args ...string) (stdout, stderr string, status int, folder string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, diagnostics strings.Builder
	cmd := exec.Command(self, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), diagnostics.String(), cmd.ProcessState.ExitCode(), cmd.Dir
}

func decode(t *testing.T, path string) image.Image {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return picture
}

func TestEmbeddedImages(t *testing.T) {
	stdout, stderr, status, folder := command(t)
	if status != 0 || stderr != "" {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	for _, want := range []string{
		`images +100 of 28x28 pixels`,
		`activations +338000 float32, 1\.4 MB`,
		`zeroed +33\.7%.* 65\.8% are 0 now`,
		`kernel +` + relu.Kernel(),
		`relu\.InPlace +\d+\.\d{3} ms, \d+\.\d GB/s`,
		`plain Go loop +\d+\.\d{3} ms, \d+\.\d GB/s`,
		`ratio +\d+\.\d, and the same bits in all 338000 activations`,
		`picture +featuremaps\.png`,
		`its rows +T-shirt/top, .*, ankle boot`,
	} {
		if !regexp.MustCompile(`(?m)^` + want).MatchString(stdout) {
			t.Errorf("no line like %q in\n%s", want, stdout)
		}
	}
	samePicture(t, filepath.Join(folder, "featuremaps.png"), "featuremaps.png")
}

// samePicture holds a picture against the one that the README shows.
func samePicture(t *testing.T, path, wantPath string) {
	t.Helper()
	got, want := decode(t, path), decode(t, wantPath)
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%v, want %v as in %s", got.Bounds(), want.Bounds(), wantPath)
	}
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			if got.At(x, y) != want.At(x, y) {
				t.Fatalf("pixel (%d, %d) is not that of %s", x, y, wantPath)
			}
		}
	}
}

// The same images from a folder make the same picture; fewer images a lower one.
func TestFolder(t *testing.T) {
	data, err := filepath.Abs("data")
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status, folder := command(t, "-data", data, "-o", "all.png")
	if status != 0 || !strings.Contains(stdout, "all.png") {
		t.Fatalf("exit status %d: %s%s", status, stdout, stderr)
	}
	samePicture(t, filepath.Join(folder, "all.png"), "featuremaps.png")

	stdout, stderr, status, folder = command(t, "-data", data, "-images", "3")
	if status != 0 || !strings.Contains(stdout, "3 of 28x28 pixels") || !strings.Contains(stdout, "T-shirt/top, trouser, pullover\n") {
		t.Fatalf("exit status %d: %s%s", status, stdout, stderr)
	}
	all := decode(t, "featuremaps.png").Bounds().Dy()
	if few := decode(t, filepath.Join(folder, "featuremaps.png")).Bounds().Dy(); few != all-7*(imageTile+rowGap) {
		t.Errorf("height %d for 3 images, %d for 10", few, all)
	}
}

func TestFailuresAreOneLine(t *testing.T) {
	truncated := t.TempDir()
	sample, err := fs.ReadFile(embedded, "data/sample-images-idx3-ubyte.gz")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(truncated, "sample-images-idx3-ubyte.gz"), sample[:len(sample)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	inTheWay := t.TempDir()

	for name, test := range map[string]struct {
		args []string
		want string // a regular expression
	}{
		"no such folder":      {[]string{"-data", filepath.Join(truncated, "none")}, `none: .+`},
		"truncated":           {[]string{"-data", truncated}, `sample-images-idx3-ubyte\.gz: after \d+ of 78400 elements: unexpected EOF`},
		"nowhere to write":    {[]string{"-o", filepath.Join("none", "x.png")}, `x\.png: .+`},
		"a folder in the way": {[]string{"-o", inTheWay}, regexp.QuoteMeta(inTheWay) + `: .+`},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, status, folder := command(t, test.args...)
			if status != 1 || stdout != "" || !regexp.MustCompile(`^featuremaps: .*`+test.want+`\n$`).MatchString(stderr) {
				t.Errorf("exit status %d, %q, want one line like %q", status, stderr, test.want)
			}
			for _, where := range []string{folder, filepath.Dir(inTheWay)} {
				left, err := filepath.Glob(filepath.Join(where, "*featuremaps*"))
				if err != nil || len(left) > 0 {
					t.Errorf("left behind: %q, %v", left, err)
				}
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"-images is -1":      {"-images", "-1"},
		`flags: "x.png"`:     {"x.png"},
		"defined: -colour":   {"-colour"},
		`"many" for flag -i`: {"-images", "many"},
	} {
		stdout, stderr, status, _ := command(t, args...)
		if status != 2 || stdout != "" || !strings.Contains(stderr, want) || !strings.Contains(stderr, "Usage of") {
			t.Errorf("%q: exit status %d, %q, want 2, %q and the usage", args, status, stderr, want)
		}
	}
}
