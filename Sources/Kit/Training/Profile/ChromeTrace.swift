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
        /// The row: 1 for the trainer's thread, from 2 for the shards.
        let tid: Int
        let args: Arguments
    }

    private struct Arguments: Encodable {
        let layer: String
        let bytes: Int
        let flops: Double
        /// Microseconds, without those of waiting and of events inside this one.
        let own: Double
    }

    static func data(_ spans: [Profiler.Span]) throws -> Data {
        func microseconds(_ seconds: Double) -> Double { (seconds * 1e9).rounded() / 1000 }
        return try JSONText.compact(
            File(
                traceEvents: spans.map {
                    Event(
                        name: $0.name, cat: $0.phase.rawValue, ts: microseconds($0.start),
                        dur: microseconds($0.end - $0.start), tid: $0.row + 1,
                        args: Arguments(
                            layer: $0.layer, bytes: $0.bytes, flops: $0.flops, own: microseconds($0.seconds)))
                }))
    }
}
