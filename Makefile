# Everything that is done by command. `make` alone lists it.
# CARGO_TARGET_DIR moves the build elsewhere, as with cargo itself.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
# One set of packages for all, so that nothing is built twice with other features.
RELEASE := cargo build --release --workspace --bins

.PHONY: help demo test test-long bench check deny docs picture

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a daemon, a provider, merchants and traffic, and the console on top (without a terminal: a checked show of 20 s)
	@echo "building the release (some minutes the first time)"
	@$(RELEASE)
	@$(TARGET)/release/sluice-sim demo

test: ## all tests, as CI runs them
	@scripts/test.sh

test-long: ## the long forms: thousands of faulty orders, a hundred crashes; licences and advisories
	@SLUICE_LONG=1 scripts/test.sh
	@$(MAKE) --no-print-directory deny

bench: ## orders/s, trades/s and callbacks/s beside the machine's own limits (ARGS="--json --for 5m")
	@$(RELEASE)
	@$(TARGET)/release/sluice-bench $(ARGS)

check: ## formatting and lints, warnings denied; licences, where cargo-deny is installed
	@scripts/needs.sh rust-components
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@scripts/deny.sh --if-installed

deny: ## licences, bans and sources of all dependencies, and advisories where their database can be reached
	@scripts/deny.sh

docs: ## write the generated pages and code anew
	UPDATE=1 cargo test --workspace --test docs --test documents --test generated

picture: ## draw the console's pictures in docs/ anew
	cargo run -p sluice --example picture
