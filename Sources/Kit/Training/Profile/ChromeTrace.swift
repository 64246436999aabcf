import Foundation
import KitCore
import KitTensor

/// Spans as a file for the trace viewers of Chrome and Perfetto (the "Trace Event Format", complete events).
enum ChromeTrace {
    private struct File: Encodable {
        let traceEvents: [Event]
        let displayTimeUnit = "ms"
    }

    private struct Event: Encodable {
        let name: String
        let cat: String
        let ph = "X"
        /// Microseconds.
        let ts: Double
        let dur: Double
        let pid = 1
        let tid = 1
        let args: Arguments
    }

    private struct Arguments: Encodable {
        let layer: String
        let bytes: Int
        let flops: Double
    }

    static func data(_ spans: [Profiler.Span]) throws -> Data {
        try JSONText.compact(
            File(
                traceEvents: spans.map {
                    Event(
                        name: $0.name, cat: $0.phase.rawValue, ts: ($0.start * 1e9).rounded() / 1000,
                        dur: ($0.seconds * 1e9).rounded() / 1000,
                        args: Arguments(layer: $0.layer, bytes: $0.bytes, flops: $0.flops))
                }))
    }
}
