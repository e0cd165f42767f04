module github.com/seed88f7e06c/relu/peers

go 1.26.0

require (
	github.com/klauspost/cpuid/v2 v2.4.2
	github.com/seed88f7e06c/relu v0.1.0
	github.com/tphakala/simd v1.9.0
	github.com/viterin/vek v0.4.3
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da
)

require (
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/chewxy/math32 v1.10.1 // indirect
	github.com/viterin/partial v1.1.0 // indirect
	golang.org/x/exp v0.0.0-20260824195058-e88cd73687aa // indirect
	golang.org/x/sys v0.50.0 // indirect
)
