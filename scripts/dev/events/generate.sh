#!/bin/sh
# Compiles event.proto into Sources/Kit/Training/Events/event.pb.swift. Needs protoc (Debian: protobuf-compiler).
set -eu
cd "$(dirname "$0")/../../.."
swift build -c release --product protoc-gen-swift
protoc --plugin="$(swift build -c release --show-bin-path)/protoc-gen-swift" \
    --proto_path=scripts/dev/events --swift_opt=Visibility=Package --swift_out=Sources/Kit/Training/Events event.proto
