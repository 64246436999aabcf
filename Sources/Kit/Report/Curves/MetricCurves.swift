import Foundation
import KitCore
import KitTraining

/// The curves of a run, from `metrics.jsonl`, thinned while it is read.
struct MetricCurves {
    /// Loss terms by name, sorted.
    private(set) var terms: [String: ThinnedSeries] = [:]
    private(set) var loss = ThinnedSeries()
    private(set) var rate = ThinnedSeries()
    private(set) var gradientNorm = ThinnedSeries()
    private(set) var clipsPerSecond = ThinnedSeries()
    private(set) var last: StepRecord?
    /// The number of unreadable lines, for example after a full disk, which are left out.
    private(set) var unreadable = 0

    /// Reads a run's file. Throws if there is none or nothing in it is readable.
    init(_ path: String, _ files: any FileSystem) throws {
        guard files.exists(path) else { throw KitError(.noInput, "there is no \(MetricsFile.fileName)") }
        let data = try files.read(path)
        let blocks = Self.blocks(data)
        // Reads a few blocks at a time in parallel and adds them in order.
        for start in stride(from: 0, to: blocks.count, by: 16) {
            try Interrupt.check()
            let some = Array(blocks[start..<min(start + 16, blocks.count)])
            var records = [[StepRecord?]](repeating: [], count: some.count)
            records.withUnsafeMutableBufferPointer { records in
                let slots = records.baseAddress!
                ThreadPool.shared.forEach(some.count) { slots[$0] = Self.records(data[some[$0]]) }
            }
            for record in records.joined() {
                if let record { add(record) } else { unreadable += 1 }
            }
        }
        guard last != nil else {
            throw KitError(.badData, "\(MetricsFile.fileName) has no readable step")
        }
    }

    private mutating func add(_ record: StepRecord) {
        loss.add(step: record.step, record.loss)
        for (name, value) in record.terms { terms[name, default: ThinnedSeries()].add(step: record.step, value) }
        rate.add(step: record.step, record.rate)
        gradientNorm.add(step: record.step, record.gradientNorm)
        clipsPerSecond.add(step: record.step, record.clipsPerSecond)
        last = record
    }

    /// Pieces of about a megabyte that end where lines end.
    private static func blocks(_ data: Data) -> [Range<Data.Index>] {
        var (blocks, start): ([Range<Data.Index>], Data.Index) = ([], data.startIndex)
        while start < data.endIndex {
            let near = min(start + 1 << 20, data.endIndex)
            let end = data[near...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.endIndex
            blocks.append(start..<end)
            start = end
        }
        return blocks
    }

    /// The steps of some lines; nil for an invalid line. A last line without a line break is still being written.
    private static func records(_ data: Data) -> [StepRecord?] {
        let decoder = JSONDecoder()
        let isWhole = data.last == UInt8(ascii: "\n")
        let lines = data.split(separator: UInt8(ascii: "\n"))
        return (isWhole ? lines : lines.dropLast()).map { try? decoder.decode(StepRecord.self, from: $0) }
    }
}
