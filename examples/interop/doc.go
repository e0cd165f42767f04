// Package interop shows relu at work on the arrays of other libraries. It
// exports nothing: the examples are what there is.
package interop
