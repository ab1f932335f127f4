# make report and make test are each sufficient on a fresh checkout: they fetch what they need first (make setup).
# One build profile, release, serves the report and the tests, so that nothing is compiled twice.

PYTHON ?= python3
CARGO  ?= cargo

BINARY = target/release/deconvscope
SAMPLE = datasets/sample
RUN    = reports/sample
CONFORMANCE = target/conformance

.DEFAULT_GOAL := help
.PHONY: help setup weights build report test conformance bench bench-occlusion bench-features golden look clean

help:     ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:    ## fetch libtorch, the sample network and the sample photographs (once)
	@$(PYTHON) scripts/setup.py

weights:  ## fetch AlexNet's and VGG16's convolution layers as well
	@$(PYTHON) scripts/setup.py weights-extra

build: setup  ## build target/release/deconvscope
	$(CARGO) build --locked --release

report: build  ## make the report of the sample photographs: reports/sample/index.html
	$(BINARY) report $(SAMPLE) --labels $(SAMPLE)/labels.csv --masks $(SAMPLE)/masks.csv \
		--detail all --invariance 4 --out $(RUN) --overwrite

test: setup  ## format, lints and tests
	@$(PYTHON) scripts/setup.py reference || echo "go on without: the comparisons with Pillow, the linters and the RO-Crate validator are skipped"
	@$(PYTHON) scripts/setup.py conformance-data || echo "go on without: ONNX's test cases and EfficientNet-Lite0 are skipped"
	@$(PYTHON) scripts/setup.py weights-extra || echo "go on without: tests of AlexNet's real filters are skipped"
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --release --all-targets -- -D warnings
	$(CARGO) test --locked --release

conformance: setup  ## hold imported networks against onnxruntime, PyTorch and Captum (a Python of 5 GB)
	@$(PYTHON) scripts/setup.py conformance-data
	scripts/conformance/make.sh $(CONFORMANCE)
	DECONVSCOPE_CONFORMANCE=$(abspath $(CONFORMANCE)) $(CARGO) test --locked --release --test conformance -- --nocapture

bench: setup  ## time against libtorch alone, memory, loading of a large ONNX file (PHOTOS=folder)
	$(PYTHON) scripts/bench.py $(PHOTOS)

bench-occlusion: setup  ## time occlusion maps against full inference and Captum (an environment of 2.8 GB)
	$(PYTHON) scripts/bench_occlusion.py

bench-features: setup  ## time feature maps against Captum and bare passes, memory (PHOTOS=folder; the same environment)
	$(PYTHON) scripts/bench_features.py --memory $(PHOTOS)

golden:   ## make the golden tensors again (needs a Python with torch and captum)
	scripts/golden/make.sh

look: $(RUN)/index.html  ## look at the sample report's pages in headless Chromium
	scripts/look.sh $(RUN)

$(RUN)/index.html:
	$(MAKE) report

clean:    ## remove the build and the sample report; what was fetched stays
	rm -rf target $(RUN)
