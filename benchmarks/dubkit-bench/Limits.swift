import Kit

/// What no work can beat, on all threads and on one: the arithmetic of the instruction set in use, and the traffic of memory.
enum Limits {
    static func measure() -> [String: Any] {
        [
            "threads": ThreadPool.shared.threadCount, "instruction_set": InstructionSet.active,
            "limits": [
                "float32 peak": rates("GFLOP/s") { MachineLimits.peak(of: .float32) },
                "bfloat16 peak": rates("GFLOP/s") { MachineLimits.peak(of: .bfloat16) },
                "triad": rates("GB/s", MachineLimits.triadRate),
            ],
        ]
    }

    /// A rate on all threads and on one, in 10^9 per second.
    private static func rates(_ unit: String, _ rate: () -> Double) -> [String: Any] {
        ["all_threads": rate() * 1e-9, "one_thread": ThreadPool.serially(rate) * 1e-9, "unit": unit]
    }
}
