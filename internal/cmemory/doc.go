// Package cmemory is C's memory for the tests with the address sanitizer and the
// memory sanitizer, which watch it: a test file cannot use cgo itself. In other builds
// it is empty.
package cmemory
