# The command, and PostgreSQL beside it: from a checkout, docker build --tag fanout-bench .
ARG GO=golang:1.26
ARG BASE=postgres:17-alpine

# A release has the folder of its binaries in place of this stage: see release.yml.
FROM --platform=${BUILDPLATFORM:-linux/amd64} ${GO} AS build
ARG TARGETPLATFORM
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY . .
# It is linked with no library, and so runs in any other image it is copied to.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -buildvcs=false -trimpath -o "/$TARGETPLATFORM/fanout-bench" ./cmd/fanout-bench

FROM ${BASE}
ARG TARGETPLATFORM
COPY --from=build /$TARGETPLATFORM/fanout-bench /usr/local/bin/
WORKDIR /work
# PostgreSQL does not run as root.
USER postgres
ENTRYPOINT ["/usr/local/bin/fanout-bench"]
