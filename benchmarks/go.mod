module github.com/seed88f7e06c/relu/benchmarks

go 1.26.0
