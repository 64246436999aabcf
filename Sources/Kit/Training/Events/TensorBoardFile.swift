import Foundation
import KitCore
import SwiftProtobuf

/// A TensorBoard event file, which `tensorboard --logdir runs` shows.
///
/// Each record is its length (8 bytes), the length's checksum, the message, the message's checksum, all little-endian.
public final class TensorBoardFile {
    private let file: any OutputFile
    private let now: () -> Double

    /// Starts a new file in a folder. A resumed run also starts one, and tells TensorBoard to drop the steps after
    /// `resumedAfter` from the older files, since they are repeated.
    public init(
        in folder: String, files: any FileSystem, resumedAfter step: Int? = nil,
        now: @escaping () -> Double = { Date().timeIntervalSince1970 }
    ) throws {
        self.now = now
        // TensorBoard sorts the files of a folder by name, so the time comes first. The counter distinguishes files of
        // the same second.
        let prefix = "events.out.tfevents.\(Int(now()))"
        let host = ProcessInfo.processInfo.hostName
        let taken = try files.names(in: folder).filter { $0.hasPrefix("events.out.tfevents.") }.count
        file = try files.open("\(folder)/\(prefix).\(taken).\(host)", appending: false)
        try append { $0.fileVersion = "brain.Event:2" }
        if let step {
            try append(step: step + 1) { $0.sessionLog = .with { $0.status = .start } }
        }
    }

    /// Adds scalars of one step, by tag ("loss/train").
    public func add(step: Int, _ scalars: [(tag: String, value: Double)]) throws {
        guard !scalars.isEmpty else { return }
        try add(
            step: step,
            scalars.map { scalar in
                .with {
                    $0.tag = scalar.tag
                    $0.simpleValue = Float(scalar.value)
                }
            })
    }

    /// Adds values of one step. Returns the size of the record in bytes.
    @discardableResult
    func add(step: Int, _ values: [Tensorboard_Summary.Value]) throws -> Int {
        try append(step: step) { $0.summary.value = values }
    }

    public func close() throws { try file.close() }

    @discardableResult
    private func append(step: Int = 0, _ fill: (inout Tensorboard_Event) -> Void) throws -> Int {
        var event = Tensorboard_Event()
        event.wallTime = now()
        event.step = Int64(step)
        fill(&event)
        let record = Self.record(try event.serializedBytes())
        try file.write(record)
        return record.count
    }

    /// Frames one message.
    static func record(_ message: [UInt8]) -> [UInt8] {
        let length = littleEndian(UInt64(message.count))
        return length + littleEndian(CRC32C.masked(length)) + message + littleEndian(CRC32C.masked(message))
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
