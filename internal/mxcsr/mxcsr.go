//go:build amd64

// Package mxcsr reads and sets the thread's MXCSR, which holds the rounding
// mode and whether subnormals are flushed to zero, for tests. C libraries that
// were built for fast mathematics leave it changed. A goroutine that sets it
// must have locked its thread.
package mxcsr

// Bits of the register.
const (
	DenormalsAreZero = 1 << 6
	RoundDown        = 1 << 13
	RoundUp          = 1 << 14
	RoundToZero      = RoundDown | RoundUp
	FlushToZero      = 1 << 15
)

// Get is the register's value.
func Get() uint32

// Set gives the register a value.
func Set(value uint32)
