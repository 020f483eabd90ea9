# The image of Tocsin: the worker, and the command `tocsin` for whoever works with it.
#
# Written without a container engine at hand: the tags below were not pulled and this file was not built. What it does
# step by step is what tests/deploy checks: the files it copies, the wheel they make, the two scripts it carries.

FROM python:3.12.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# Everything is fetched here, each file by a hash of the lock. What follows installs from /wheels and fetches nothing.
COPY requirements.lock ./
RUN pip download --quiet --require-hashes --only-binary=:all: --dest=/wheels --requirement=requirements.lock

COPY pyproject.toml LICENSE README.md worker.py ./
COPY plan plan
COPY runtime runtime
COPY activities activities
COPY workflows workflows
COPY starter starter
COPY playbooks playbooks
RUN pip install --quiet --no-index --find-links=/wheels setuptools \
    && pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir=/wheels . \
    && python -m venv --without-pip /opt/tocsin \
    && pip --python=/opt/tocsin/bin/python install --quiet --no-index --find-links=/wheels tocsin

FROM python:3.12.12-slim-bookworm
RUN groupadd --gid 10001 tocsin \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/tocsin --shell /usr/sbin/nologin tocsin \
    && install --directory --owner=tocsin --group=tocsin --mode=0700 /var/lib/tocsin
COPY --from=build /opt/tocsin /opt/tocsin
COPY deploy/healthcheck.py deploy/prepare.py deploy/records.py /opt/tocsin/deploy/
ENV PATH=/opt/tocsin/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TOCSIN_HOME=/var/lib/tocsin
WORKDIR /var/lib/tocsin
USER 10001:10001
# Asks Temporal whether this container polls both queues: a process that merely exists is not healthy.
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=3 \
    CMD ["python", "/opt/tocsin/deploy/healthcheck.py"]
CMD ["tocsin", "worker"]
