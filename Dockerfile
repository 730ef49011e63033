# The krm-fn image: an interpreter, the part of its library that is used, and krm-fn. No shell, no package manager.
#
#     make image                                # or .ci/image/image.sh, which says what it takes
#
# It lays the wheels beside this file: the build itself fetches nothing. Any base will do that has python3 (3.11 or
# newer) and glibc; no command below needs a shell.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS build
ARG SOURCE_DATE_EPOCH=0
# Byte code holds sets of constants in the order of their hashes.
ENV PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
COPY rootfs.py copy.py requirements.lock /build/
COPY wheels /build/wheels
RUN ["python3", "-B", "/build/rootfs.py", "--wheels", "/build/wheels", "--lock", "/build/requirements.lock", "--out", "/rootfs"]

FROM scratch
ARG VERSION=unknown
ARG REVISION=unknown
ARG KUBEVIRT_VERSIONS=unknown
LABEL org.opencontainers.image.title="krm-fn" \
      org.opencontainers.image.description="KubeVirt instancetypes, preferences and VirtualMachines, generated, expanded and checked during kustomize build" \
      org.opencontainers.image.source="https://github.com/krm-fn/krm-fn" \
      org.opencontainers.image.documentation="https://github.com/krm-fn/krm-fn/tree/v${VERSION}/docs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      dev.krm-fn.kubevirt-versions="${KUBEVIRT_VERSIONS}"
COPY --from=build /rootfs /
USER 65534:65534
ENTRYPOINT ["/usr/bin/krm-fn"]
