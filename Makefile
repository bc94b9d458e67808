# The commands of the project. `make run` needs Go, `make test` a C compiler (for
# the race detector), curl and PostgreSQL besides.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO      ?= go
# The packages whose tests need a database: they run on PostgreSQL behind the wall
# of row-level security too, those that differ most by engine on plain PostgreSQL as well.
STORED = ./internal/store/... ./internal/lists ./internal/service/... ./internal/api ./internal/demo ./internal/gen ./internal/job ./internal/move
PLAIN = ./internal/store/... ./internal/lists ./internal/job ./internal/move
# Tests that ask thousands of times what the rules, not the engine, decide: they run once, without
# the race detector.
MATRIX = ^Test(Matrix|MatrixLists|Replay.*)$$
# Tests of the store that choose their engine by themselves: the first line of
# test runs them.
STORE_OWN = ^Test(FaultsOfPostgres|CheckOfPostgres|CheckOfTheWalledRole|ReadsFollow|Replica|Migrator|OneOrganizationIsLost)
# Tests of e2e that choose their engines by themselves: they run once.
OWN_ENGINE = ^Test(Backup|Database|FormerRelease|Move|OneServer)
# The big packages run under the race detector with the tests in which goroutines meet, and once whole without it.
BIG = ./internal/service ./internal/api ./internal/lists
TOGETHER = Parallel|Simultaneous|Many|AtOnce|Concurrent|Twice|Shared|ReadersAndWriters
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: run build test postgres lint bench fuzz clean

run: build
	@./bin/guanxi demo

build:
	@mkdir -p bin
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/guanxi ./cmd/guanxi

# Everything that can fail. The race detector runs where goroutines meet; the
# embedded database is transpiled code and slow under it, so the crash test
# runs the plain binary. What is about PostgreSQL only runs in the first line
# too, with the race detector.
test: postgres
	$(GO) test -race $$($(GO) list ./cmd/... ./internal/... | grep -v -e /service$$ -e /internal/api$$ -e /lists$$)
	$(GO) test -race -run '$(TOGETHER)' $(BIG)
	$(GO) test $(BIG)
	GUANXI_TEST_ENGINE=postgres $(GO) test -skip '$(STORE_OWN)' $(PLAIN)
	GUANXI_TEST_ENGINE=walled $(GO) test -skip '$(STORE_OWN)|$(MATRIX)' $(STORED)
	$(GO) test -count=1 ./e2e/...
	GUANXI_TEST_ENGINE=postgres $(GO) test -count=1 -skip '$(OWN_ENGINE)' ./e2e

# The tests start PostgreSQL servers of their own from the installed programs.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || { \
	  echo "PostgreSQL 15 or newer is needed for the tests"; \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql; }

lint:
	@test -z "$$(gofmt -l cmd internal e2e)" || { gofmt -l cmd internal e2e; echo "gofmt: run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

# Needs PostgreSQL, and wrk for the section calls (Debian: apt-get install wrk postgresql). Sizes by
# BENCH_SIZES="10000 100000", organizations of the section calls by BENCH_ORGS=10; what else there is by
# BENCH_FLAGS="-sections lists,creates -engine sqlite".
bench: build
	$(GO) run ./e2e/bench -binary bin/guanxi $(BENCH_FLAGS)

# Every fuzz target, each for FUZZTIME. What is found goes to testdata/fuzz of its package and is a test from
# then on.
FUZZTIME ?= 60s
FUZZ = api/param:FuzzDecode api/param:FuzzDigest api/param:FuzzHeaderToken api/v2:FuzzReaders api/v2:FuzzListQuery \
	api:FuzzIfMatch api:FuzzLists api:FuzzWrites service:FuzzCursor service:FuzzFilter field:FuzzMerge blob:FuzzCheckKey blob:FuzzCleanName \
	blob:FuzzTypeOf picture:FuzzMeasure picture:FuzzOrientation picture:FuzzParse staticmap:FuzzParse zh:FuzzPinyin

fuzz:
	@for target in $(FUZZ); do \
	  echo "$${target#*:} of internal/$${target%:*}"; \
	  $(GO) test ./internal/$${target%:*} -run '^$$' -fuzz "^$${target#*:}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s || exit 1; \
	done

clean:
	rm -rf bin
