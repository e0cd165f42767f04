// A module of its own, and empty, so that the measurements are not part of
// what users of the library download.
module github.com/seed88f7e06c/relu/benchmarks

go 1.26.0
