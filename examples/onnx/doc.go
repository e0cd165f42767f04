// Package onnx holds relu against onnxruntime, and puts it into gonnx, an
// engine in Go. It exports nothing: the tests and the example are what there is.
package onnx
