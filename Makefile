# make help lists what there is.

MODULES     := . $(patsubst %/go.mod,%,$(shell git ls-files -co --exclude-standard '*/go.mod'))
LIBRARY     := github.com/seed88f7e06c/relu
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
ACTIONLINT  := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
FUZZTIME    ?= 10s
BENCH       ?= .

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: ## rectify the feature maps of real photographs and draw them
	@mkdir -p out
	go run ./examples/featuremaps -o out/featuremaps.png

# A result kept from before would not know of files that changed in another module.
.PHONY: test
test: ## vet and test every module, and this one under the race detector
	@set -e; for m in $(MODULES); do \
		echo "== $$m"; \
		(cd $$m && go vet ./... && go test -count=1 ./...); \
	done
	go test -race -short -run 'Race|ParallelCalls|Bias|PReLU' .

SAMPLE ?= 0

.PHONY: mutants
mutants: ## make each instruction of the kernels wrong, or SAMPLE of them, and see the tests catch it
	@mkdir -p out
	go run -C internal/audit/mutants . -root $(CURDIR) -sample $(SAMPLE) -results $(CURDIR)/out/mutants.txt

.PHONY: generate
generate: ## write the kernels and all that follows from the table in asmgen
	cd asmgen && go run .

DIR ?= .

.PHONY: generated
generated: ## show that the generated files of DIR are, to the byte, what asmgen makes
	go test -C asmgen -count=1 -v -run GeneratedFilesAreCurrent . -library $(abspath $(DIR))

.PHONY: vuln
vuln: ## look for known vulnerabilities in what each module uses
	@set -e; for m in $(MODULES); do \
		echo "== $$m"; \
		(cd $$m && go run $(GOVULNCHECK) ./...); \
	done

.PHONY: licences
licences: ## list what is built in, and its licences, in docs/licences.md
	go run -C internal/licences .

.PHONY: tidy
tidy: ## go mod tidy in every module, with those that others require as they lie here
	@set -e; for m in $(MODULES); do \
		echo "== $$m"; \
		(cd $$m && trap 'go mod edit -dropreplace=$(LIBRARY) -dropreplace=$(LIBRARY)/examples/mlp' EXIT && \
			go mod edit -replace=$(LIBRARY)=$(CURDIR) -replace=$(LIBRARY)/examples/mlp=$(CURDIR)/examples/mlp && \
			GOWORK=off go mod tidy); \
	done

.PHONY: version
version: ## have the modules require VERSION of the library, and of each other
	@set -e; for m in $(MODULES); do \
		for r in $$(sed -n 's,^\(require \|\t\)\($(LIBRARY)[^ ]*\) v.*,\2,p' $$m/go.mod); do \
			(cd $$m && go mod edit -require=$$r@$(VERSION)); \
		done; \
	done
	go work edit $$(sed -n 's,^\(replace \|\t\)\($(LIBRARY)[^ ]*\) \(v[^ ]*\) => .*,-dropreplace=\2@\3,p' go.work) \
		-replace=$(LIBRARY)@$(VERSION)=./ -replace=$(LIBRARY)/examples/mlp@$(VERSION)=./examples/mlp

.PHONY: release-check
release-check: ## make a release in a folder, install and use it from there
	go run ./internal/release

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	internal/fuzz/fuzz.sh $(FUZZTIME)

.PHONY: float64
float64: ## put 2^34 float64, random and about what has a meaning, through each kernel
	go test -count=1 -v -timeout 5h -run '^TestFloat64Patterns$$' . -float64 34

SOAK ?= 60s

.PHONY: soak
soak: ## make every call from many goroutines under signals and collections for SOAK
	go test -count=1 -v -timeout 0 -run '^TestSoak$$' . -soak $(SOAK)

.PHONY: huge
huge: ## make every call on slices of more than 2^32 elements
	go test -count=1 -v -timeout 1h -run '^TestHuge$$' . -huge

.PHONY: cross
cross: ## test on emulated CPUs, build for every platform
	internal/cross/cross.sh

PART ?= 1/1

.PHONY: cross-exhaustive
cross-exhaustive: ## put all float32, or the PART 2/8 of them, through the kernels of emulated CPUs
	internal/cross/cross.sh exhaustive $(PART)

.PHONY: cross-command
cross-command: ## build the command for every platform that needs no cgo
	@cd cmd/relu && go tool dist list | while IFS=/ read -r goos goarch; do \
		if errors=$$(CGO_ENABLED=0 GOOS=$$goos GOARCH=$$goarch go build -o /dev/null . 2>&1); then \
			echo "$$goos/$$goarch: builds"; \
		elif echo "$$errors" | grep -q 'requires external (cgo) linking'; then \
			echo "$$goos/$$goarch: needs cgo"; \
		else \
			echo "$$errors"; echo "$$goos/$$goarch: FAIL"; exit 1; \
		fi; \
	done

.PHONY: builds
builds: ## test what users build: sanitizers, flags, C libraries, plugins, Wine; QUICK=1 for a part
	internal/builds/builds.sh $(if $(QUICK),quick)

.PHONY: bench
bench: ## measure each operation against its limit and the plain loop
	go test -run '^$$' -bench '$(BENCH)' -timeout 1h .

.PHONY: bench-cpu
bench-cpu: ## measure this CPU into benchmarks/, in four minutes
	@mkdir -p benchmarks out
	cd cmd/relu && go build -o ../../out/relu .
	out/relu bench -o benchmarks/

PICTURED ?= benchmarks/amd-epyc-family-26-model-2.txt

.PHONY: report
report: ## make the page of all in benchmarks/, and the pictures of PICTURED
	@mkdir -p out
	cd cmd/relu && go build -o ../../out/relu .
	out/relu report benchmarks/*.txt -o benchmarks/report.html
	out/relu report $(PICTURED) --svg docs/inplace-float32-throughput.svg
	out/relu report $(PICTURED) --svg docs/inplace-float32-time.svg --ns

.PHONY: peers
peers: ## run the same work by others and print where relu loses
	cd peers && GOEXPERIMENT=simd go run .

.PHONY: mca
mca: ## hold the kernels against llvm-mca's models of other CPUs
	go run ./internal/mca

.PHONY: lint
lint: ## gofmt, go vet, staticcheck and actionlint; actions by digest, no leftovers
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt: $$unformatted"; exit 1; }
	@set -e; for m in $(MODULES); do \
		echo "== $$m"; \
		(cd $$m && go vet ./... && go run $(STATICCHECK) ./...); \
	done
	@left=$$(git ls-files -c -o --exclude-standard '*.orig' '*.rej' '*~' '*.swp' '*.bak'); [ -z "$$left" ] || { echo "lint: left behind: $$left"; exit 1; }
	go run $(ACTIONLINT)
	@! grep -Hn '^[^#]*uses:' .github/workflows/*.yml | grep -Ev 'uses: (\./|[a-z/-]+@[0-9a-f]{40} # v[0-9.]+$$)' || \
		{ echo "lint: an action is not pinned by its digest"; exit 1; }
