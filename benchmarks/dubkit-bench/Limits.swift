import Kit

/// What no work can beat, on all threads and on one: the arithmetic of the instruction set in use, and the traffic of memory.
enum Limits {
    static func measure() -> [String: Any] {
        [
            "threads": ThreadPool.shared.threadCount, "instruction_set": InstructionSet.active,
            // By precision, in GFLOP/s.
            "peak": ["float32": rates { MachineLimits.peak(of: .float32) }],
            // In GB/s.
            "triad": rates(MachineLimits.triadRate),
        ]
    }

    private static func rates(_ rate: () -> Double) -> [String: Double] {
        ["all_threads": rate() * 1e-9, "one_thread": ThreadPool.serially(rate) * 1e-9]
    }
}
