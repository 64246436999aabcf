#!/bin/sh
# Runs the built tests and repeats the failures at the end, where a log is read first. Tests run in parallel, except suites
# marked `.alone(...)`, which change or count something that the whole process shares: these follow one after the other.
log=$(mktemp)
trap 'rm -f "$log" "$log.failed"' EXIT

shared='\b(Pebble|Gate)\.alive|BufferPool\.shared|Interrupt\.(request|clear)|forEachAvailable|InstructionSet\.use|ThreadPool\.shared\.threadCount = |expectSameBits'
unmarked=$(grep -rlE --include='*Tests.swift' "$shared|setenv\(" Tests | xargs grep -LF '.alone("')
if [ -n "$unmarked" ]; then
    echo "These suites change something that the whole process shares, and must be marked .alone(...):" "$unmarked"
    exit 1
fi
alone=$(grep -rlF --include='*Tests.swift' '.alone("' Tests | sed 's|^Tests/||; s|\.swift$||; s|/|\\.|' | paste -sd '|')

run() {
    swift test -c release --skip-build "$@" 2>&1 || touch "$log.failed"
}
{ run --skip "^($alone)/"; run --no-parallel --filter "^($alone)/"; } | tee "$log"
if [ -e "$log.failed" ]; then
    echo "Failed:"
    grep -a '✘' "$log" || tail -n 30 "$log"
    exit 1
fi
