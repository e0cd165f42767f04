// Command host loads the plugin that it is given, and holds it against its own copy
// of the library.
package main

import (
	"fmt"
	"os"
	"plugin"
	"slices"

	"github.com/seed88f7e06c/relu"
)

func main() {
	loaded, err := plugin.Open(os.Args[1])
	if err != nil {
		fail(err)
	}
	symbol, err := loaded.Lookup("InPlace")
	if err != nil {
		fail(err)
	}
	x := make([]float32, 1000)
	for i := range x {
		x[i] = float32(i%3 - 1)
	}
	want := slices.Clone(x)
	for i, v := range want {
		want[i] = max(0, v)
	}
	kernel := symbol.(func([]float32) string)(x)
	if !slices.Equal(x, want) || kernel != relu.Kernel() || kernel == "generic" {
		fail(fmt.Sprintf("the plugin with kernel %s, the host with %s: %v", kernel, relu.Kernel(), x[:6]))
	}
}

func fail(reason any) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}
