module github.com/seed88f7e06c/relu/internal/audit

go 1.26.0

require golang.org/x/arch v0.33.0
