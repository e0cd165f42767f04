module github.com/seed88f7e06c/relu/internal/cross

go 1.26.0
