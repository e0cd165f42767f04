module github.com/seed88f7e06c/relu/internal/release

go 1.26.0

require golang.org/x/mod v0.42.0
