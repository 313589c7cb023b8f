# syntax=docker/dockerfile:1

# Both bases are named by exact tag here and pinned by digest where an image is released, e.g.
#   docker buildx build \
#     --build-arg NODE_DIGEST=sha256:… --build-arg RUNTIME_DIGEST=sha256:… .
# `docker buildx imagetools inspect IMAGE` prints a tag's digest; the release workflow looks both up, passes them and
# records them in the provenance. Left empty, the tag alone decides.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-trixie-slim
ARG NODE_DIGEST=""
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot
ARG RUNTIME_DIGEST=""

# Nothing that is built here depends on the processor, so it is built once, on the builder's own.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE}${NODE_DIGEST:+@${NODE_DIGEST}} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY scripts/build.ts scripts/build.ts
COPY tsconfig.json ./
COPY src src
RUN npm run build

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE}${NODE_DIGEST:+@${NODE_DIGEST}} AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --omit=dev
# The parts list of what is shipped, in CycloneDX.
RUN npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx > sbom.cdx.json
# Types, maps and documentation of packages are no part of a running service; licences stay.
RUN find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' -o -name '*.ts' \) -not -iname 'license*' -delete
RUN rm -rf node_modules/.bin node_modules/.package-lock.json

FROM ${RUNTIME_IMAGE}${RUNTIME_DIGEST:+@${RUNTIME_DIGEST}}
ARG VERSION=0.1.0
ARG REVISION=""
ARG CREATED=""
LABEL org.opencontainers.image.title="keda-llm-scaler" \
      org.opencontainers.image.description="KEDA external scaler for model servers: scales on the concurrency each replica really carries" \
      org.opencontainers.image.url="https://github.com/keda-llm-scaler/keda-llm-scaler" \
      org.opencontainers.image.source="https://github.com/keda-llm-scaler/keda-llm-scaler" \
      org.opencontainers.image.documentation="https://github.com/keda-llm-scaler/keda-llm-scaler/tree/main/docs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
WORKDIR /app
ENV NODE_ENV=production
COPY LICENSE package.json ./
COPY --from=dependencies /build/sbom.cdx.json ./
COPY --from=dependencies /build/node_modules node_modules
COPY proto proto
COPY --from=build /build/dist dist
USER 65532:65532
EXPOSE 6000 8080
# Node is process 1 and handles SIGTERM itself: no shell, no npm, no wrapper between it and the kubelet.
ENTRYPOINT ["/nodejs/bin/node", "--enable-source-maps", "/app/dist/main.js"]
CMD ["serve"]
