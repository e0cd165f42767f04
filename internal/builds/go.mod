module github.com/seed88f7e06c/relu/internal/builds

go 1.26.0

require github.com/seed88f7e06c/relu v0.1.0

require (
	github.com/klauspost/cpuid/v2 v2.4.2 // indirect
	golang.org/x/sys v0.50.0 // indirect
)
