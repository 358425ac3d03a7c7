# Every target does its own set-up: scripts/setup.sh installs what is missing, and only that.

PIPELINE ?= pipelines/post-session.yaml
SECONDS  ?= 60
FRAMES   ?= 40
MEDIA    ?= samples
PREFIX   ?= /usr/local
DESTDIR  ?=

SWIFT_SOURCES = Package.swift Sources Tests Fuzz/Package.swift Fuzz/Sources/BoxMutation Fuzz/Sources/MediaFuzz Fuzz/Sources/TextFuzz

# Built as a release, for tests: apart from the release that is installed.
SWEEP = CLIPSHIP_SWEEP=long scripts/run-tests.sh -c release --scratch-path .build/sweeps \
    -Xswiftc -enable-testing

.DEFAULT_GOAL := help
.PHONY: help run test build lint format bench sanitize reference sheet matrix crash-sweep fuse-sweep fault-sweep torture change-sweep \
    company-sweep conformance load fuzz install uninstall deb hardening reproducible release clean samples cluster-test

help: ## this list
	@echo 'clipship: make TARGET'
	@echo
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: build ## ship the samples to the local service (PIPELINE=file for another pipeline)
	"$$(swift build -c release --show-bin-path)/clipship" run '$(PIPELINE)'

test: ## run all tests
	scripts/setup.sh test
	scripts/run-tests.sh

build: ## build the release
	scripts/setup.sh build
	swift build -c release

lint: ## check the style of the Swift sources, the directions of imports, words, errors that are dropped, and how programs that are built are linked
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	scripts/layers.sh
	scripts/words.sh
	scripts/named-files.sh
	scripts/swallowed.sh
	@if [ -e .build/dist/clipship ]; then scripts/check-hardening.sh .build/dist/clipship .build/dist/clipship-media; \
	else echo 'lint: there are no programs in .build/dist; make hardening builds and checks them'; fi

hardening: ## build the programs as they are installed, and check how they are linked
	scripts/setup.sh build
	scripts/build-release.sh
	scripts/check-hardening.sh .build/dist/clipship .build/dist/clipship-media

format: ## put the Swift sources into that style
	swift format --in-place --recursive $(SWIFT_SOURCES)

bench: ## measure clipship: time, memory, a run with nothing to do, uploads, pictures (CLIPS=, ROUNDS=)
	scripts/setup.sh bench
	swift build -c release
	Benchmarks/speed.sh
	Benchmarks/memory.sh
	Benchmarks/unchanged.sh
	Benchmarks/upload.sh
	Benchmarks/pictures.sh

sanitize: ## run all tests under the address and the thread sanitizer
	scripts/setup.sh test
	ASAN_OPTIONS='detect_leaks=0:suppressions="$(CURDIR)/Tests/address-exceptions.txt"' \
	    scripts/run-tests.sh --sanitize=address --scratch-path .build/address
	scripts/run-tests.sh --sanitize=thread --scratch-path .build/thread

reference: ## compare many more frames with those that ffmpeg decodes (FRAMES=40 of each file)
	scripts/setup.sh test
	CLIPSHIP_REFERENCE_FRAMES=$(FRAMES) scripts/run-tests.sh --filter FrameTests

sheet: build ## make a picture sheet of the thumbnails of all recordings in a folder (MEDIA=folder)
	scripts/setup.sh test
	scripts/picture-sheet.sh '$(MEDIA)'

matrix: ## build, run and test in minimal Debian systems, and on small and odd ones (needs root and debootstrap)
	scripts/matrix.sh full
	scripts/matrix.sh package
	swift build -c release
	scripts/odd-systems.sh

cluster-test: ## shards on a Slurm of this machine, by GNU parallel and Snakemake: the same bytes as one run
	scripts/setup.sh test
	swift build
	scripts/cluster-test.sh "$$(swift build --show-bin-path)"

crash-sweep: ## kill a run at each of its steps and at random moments, and go on with it
	scripts/setup.sh test
	$(SWEEP) --filter CrashSweepTests

fuse-sweep: ## the short crash sweep on a disk without locks and shared maps (needs root, and FUSE)
	scripts/setup.sh test
	scripts/fuse-sweep.sh

fault-sweep: ## lose each answer of the service, and make a fifth of all calls fail in every way
	scripts/setup.sh test
	$(SWEEP) --filter 'FaultSweepTests|RateTests'

torture: ## have each call on a file fail, damage each file that is read again, have a service and a gateway lie, and go on after it
	scripts/setup.sh test
	$(SWEEP) --filter 'FailureSweepTests|FullDiskTests|DamagedFilesTests|OutputDamageTests|HostileServiceTests|ErrorNumberTests'

change-sweep: ## kill a run at each of its steps, change something, and go on with it
	scripts/setup.sh test
	$(SWEEP) --filter ChangeSweepTests

company-sweep: ## submit the same clips from several folders, with kills, lost answers and lists that lag
	scripts/setup.sh test
	$(SWEEP) --filter 'ClipSubmissionTests|CompanySweepTests|UnlistedClipsTests|BlindListTests'

fuzz: ## look for what readers cannot bear (SECONDS=60, TARGET=media, yaml, manifest, json, request or worker)
	scripts/setup.sh bench
	Fuzz/run.sh $(SECONDS) $(or $(TARGET),media)

conformance: ## have software of others talk to the local service, and clipship through it (SECONDS=60 of schemathesis)
	scripts/setup.sh test
	swift build -c release
	scripts/conformance.sh $(SECONDS)

load: ## upload 1,000 small clips at once, and again with the service killed in the middle (CLIPS=1000)
	scripts/setup.sh test
	swift build -c release
	scripts/load.sh $(or $(CLIPS),1000)

install: ## install clipship below $(DESTDIR)$(PREFIX): program, man pages, completions, schemas
	scripts/setup.sh build
	scripts/build-release.sh
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install.sh install .build/dist

uninstall: ## take away all that install has put there
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install.sh uninstall

deb: ## make Debian packages for the release that this is run on, in dist/
	scripts/setup.sh package
	scripts/build-release.sh
	scripts/deb.sh

reproducible: ## build twice here and once in another folder, and compare to the byte
	scripts/setup.sh build
	scripts/reproducible.sh

release: ## make packages, bill of materials and SHA256SUMS, in dist/
	scripts/setup.sh package
	scripts/release.sh

clean: ## remove what was built and made (not the samples)
	rm -rf .build .cache out dist

samples: ## make the sample clips again
	scripts/setup.sh samples
	samples/make-samples.sh
