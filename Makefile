# Every target does its own set-up: scripts/setup.sh installs what is missing, and only that.

PIPELINE ?= pipelines/post-session.yaml
SECONDS  ?= 60
FRAMES   ?= 40
MEDIA    ?= samples
PREFIX   ?= /usr/local
DESTDIR  ?=

SWIFT_SOURCES = Package.swift Sources Tests Fuzz/Package.swift Fuzz/Sources/BoxMutation Fuzz/Sources/MediaFuzz

.DEFAULT_GOAL := help
.PHONY: help run test build lint format bench reference sheet crash-sweep fault-sweep conformance load fuzz install clean \
    samples

help: ## this list
	@echo 'clipship: make TARGET'
	@echo
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: build ## ship the samples to the local service (PIPELINE=file for another pipeline)
	"$$(swift build -c release --show-bin-path)/clipship" run '$(PIPELINE)'

test: ## run all tests
	scripts/setup.sh test
	swift test

build: ## build the release
	scripts/setup.sh build
	swift build -c release

lint: ## check the style of the Swift sources
	swift format lint --strict --recursive $(SWIFT_SOURCES)

format: ## put the Swift sources into that style
	swift format --in-place --recursive $(SWIFT_SOURCES)

bench: ## measure clipship: time, memory, a run with nothing to do, uploads (CLIPS=, ROUNDS=)
	scripts/setup.sh bench
	swift build -c release
	Benchmarks/speed.sh
	Benchmarks/memory.sh
	Benchmarks/unchanged.sh
	Benchmarks/upload.sh

reference: ## compare many more frames with those that ffmpeg decodes (FRAMES=40 of each file)
	scripts/setup.sh test
	CLIPSHIP_REFERENCE_FRAMES=$(FRAMES) swift test --filter FrameTests

sheet: build ## make a picture sheet of the thumbnails of all recordings in a folder (MEDIA=folder)
	scripts/setup.sh test
	scripts/picture-sheet.sh '$(MEDIA)'

crash-sweep: ## kill a run at each of its steps and at random moments, and go on with it
	scripts/setup.sh test
	CLIPSHIP_SWEEP=long swift test --filter CrashSweepTests

fault-sweep: ## lose each answer of the service, and make a fifth of all calls fail in every way
	scripts/setup.sh test
	CLIPSHIP_SWEEP=long swift test --filter 'FaultSweepTests|RateTests'

fuzz: ## look for files that the media engine cannot bear (SECONDS=60)
	scripts/setup.sh bench
	Fuzz/run.sh $(SECONDS)

conformance: ## have schemathesis look for answers that docs/openapi.yaml does not describe (SECONDS=60)
	scripts/setup.sh test
	swift build -c release
	scripts/conformance.sh $(SECONDS)

load: ## upload 1,000 small clips at once, and again with the service killed in the middle (CLIPS=1000)
	scripts/setup.sh test
	swift build -c release
	scripts/load.sh $(or $(CLIPS),1000)

install: ## install clipship into $(DESTDIR)$(PREFIX)/bin, and what looks at media for it into .../libexec
	scripts/setup.sh build
	swift build -c release --static-swift-stdlib
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/libexec/clipship'
	install -m 755 "$$(swift build -c release --static-swift-stdlib --show-bin-path)/clipship" \
	    '$(DESTDIR)$(PREFIX)/bin/clipship'
	install -m 755 "$$(swift build -c release --static-swift-stdlib --show-bin-path)/clipship-media" \
	    '$(DESTDIR)$(PREFIX)/libexec/clipship/clipship-media'

clean: ## remove what was built and made (not the samples)
	rm -rf .build .cache out

samples: ## make the sample clips again
	scripts/setup.sh samples
	samples/make-samples.sh
