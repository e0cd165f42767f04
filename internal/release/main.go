// Command release makes a release of this repository in a folder and uses it
// from there as strangers would, without a network: it zips every module as
// the proxies of the Go project do, serves the zips from the file system,
// installs the command, builds, vendors and vets a program that calls the
// library, and runs the library's own tests where the module lies unpacked.
// Run it by make release-check.
//
// With -tags it prints the tags of the release in the order in which they are
// to be pushed, and with -notes what CHANGELOG.md says of it.
//
// It takes what is committed and, of files that git knows, what was changed
// since. The version is the one that the nested modules require the library
// at.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

const library = "github.com/seed88f7e06c/relu"

func main() {
	log.SetFlags(0)
	log.SetPrefix("release: ")
	root := flag.String("root", ".", "the top of the `repository`")
	tags := flag.Bool("tags", false, "print the tags of the release and do nothing else")
	notes := flag.Bool("notes", false, "print the notes of the release and do nothing else")
	flag.Parse()
	if err := run(*root, *tags, *notes); err != nil {
		log.Fatal(err)
	}
}

func run(root string, tags, notes bool) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	t, err := readTree(root, filepath.Join(work, "repository"))
	if err != nil {
		return err
	}
	switch {
	case tags:
		fmt.Println(strings.Join(t.tags(), "\n"))
	case notes:
		fmt.Println(t.notes)
	default:
		return t.check(work)
	}
	return nil
}
