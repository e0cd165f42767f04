// Command plugin is loaded by host: go build -buildmode=plugin.
package main

import "github.com/seed88f7e06c/relu"

// InPlace is [relu.InPlace], in the plugin.
func InPlace(x []float32) string {
	relu.InPlace(x)
	return relu.Kernel()
}
