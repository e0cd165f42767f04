package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestPageIsCurrent(t *testing.T) {
	want, err := list("../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/licences.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/licences.md is not what make licences writes:\n%s", want)
	}
}

// Each licence allows what the project's own does: nothing asks more than that
// its text be kept.
func TestLicencesAllow(t *testing.T) {
	page, err := os.ReadFile("../../docs/licences.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\S+/\S+) \| (.*?) \|`).FindAllSubmatch(page, -1)
	if len(rows) == 0 {
		t.Error("docs/licences.md names no module")
	}
	allowed := regexp.MustCompile(`^(MIT|BSD-[23]-Clause|Apache-2\.0|ISC)$`)
	for _, row := range rows {
		for name := range bytes.SplitSeq(row[2], []byte(", ")) {
			if !allowed.Match(name) {
				t.Errorf("%s is under %s", row[1], name)
			}
		}
	}
}

func TestLicenceOf(t *testing.T) {
	dir := t.TempDir()
	if name, err := licenceOf(dir); err == nil {
		t.Errorf("an empty folder is under %s", name)
	}
	ours, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "LICENSE.txt"), ours, 0o666); err != nil {
		t.Fatal(err)
	}
	if name, err := licenceOf(dir); err != nil || name != "BSD-3-Clause" {
		t.Errorf("the licence of this repository is read as %q, %v", name, err)
	}
}
