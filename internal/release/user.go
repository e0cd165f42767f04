package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A user has a release and an empty folder.
type user struct {
	at
	version string
}

// newUser is a user who reaches the module cache of this machine and what is
// published in proxy, and nothing else.
func newUser(dir, proxy, version string) (*user, error) {
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(),
		"GOPROXY="+fileURL(proxy)+","+fileURL(filepath.Join(strings.TrimSpace(string(cache)), "cache", "download")),
		"GOSUMDB=off",
		"GOWORK=off",
		"GOTOOLCHAIN=local",
		"GOMODCACHE="+filepath.Join(dir, "modules"),
		"GOBIN="+filepath.Join(dir, "bin"),
		// The cache can be removed, and a second run finds what the first one built.
		"GOFLAGS=-modcacherw -trimpath",
	)
	return &user{at{dir, env}, version}, os.MkdirAll(dir, 0o777)
}

func (u *user) installCommand() error {
	if _, err := u.run("go", "install", library+"/cmd/relu@"+u.version); err != nil {
		return err
	}
	printed, err := u.run(filepath.Join(u.dir, "bin", "relu"), "--version")
	if err != nil {
		return err
	}
	if want := "relu " + u.version; printed != want {
		return fmt.Errorf("the installed command says that it is %q, not %q", printed, want)
	}
	return nil
}

const consumer = `package main

import (
	"fmt"

	"` + library + `"
)

func main() {
	x := []float32{-2, -1, 0, 1, 2}
	relu.InPlace(x)
	fmt.Println(x)
}
`

func (u *user) useLibrary() error {
	in := at{filepath.Join(u.dir, "consumer"), u.env}
	if err := os.MkdirAll(in.dir, 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(in.dir, "main.go"), []byte(consumer), 0o666); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"go", "mod", "init", "example.com/consumer"},
		{"go", "get", library + "@" + u.version},
		{"go", "list", "-m", "all"},
		{"go", "vet", library},
		{"go", "test", "-short", library},
		{"go", "mod", "vendor"},
		{"go", "vet", "./..."},
	} {
		if _, err := in.run(args...); err != nil {
			return err
		}
	}
	printed, err := in.run("go", "run", "-mod=vendor", ".")
	if err != nil {
		return err
	}
	if want := "[0 0 0 1 2]"; printed != want {
		return fmt.Errorf("a program that calls the library printed %q, not %q", printed, want)
	}
	return nil
}

// at is a folder and an environment in which commands run.
type at struct {
	dir string
	env []string
}

// run prints the command and what it prints, and returns the latter.
func (a at) run(args ...string) (string, error) {
	fmt.Println("$", strings.Join(args, " "))
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = a.dir, a.env
	out, err := cmd.CombinedOutput()
	fmt.Print(string(out))
	if err != nil {
		err = fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), err
}
