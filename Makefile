# make report and make test are each sufficient on a fresh checkout: they fetch what they need first (make setup).
# One build profile, release, serves the report and the tests, so that nothing is compiled twice.

PYTHON ?= python3
CARGO  ?= cargo

# INSTRUCTIONS=sse41 and others hold the tests to these instructions of the processor.
RUN_TESTS = $(PYTHON) scripts/run_tests.py $(addprefix --instructions ,$(INSTRUCTIONS))
# Those that compute: what another processor may round otherwise.
NUMERICAL = adjoint,golden,gradient,naive,occlusion,onnx,patches

# By name: rustfmt does not see the files that a list of rooms declares.
FORMAT = rustfmt --edition 2021 $$(find build.rs src tests benches fuzz/src fuzz/fuzz_targets -name '*.rs')

BINARY = target/release/deconvscope
SAMPLE = datasets/sample
RUN    = reports/sample
CONFORMANCE = target/conformance

.DEFAULT_GOAL := help
.PHONY: help setup weights build report test proofs test-all test-processors exact shards faults toy lint format test-data conformance bench bench-occlusion bench-features bench-growth bench-many bench-shards bench-training bench-transfer train-sample training-twin golden look wheel wheel-check cluster-check clean

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

test: lint  ## format, lints and the tests that take seconds
	$(RUN_TESTS) --quick

proofs: test-data  ## the tests that take minutes, or DRAWN of them: large networks, all graphs drawn by lot, hundreds of photographs
	$(RUN_TESTS) --proofs $(addprefix --drawn ,$(DRAWN))

test-all: lint  ## format, lints and every test
	$(RUN_TESTS)

test-processors: test-data  ## the numerical tests with each set of instructions that this processor offers, or with DRAWN of them
	@for name in $$($(PYTHON) scripts/lot.py $(or $(DRAWN),all) $$($(PYTHON) scripts/run_tests.py --instructions list)); do \
		echo "with --instructions $$name"; \
		$(PYTHON) scripts/run_tests.py --quick --only $(NUMERICAL) --instructions $$name || exit 1; \
	done

exact: test-data  ## occlusion by windows with all occluders; DECONVSCOPE_EXACT=all for all positions as well
	DECONVSCOPE_EXACT=$${DECONVSCOPE_EXACT:-occluders} $(RUN_TESTS) --proofs --only occlusion --show

shards: test-data  ## runs in shards, all of it: 1, 6 and 37 of them, cut off at sixty moments, a hundred damages
	DECONVSCOPE_SHARDS=all $(RUN_TESTS) --quick --only shards

faults: test-data  ## that the numerical tests find faults: some are made in the engine on purpose, one at a time
	$(PYTHON) scripts/faults.py

toy: setup  ## that an experiment is a room and a line in three lists: one that is kept as a patch is added to a copy and run
	$(PYTHON) scripts/toy.py

format:   ## set the code's form right
	$(FORMAT)

lint: test-data
	$(FORMAT) --check
	$(PYTHON) scripts/faults.py --lines
	$(CARGO) clippy --locked --release --workspace --all-targets -- -D warnings

# What tests compare with; without it they say what they skip.
test-data: setup
	@$(PYTHON) scripts/setup.py reference || echo "go on without: the comparisons with Pillow, the linters and the RO-Crate validator are skipped"
	@$(PYTHON) scripts/setup.py conformance-data || echo "go on without: ONNX's test cases and EfficientNet-Lite0 are skipped"
	@$(PYTHON) scripts/setup.py weights-extra || echo "go on without: tests of AlexNet's real filters are skipped"

conformance: setup  ## hold imported networks, or DRAWN of each family, against onnxruntime, PyTorch and Captum (a Python of 5 GB)
	@$(PYTHON) scripts/setup.py conformance-data
	DRAWN=$(DRAWN) scripts/conformance/make.sh $(CONFORMANCE)
	DECONVSCOPE_CONFORMANCE=$(abspath $(CONFORMANCE)) $(CARGO) test --locked --release --test conformance -- --nocapture

bench: setup  ## time against libtorch alone, memory, loading of a large ONNX file (PHOTOS=folder)
	$(PYTHON) scripts/bench.py $(PHOTOS)

bench-occlusion: setup  ## time occlusion maps against full inference and Captum (an environment of 2.8 GB)
	$(PYTHON) scripts/bench_occlusion.py

bench-features: setup  ## time feature maps against Captum and bare passes, memory (PHOTOS=folder; the same environment)
	$(PYTHON) scripts/bench_features.py --memory $(PHOTOS)

bench-growth: setup  ## hold time a photograph and memory at many photographs against those at few (PHOTOS=folder)
	$(PYTHON) scripts/bench_growth.py $(PHOTOS)
	$(PYTHON) scripts/training_growth.py

bench-many: build  ## tell what records, tables and pages of 25,000 and 100,000 photographs cost
	$(PYTHON) scripts/bench_many.py

bench-shards: build  ## tell what plan, work and merge of 40,000 and 200,000 photographs cost
	$(PYTHON) scripts/bench_shards.py

bench-training: setup  ## hold the speed of trainings against a bare PyTorch loop (a Python with torch and torchvision)
	$(PYTHON) scripts/bench_training.py

bench-transfer: setup  ## hold the features of transfer against bare forward passes, memory (PHOTOS=folder of class folders)
	$(PYTHON) scripts/bench_transfer.py $(PHOTOS)

train-sample: build  ## train a small network on crops of the sample's photographs, a class each: reports/train-sample
	@$(PYTHON) scripts/setup.py reference
	PYTHONPATH=.deps/pillow $(PYTHON) scripts/crops.py $(SAMPLE) target/crops
	$(BINARY) train target/crops --recipe small --epochs 12 --set 'input.view={resized={least=0.4}}' \
		--out reports/train-sample --overwrite

training-twin: build  ## hold steps of a training, and the networks that are left, against PyTorch (a Python with torch and torchvision)
	modules="torch, torchvision, safetensors" && . scripts/reference_python.sh && for network in zfnet_small resnet18 zfnet alexnet_original; do \
		$$python -W ignore scripts/training_twin.py $$network && $$python -W ignore scripts/training_load.py $$network || exit 1; done && \
		$$python -W ignore scripts/training_load.py zfnet_small zf

golden:   ## make the golden tensors again (needs a Python with torch and captum)
	scripts/golden/make.sh

look: $(RUN)/index.html  ## look at the sample report's pages in headless Chromium
	scripts/look.sh $(RUN)

$(RUN)/index.html:
	$(MAKE) report

wheel: build  ## pack the program for pip: target/wheel/deconvscope-*.whl, beside a torch 2.11.0 (docs/install.md)
	$(PYTHON) scripts/wheel.py

wheel-check: build  ## prove the wheel: fresh environments of every Python here, without network
	@$(PYTHON) scripts/setup.py reference || echo "go on without: auditwheel's word is skipped"
	$(PYTHON) scripts/wheel_check.py

cluster-check: build test-data  ## hold docs/cluster against Kubernetes' schemas and run its Slurm chain on three nodes of this machine
	$(PYTHON) scripts/cluster_files.py
	scripts/slurm_check.sh

clean:    ## remove the build and the sample report; what was fetched stays
	rm -rf target $(RUN)
