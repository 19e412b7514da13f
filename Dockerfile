# syntax=docker/dockerfile:1
# One worker image per device, and one of the gateway; each installs a hashed list of exact versions:
#   docker build --tag ocrstream:0.1.0 .                           CPU (OpenVINO), the default
#   docker build --tag ocrstream:0.1.0-gpu --target gpu .          NVIDIA GPU (ONNX Runtime with CUDA)
#   docker build --tag ocrstream:0.1.0-gateway --target gateway .  HTTP API; no decoder, engine or model
# faust-streaming has wheels for linux/amd64 only, so build for that platform.

# The minor version of Python also stands in LD_LIBRARY_PATH below.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

# --- build: an environment without pip, filled by the base image's pip from outside ---
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_PYTHON=/opt/ocrstream/bin/python \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv --without-pip /opt/ocrstream

FROM build AS build-cpu
COPY requirements/worker-cpu.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --no-deps -r requirements/worker-cpu.txt
COPY pyproject.toml README.md LICENSE ./
COPY schemas/ schemas/
COPY processors/ processors/
COPY streams/ streams/
RUN pip install --no-deps --no-build-isolation . \
    && pip uninstall --yes editables hatchling pathspec pluggy trove-classifiers

FROM build AS build-gpu
COPY requirements/worker-gpu.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --no-deps -r requirements/worker-gpu.txt
COPY pyproject.toml README.md LICENSE ./
COPY schemas/ schemas/
COPY processors/ processors/
COPY streams/ streams/
RUN pip install --no-deps --no-build-isolation . \
    && pip uninstall --yes editables hatchling pathspec pluggy trove-classifiers

FROM build AS build-gateway
COPY requirements/gateway.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --no-deps -r requirements/gateway.txt
COPY pyproject.toml README.md LICENSE ./
COPY schemas/ schemas/
COPY processors/ processors/
COPY streams/ streams/
RUN pip install --no-deps --no-build-isolation . \
    && pip uninstall --yes editables hatchling pathspec pluggy trove-classifiers

# --- runtime: what all final images share ---
# No system package is needed: the wheels bring their libraries, and the base image has the
# rest (libc, libstdc++, libgcc, zlib). libOpenCL, which OpenVINO's Intel GPU plug-in
# would load, is left out on purpose: that device is not supported.
FROM ${PYTHON_IMAGE} AS runtime
LABEL org.opencontainers.image.title="ocrstream" \
      org.opencontainers.image.description="Streaming OCR: uploads in an object store become text on Kafka" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/ocrstream/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OCRSTREAM_DATA_DIR=/var/lib/ocrstream \
    OCRSTREAM_HTTP_HOST=0.0.0.0 \
    OCRSTREAM_HTTP_PORT=8080 \
    OCRSTREAM_LOG_FORMAT=json
RUN python -m pip uninstall --yes --root-user-action=ignore pip \
    && rm -rf /usr/local/lib/python3.*/ensurepip \
    && groupadd --gid 10001 ocrstream \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/ocrstream \
        --shell /usr/sbin/nologin ocrstream \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/ocrstream
# The root file system may be read-only; the worker writes here and in /tmp only.
VOLUME ["/var/lib/ocrstream"]
WORKDIR /var/lib/ocrstream
# By number, so that Kubernetes can tell that it is not root.
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# http.client, because urllib would send the request to a proxy where one is configured.
# With OCRSTREAM_HTTP_TLS it needs another one.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['OCRSTREAM_HTTP_PORT']), timeout=4); c.request('GET', '/livez'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["ocrstream"]
CMD ["worker"]

FROM runtime AS gpu
COPY --from=build-gpu /opt/ocrstream /opt/ocrstream
# CUDA and cuDNN come as wheels; the host brings the driver, which the NVIDIA runtime mounts.
ENV LD_LIBRARY_PATH=/opt/ocrstream/lib/python3.12/site-packages/nvidia/cu13/lib:/opt/ocrstream/lib/python3.12/site-packages/nvidia/cudnn/lib \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    NVIDIA_VISIBLE_DEVICES=all \
    OCRSTREAM_DEVICE=gpu:0

FROM runtime AS gateway
COPY --from=build-gateway /opt/ocrstream /opt/ocrstream
# Health stays on OCRSTREAM_HTTP_PORT. Beyond loopback it listens only where a key or an issuer says
# who asks.
ENV OCRSTREAM_GATEWAY_HOST=0.0.0.0 \
    OCRSTREAM_GATEWAY_PORT=8000
EXPOSE 8000
CMD ["gateway"]

FROM runtime AS cpu
COPY --from=build-cpu /opt/ocrstream /opt/ocrstream
