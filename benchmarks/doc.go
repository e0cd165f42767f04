// Package benchmarks has no code: its folder holds a file of measurements for
// each CPU, in a module of its own so that users of the library do not download
// them.
package benchmarks
