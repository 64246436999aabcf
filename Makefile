# The two commands that matter: `make demo` and `make test`. Both work on a fresh Debian 12 with a Swift 6.3 toolchain.

SWIFT_FLAGS = -c release
DUBKIT = .build/release/dubkit
PYTHON = python3
PREFIX = /usr/local

.PHONY: all setup build wheel install dist deb check-release demo test test-python format check docs gradients containers docc man completions samples bench clean

all: build

# Debian packages that the build needs; does nothing if they are installed.
setup:
	@sh scripts/dev/install-packages.sh build

# Next to the program goes what plugin files are built against, as in an installed kit.
build: setup
	swift build $(SWIFT_FLAGS) --product dubkit
	sh scripts/dev/stage-plugin-kit.sh "$$(readlink -f .build/release)/../lib/dubkit"

# The Python package that runs exported encoders: .build/python/dubkit-*.whl, for any Python from 3.9 on.
wheel:
	@sh scripts/dev/install-packages.sh python
	rm -rf .build/python/source .build/python/*.whl
	mkdir -p .build/python
	cp -r python .build/python/source
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || date +%s) /usr/bin/python3 -m pip wheel -q --no-build-isolation --no-deps \
		-w .build/python .build/python/source

# Compares the package with the program, in a fresh virtual environment.
test-python: build wheel
	sh scripts/dev/test-python.sh

# Puts the kit under PREFIX: bin/dubkit, lib/dubkit to build plugins with, manual pages and shell completion.
install: build man completions
	sh scripts/dev/install.sh "$(DESTDIR)$(PREFIX)"

# The kit for machines without a Swift toolchain, below .build/release-files: an archive, and a Debian package.
dist: build wheel man completions
	sh scripts/dev/install-packages.sh release
	sh scripts/dev/release/archive.sh .build/release-files

deb: build man completions
	sh scripts/dev/install-packages.sh release
	sh scripts/dev/release/deb.sh .build/release-files

# Tries both on a clean Debian 12 in a chroot. Needs root.
check-release: dist deb
	sh scripts/dev/install-packages.sh release-check
	sh scripts/dev/release/check.sh .build/release-files

# Trains the dub-paired recipe on the sample films, measures held-out retrieval, and writes a report to look at.
demo: build
	$(DUBKIT) run scripts/pretrain/simclr_dub.lua
	$(DUBKIT) report runs/simclr_dub

# The tests are built as a product: `swift build --build-tests` would also build the tools of the dependencies.
test: build
	sh scripts/dev/install-packages.sh tests
	swift build $(SWIFT_FLAGS) --product dubkitPackageTests
	swift build $(SWIFT_FLAGS) --product TrainingProgram
	sh scripts/dev/run-tests.sh

format:
	swift format -i -r Sources Tests Package.swift

# What CI checks besides the tests: formatting, layers, file sizes, Lua style, generated pages, DocC.
check: build
	sh scripts/dev/install-packages.sh checks
	swift format lint --strict -r Sources Tests Package.swift
	sh scripts/dev/size-report.sh
	luacheck -q scripts samples benchmarks
	sh scripts/dev/check-docs.sh
	sh scripts/dev/check-architecture.sh
	sh scripts/dev/docc.sh
	$(PYTHON) benchmarks/test_harness.py

# Writes docs/reference from the declarations of the plugins.
docs: build
	$(DUBKIT) docs docs/reference

# Writes docs/gradients.md from the tests' catalogue of ops.
gradients: build
	swift build $(SWIFT_FLAGS) --product dubkitPackageTests
	DUBKIT_WRITE_PAGES=1 swift test $(SWIFT_FLAGS) --skip-build --filter GradientsPageTests

# Writes the table of containers in docs/guide/reading.md.
containers: build
	swift build $(SWIFT_FLAGS) --product dubkitPackageTests
	DUBKIT_WRITE_PAGES=1 swift test $(SWIFT_FLAGS) --skip-build --filter ContainerTests/theGuideHasTheTable

# DocC archives of Kit's public API, below .build/docc.
docc: build
	sh scripts/dev/docc.sh

# Manual pages and shell completion, from the argument parser, below .build/share.
man: build
	$(DUBKIT) --experimental-dump-help > .build/help.json
	rm -rf .build/share/man/man1
	$(DUBKIT) run scripts/dev/man_pages.lua --set help=.build/help.json --set out=.build/share/man/man1

completions: build
	mkdir -p .build/share/bash-completion/completions .build/share/zsh/site-functions .build/share/fish/vendor_completions.d
	$(DUBKIT) --generate-completion-script bash > .build/share/bash-completion/completions/dubkit
	$(DUBKIT) --generate-completion-script zsh > .build/share/zsh/site-functions/_dubkit
	$(DUBKIT) --generate-completion-script fish > .build/share/fish/vendor_completions.d/dubkit.fish

# Makes the sample films again.
samples: build
	sh scripts/dev/install-packages.sh samples
	$(DUBKIT) run samples/make_movies.lua --set out=samples/movies

# Side by side with PyTorch and others; DUBKIT_PEERS_PYTHON names a Python with benchmarks/peers/requirements.txt.
# ROWS="log-mel clip" measures the rows whose names begin with these words.
bench: build
	swift build $(SWIFT_FLAGS) --product dubkit-bench
	$(PYTHON) benchmarks/run.py $(ROWS)

clean:
	swift package clean
