# Short cuts; the work is done by scripts/, cargo and CMake.

# A file for the demo to upload.
FILE ?= README.md
# Through the environment, where no character of the name means anything.
export FILE

# How long each target is fuzzed.
SECONDS ?= 60

MAKEFLAGS += --no-print-directory

# Where rustup puts cargo, in case the shell does not know yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: help setup build demo test header format lint check-package emulator bench bench-verify console-pictures simulate-retries test-kill test-torture test-power-cut test-soak test-thirty-days interop test-random-calls test-races test-miri fuzz mutants clean test-builds cross
.DEFAULT_GOAL := help

help: ## Print the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## Install the tools that are missing
	@scripts/setup.sh test

build: ## Build the release and install it to target/package/prefix
	@scripts/setup.sh build
	@scripts/install-package.sh "$(CURDIR)/target/package/prefix"

demo: ## Upload FILE (README.md) with a callback, from C and from C++
	@scripts/setup.sh build
	@scripts/demo.sh "$$FILE"

test: ## Run all tests, with all set-up
	@scripts/test.sh

header: ## Generate include/ossbind.h again
	OSSBIND_UPDATE_HEADER=1 cargo test --locked --test abi committed_header

format: ## Format Rust, C and C++
	@scripts/check-format.sh --fix

lint: ## Run clippy on everything
	cargo clippy --workspace --all-targets --locked -- -D warnings

check-package: ## Test the installed package from outside
	@scripts/check-package.sh

emulator: ## Serve a local OSS on port 9000, and its console on port 9009
	cargo run --locked --package ossbind-emulator -- serve --control 9009

console-pictures: ## Draw docs/console/, pictures of the console of the local OSS
	@scripts/setup.sh test
	OSSBIND_TEST_CONSOLE_PICTURES=docs/console cargo test --locked --test console uploads

test-kill: ## Kill an uploading process 200 times, and resume
	OSSBIND_TEST_KILLS=200 cargo test --locked --test resume a_killed -- --nocapture

test-torture: ## Fail every system call of the examples, and write docs/torture.md
	@scripts/setup.sh test
	OSSBIND_TEST_TORTURE=1 cargo test --locked --test torture -- --nocapture

test-power-cut: ## Cut the power of a board after every write, and write docs/power-cuts.md
	@scripts/setup.sh test
	OSSBIND_TEST_POWER_CUTS=1 cargo test --locked --test power_cut -- --nocapture

test-soak: ## Upload 200,000 times while things go wrong, and draw docs/soak.svg
	OSSBIND_TEST_SOAK=200000 cargo test --locked --test soak -- --nocapture

test-thirty-days: ## Run an outbox through a month of bad weather, and draw docs/outbox-month.svg
	OSSBIND_TEST_THIRTY_DAYS=100000 cargo test --locked --test thirty_days -- --nocapture

interop: ## Compare with the vendor's SDKs for Python and Node.js, and write docs/interop.md
	@scripts/interop.sh $(SEED)

test-random-calls: ## Call the C API 200,000 times at random while things go wrong
	OSSBIND_TEST_RANDOM_CALLS=200000 cargo test --locked --test random_calls -- --nocapture

test-builds: ## Build in two folders for the same bytes, and with debug information
	@scripts/check-builds.sh

cross: ## Build for TARGETS (all boards it knows), try them in emulated processors, and write docs/boards.md
	@scripts/cross.sh $(TARGETS)

test-races: ## Look for data races under load, with ThreadSanitizer
	@scripts/check-races.sh

test-miri: ## Interpret the tests of the C boundary, with Miri
	@scripts/check-miri.sh

fuzz: ## Fuzz every target for SECONDS (60)
	@scripts/fuzz.sh $(SECONDS) $(TARGET)

mutants: ## Change the code in small ways, and see whether a test notices
	cargo mutants --version > /dev/null 2>&1 || cargo install --locked cargo-mutants
	cargo mutants --package ossbind --output target -- --locked

bench: ## Measure what uploads cost, beside libcurl and a raw socket
	@scripts/setup.sh bench
	cargo rustc --locked --release --lib --crate-type cdylib,staticlib
	cargo bench --locked --bench upload_cost

bench-verify: ## Measure what verifying a callback costs, a million times
	@scripts/setup.sh build
	cargo rustc --locked --release --lib --crate-type staticlib
	cc -std=c99 -O2 -Iinclude benches/verify_cost.c target/release/libossbind.a -lm -lpthread -ldl -lgcc_s \
	  -o target/verify_cost
	target/verify_cost

simulate-retries: ## Simulate a fleet after an outage, and draw its load
	cargo bench --locked --profile dev --bench retry_simulation

clean: ## Remove target/, all that cargo built
	cargo clean
