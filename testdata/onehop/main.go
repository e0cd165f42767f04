// Command onehop has a function whose machine code a test reads.
package main

import "github.com/seed88f7e06c/relu"

//go:noinline
func rectify(x []float32) { relu.InPlace(x) }

func main() { rectify(make([]float32, 100)) }
