import Foundation
import KitCore
import KitData

/// The labels of clips: those of their manifest, and those of a label file.
///
/// A label is any plain value of a record. A list of segments, `"shots": [{"scene": "sea", "start": 0, "stop": 7.5},
/// ...]`, gives each clip the `scene` of the segment that covers most of it.
package struct ClipLabels {
    private let records: [String: Options]

    /// - Parameter path: lines of JSON, each with `id`, `film` or `path`, which name a source, its film or its file. A
    ///   manifest works too.
    package init(_ path: String?) throws {
        guard let path else {
            records = [:]
            return
        }
        let text = try TextFile.read(path)
        var records: [String: Options] = [:]
        for (number, line) in text.parts(separatedBy: "\n", omittingEmpty: false).enumerated() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            func fault(_ reason: String) -> KitError { KitError(.badData, "\(path):\(number + 1): \(reason)") }
            let value: OptionValue
            do {
                value = try JSONOption.parse(line)
            } catch let error as KitError { throw fault(error.message) }
            guard case .table(let record) = value else { throw fault("expected an object") }
            let names = Self.keys.compactMap { key -> String? in
                guard case .string(let name)? = record.named.first(where: { $0.key == key })?.value else { return nil }
                return name
            }
            guard !names.isEmpty else { throw fault("names no film: expected 'id', 'film' or 'path'") }
            // In a manifest, the labels of a source are in an object.
            var labels = record
            if case .table(let own)? = record.named.first(where: { $0.key == "labels" })?.value { labels = own }
            for name in names { records[name] = labels }
        }
        self.records = records
    }

    private static let keys = ["id", "film", "movie", "path"]

    /// The labels of a clip by name.
    /// - Parameter source: the clip, cut from its film.
    /// - Parameter film: the id of the film's source.
    package func labels(of clip: ClipSource, film: String) -> [String: String] {
        var found: [String: String] = [:]
        let file = clip.path.map { URL(fileURLWithPath: $0).lastPathComponent }
        let own = [film, clip.film, file].compactMap { $0 }.compactMap { records[$0] }.first
        var options = own.map { [$0] } ?? []
        if case .table(let stated) = clip.labels { options.append(stated) }
        for (key, value) in options.flatMap(\.named) where !Self.keys.contains(key) {
            switch value {
            case .bool, .int, .number, .string: found[key] = value.plainText
            case .list(let stretches):
                found.merge(Self.covering(clip.start, clip.start + (clip.duration ?? 0), stretches)) { $1 }
            default: break
            }
        }
        return found
    }

    /// The values of the segment that covers most of a clip; if several are equal, the first.
    private static func covering(_ start: Double, _ stop: Double, _ stretches: [OptionValue]) -> [String: String] {
        var best: (overlap: Double, record: Options)?
        for case .table(let record) in stretches {
            func number(_ key: String) -> Double? {
                record.named.first { $0.key == key }.flatMap { try? Double(option: $0.value) }
            }
            guard let from = number("start"), let to = number("stop") else { continue }
            let overlap = min(stop, to) - max(start, from)
            if overlap > best?.overlap ?? 0 { best = (overlap, record) }
        }
        var values: [String: String] = [:]
        for case (let key, .string(let text)) in best?.record.named ?? [] { values[key] = text }
        return values
    }
}
