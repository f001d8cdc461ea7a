# Everything that CI does is a target here; CI calls the same ones.
GO            ?= go
GOLANGCI      ?= $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME      ?= 10s

.PHONY: help generate run test race check format vet lint tidy drift contract breaking workflow clients schemathesis assets peers carriers postgres browser fuzz bench

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the sandbox
	$(GO) run ./cmd/pinpost serve

test: ## the tests, as the README has them
	$(GO) test ./...

race: ## the tests with the race detector, then look for canaries in all logs and error answers
	.ci/race

generate: ## make everything that is made from openapi.yaml
	$(GO) generate ./...

check: format vet lint tidy drift contract breaking workflow clients schemathesis assets race peers carriers postgres browser ## all that must hold before a change goes in

format:
	@test -z "$$(git ls-files '*.go' | xargs gofmt -l)" || { git ls-files '*.go' | xargs gofmt -l; echo "not gofmt-ed"; exit 1; }

vet:
	$(GO) vet ./...

lint:
	$(GOLANGCI) run ./...

tidy:
	$(GO) mod tidy -diff

drift: generate ## generated code is the contract's, and nothing new appears
	git diff --exit-code
	@test -z "$$(git status --porcelain)" || { git status --porcelain; echo "generate made something new"; exit 1; }

contract: ## let redocly and spectral judge the contracts (kin-openapi does in the tests)
	.ci/contract

breaking: ## nothing that the last release promised is broken, and what changed has a version and a line
	.ci/breaking

workflow: ## walk api/workflows against the program, by redocly's reading of the contracts
	.ci/workflow

clients: ## generate clients in three languages from openapi.yaml alone, and run the programs of examples with them
	.ci/clients

schemathesis: ## let schemathesis make requests of the contracts, right ones and wrong ones, and judge the answers
	.ci/schemathesis/run

assets: ## what the binary carries of Swagger UI is what its project publishes
	.ci/assets

peers: ## the tests that need curl and jq (the code and commands of the README and of docs/sandbox.md), and kill -9 of the service
	.ci/peers

carriers: ## carriers against SMSCs, a gateway, phones and others that nobody of us wrote
	.ci/carriers/run

postgres: ## the store on PostgreSQL, against a server of the tests' own
	.ci/postgres

browser: ## the console and the reference in a real Chromium
	.ci/browser/run

fuzz: ## every fuzz target, each for FUZZTIME
	FUZZTIME=$(FUZZTIME) .ci/fuzz

# QUICK=1 shows in a minute that all works. GROWTH=10000,1000000 measures with so many live PINs. BENCH holds other flags.
bench: ## measure the service beside its rivals; see bench/README.md
	bench/run $(if $(QUICK),-quick) $(if $(GROWTH),-growth $(GROWTH)) $(BENCH)
