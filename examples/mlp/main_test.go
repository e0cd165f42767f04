package main

import (
	"encoding/xml"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "silent.png")
	var out strings.Builder
	err := run(&out, []string{"-images", "1000", "-epochs", "2", "-units", "30,20", "-activation", "relu,leaky,prelu,relu6",
		"-compare", "-draw", picture})
	if err != nil {
		t.Fatal(err)
	}
	epoch := `%s +epoch +%d  loss [12]\.\d{4}  accuracy [4-9]\d\.\d\d%%  silent \d+ of 50  \d+\.\d s\n`
	want := ""
	for _, name := range []string{"relu", "leaky", "prelu", "relu6"} {
		want += strings.NewReplacer("%s", name, "%%", "%", "%d", "1").Replace(epoch)
		want += strings.NewReplacer("%s", name, "%%", "%", "%d", "2").Replace(epoch)
		want += name + ` +weights [0-9a-f]{16}  kernel \w+  activation \d+\.\d\d% of the time by relu, \d+\.\d\d% by plain loops: \d+\.\d times as long\n`
	}
	want += `\n\| epoch \| relu \| leaky \| prelu \| relu6 \|\n\|---\|---\|---\|---\|---\|\n` +
		`(\| [012] \|( \d+ \(\d+\.\d\d%\) \|){4}\n){3}`
	if !regexp.MustCompile("^" + want + "$").MatchString(out.String()) {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := png.Decode(f); err != nil {
		t.Error(err)
	}
}

// TestTooHot trains at a rate at which the loss is soon no number: what was seen
// until then must not be lost, nor the other training.
func TestTooHot(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "silent.svg")
	var out strings.Builder
	err := run(&out, []string{"-images", "500", "-epochs", "2", "-units", "30,30,30", "-rate", "1e6", "-activation", "prelu,leaky",
		"-draw", picture})
	if err == nil || !strings.Contains(err.Error(), "prelu: the loss in epoch 1 was NaN: the rate 1e+06 is too high") ||
		!strings.Contains(err.Error(), "leaky: ") {
		t.Errorf("error %v", err)
	}
	if want := "| 2 | - | - |\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("printed %q, want %q at the end", out.String(), want)
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := xml.NewDecoder(f); ; {
		_, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBadFlags(t *testing.T) {
	for want, args := range map[string]string{
		`"x"`:                      "x",
		`no activation "gelu"`:     "-activation relu,gelu",
		`"12a" is no number`:       "-units 30,12a",
		`"0" is no number`:         "-units 0",
		"-epochs 0":                "-epochs 0",
		"-batch -1":                "-batch -1",
		"-rate 0":                  "-rate 0",
		"-rate NaN":                "-rate NaN",
		"-slope -0.1":              "-slope -0.1",
		"-images -3":               "-images -3",
		"-draw picture.txt":        "-draw picture.txt",
		"MNIST in nowhere":         "-data nowhere",
		"flag provided but not de": "-gpu",
	} {
		var out strings.Builder
		if err := run(&out, strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", args, err, want)
		}
		if out.Len() > 0 {
			t.Errorf("%s printed %q", args, out.String())
		}
	}
}
