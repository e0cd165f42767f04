package docs

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// TestCommands reads every block of commands and holds what it can to what
// exists: targets of make and their variables, folders and benchmarks that go is
// given, verbs and flags of relu. It runs none, because they take minutes, write
// files or need a network.
func TestCommands(t *testing.T) {
	eachBlock(t, "sh", func(t *testing.T, b block) {
		if err := check(b.text); err != nil {
			t.Error(err)
		}
	})
}

// TestConsole runs every command behind a "$ " and holds what it prints to
// what stands below.
func TestConsole(t *testing.T) {
	eachBlock(t, "console", func(t *testing.T, b block) {
		dir := t.TempDir()
		for _, part := range strings.Split("\n"+b.text, "\n$ ")[1:] {
			line, want, _ := strings.Cut(part, "\n")
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
			out, _ := cmd.CombinedOutput()
			if got := strings.TrimSpace(string(out)); got != strings.TrimSpace(want) {
				t.Errorf("%s printed\n%s\nnot\n%s", line, got, want)
			}
		}
	})
}

// binary is the command of cmd/relu.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "docs")
	if err != nil {
		log.Fatal(err)
	}
	binary = filepath.Join(dir, "relu")
	out, err := exec.Command("go", "build", "-C", filepath.Join(root, "cmd", "relu"), "-o", binary, ".").CombinedOutput()
	if err != nil {
		log.Fatalf("go build: %v\n%s", err, out)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func check(text string) error {
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return err
	}
	var failed error
	dir, made := root, ""
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 || failed != nil {
			return true
		}
		var args []string
		for _, word := range call.Args {
			args = append(args, literal(word))
		}
		switch args[0] {
		case "make":
			failed = checkMake(args[1:])
		case "go":
			if made == "" || !strings.HasPrefix(dir, made) {
				failed = checkGo(dir, args[1:])
			}
		case "relu":
			failed = checkRelu(args[1:])
		case "cd":
			// A clone of the repository is the repository.
			if args[1] != "relu" {
				dir = filepath.Join(dir, args[1])
			}
		case "mkdir":
			made = filepath.Join(dir, args[len(args)-1])
		case "benchstat", "git", "gzip", "npm", "zcat":
		default:
			failed = fmt.Errorf("nothing here can check %s", args[0])
		}
		if failed != nil {
			failed = fmt.Errorf("%s: %w", strings.Join(args, " "), failed)
		}
		return true
	})
	return failed
}

// literal is the word without its quotes; what a shell would put in is "".
func literal(w *syntax.Word) string {
	var text strings.Builder
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			text.WriteString(part.Value)
		case *syntax.SglQuoted:
			text.WriteString(part.Value)
		case *syntax.DblQuoted:
			text.WriteString(literal(&syntax.Word{Parts: part.Parts}))
		}
	}
	return text.String()
}

var variable = regexp.MustCompile(`^([A-Z]+)=(.*)$`)

func checkMake(args []string) error {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		return err
	}
	if len(args) > 1 && args[0] == "-C" {
		args = args[2:]
	}
	if len(args) == 0 {
		return errors.New("no target")
	}
	for _, arg := range args {
		if v := variable.FindStringSubmatch(arg); v != nil {
			if !bytes.Contains(makefile, []byte("$("+v[1]+")")) {
				return fmt.Errorf("the Makefile has no variable %s", v[1])
			}
			if v[1] == "BENCH" {
				if err := listed(root, "Benchmark", v[2]); err != nil {
					return err
				}
			}
		} else if !bytes.Contains(makefile, []byte("\n"+arg+":")) {
			return fmt.Errorf("the Makefile has no target %s", arg)
		}
	}
	return nil
}

// checkRelu has the command parse its arguments and then only help.
func checkRelu(args []string) error {
	if slices.Contains(args, "--version") {
		return nil
	}
	if out, err := exec.Command(binary, append(args, "--help")...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

const library = "github.com/seed88f7e06c/relu"

// checkGo looks for the folders and tests that the arguments name.
func checkGo(dir string, args []string) error {
	if len(args) == 0 {
		return errors.New("no verb")
	}
	for i := 0; i < len(args); i++ {
		if args[i] == "-C" {
			dir = filepath.Join(dir, args[i+1])
			args = slices.Delete(args, i, i+2)
		}
	}
	verb, args := args[0], args[1:]
	if !slices.Contains([]string{"build", "get", "install", "list", "mod", "run", "test", "tool", "vet", "work"}, verb) {
		return fmt.Errorf("no verb %s", verb)
	}
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "@")
		var folder string
		if name == library || strings.HasPrefix(name, library+"/") {
			folder = filepath.Join(root, strings.TrimPrefix(name, library))
		} else if name == "." || strings.HasPrefix(name, "./") {
			folder = filepath.Join(dir, strings.TrimSuffix(name, "/..."))
		} else {
			continue
		}
		if stat, err := os.Stat(folder); err != nil {
			return err
		} else if !stat.IsDir() {
			return fmt.Errorf("%s is no folder", folder)
		}
	}
	for i := range len(args) - 1 {
		if kind := kinds[args[i]]; verb == "test" && kind != "" && args[i+1] != "^$" {
			if err := listed(dir, kind, args[i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// kinds are what flags of go test choose from.
var kinds = map[string]string{"-bench": "Benchmark", "-fuzz": "Fuzz", "-run": "Test"}

// listed wants the package in dir to have a function of the kind that the
// expression matches.
func listed(dir, kind, expression string) error {
	expression, _, _ = strings.Cut(expression, "/")
	cmd := exec.Command("go", "test", "-list", expression, ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	if !bytes.Contains(append([]byte("\n"), out...), []byte("\n"+kind)) {
		return fmt.Errorf("no %s is called %s", kind, expression)
	}
	return nil
}

func TestCheckCommands(t *testing.T) {
	for _, good := range []string{
		"make test",
		"make bench BENCH=Ratio # some minutes",
		"go install " + library + "/cmd/relu@latest",
		"git clone https://" + library + " && cd relu && go -C cmd/relu install .",
		"relu apply --op leaky --slope 0.1 a.npy | gzip",
		"RELU_KERNEL=sse2 relu info",
		"go test -run '^$' -bench Lengths/InPlace .",
	} {
		if err := check(good); err != nil {
			t.Error(err)
		}
	}
	for _, wrong := range []string{
		"make nothing",
		"make bench NOTHING=1",
		"make bench BENCH=Nothing",
		"go install " + library + "/cmd/nothing@latest",
		"go run ./examples/nothing",
		"go -C nothing install .",
		"go test -bench Nothing .",
		"relu nothing",
		"relu apply --nothing a.npy",
		"rm -rf /",
		"if",
	} {
		if check(wrong) == nil {
			t.Errorf("%s is taken for good", wrong)
		}
	}
}
