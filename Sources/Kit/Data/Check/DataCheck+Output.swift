import Foundation
import KitCore
import KitMedia

extension DataCheck {
    /// One line per file with length, video, sound and judgement, then the findings in words and their counts.
    public var table: String {
        let common = Self.commonFolder(of: entries.map(\.path))
        let rows =
            [["file", "length", "video", "sound", "judgement"]]
            + entries.map { entry in
                [
                    String(entry.path.dropFirst(common.count)), entry.duration.map(seconds) ?? "-",
                    entry.video.map { "\($0.width)x\($0.height) \($0.codec)" } ?? "-",
                    entry.tracks.isEmpty
                        ? "-"
                        : (entry.language.map { [$0] } ?? entry.tracks.map(\.language)).map(\.description).joined(
                            separator: " "),
                    entry.judgement,
                ]
            }
        let details = entries.flatMap { entry in
            // Messages of some readers begin with the file's name.
            let names = [entry.path, (entry.path as NSString).lastPathComponent].map { "\($0): " }
            return entry.findings.filter(\.kind.isTold).map { finding in
                let name = names.first(where: finding.message.hasPrefix) ?? ""
                return "\(entry.path.dropFirst(common.count)): \(finding.message.dropFirst(name.count))".printableLine
            }
        }
        return
            ([TextTable.text(rows)] + (details.isEmpty ? [] : [""]) + details + ["", summary]
            + SkippedFile.lines(skipped).map { "skipped: \($0)".printableLine } + advice).joined(separator: "\n")
    }

    /// The advice for tracks without a stated language.
    private var advice: [String] {
        guard let entry = entries.first(where: { $0.findings.contains { $0.kind == .noLanguage } }),
            let track = entry.tracks.first(where: { $0.language == .undetermined })
        else { return [] }
        let name = (entry.path as NSString).lastPathComponent
        return [
            "Tracks without a language are called und; a manifest can name it (docs/guide/data.md):",
            "  {\"path\": \"\(name)\", \"tracks\": [{\"lang\": \"en\", \"stream\": \(track.index)}]}",
        ]
    }

    /// "23 files: 6 ok, 10 no video, 3 no sound".
    public var summary: String {
        let counts = Finding.Kind.allCases.compactMap { kind -> String? in
            let count = entries.filter { $0.findings.contains { $0.kind == kind } }.count
            return count == 0 ? nil : "\(count) \(kind.rawValue)"
        }
        let fine = entries.filter { $0.findings.allSatisfy(\.kind.isRemark) }.count
        let files = entries.count == 1 ? "file" : "files"
        return "\(entries.count) \(files): " + (["\(fine) ok"] + counts).joined(separator: ", ")
    }

    /// The results as JSON: an object with `files` and `faults`.
    public func json() throws -> Data {
        struct Output: Encodable {
            struct File: Encodable {
                let path, source, judgement: String
                let duration: Double?
                let video: Video?
                let tracks: [Track]
                let findings: [[String: String]]
            }
            struct Video: Encodable {
                let codec: String
                let width, height: Int
                let frameRate: Double
            }
            struct Track: Encodable {
                let stream: Int
                let language, codec, layout: String
                let sampleRate: Int
                let start: Double
            }
            let files: [File]
            let faults: Int
            let passedOver: [[String: String]]
        }
        let files = entries.map { entry in
            Output.File(
                path: entry.path, source: entry.source, judgement: entry.judgement, duration: entry.duration,
                video: entry.video.map {
                    .init(codec: $0.codec, width: $0.width, height: $0.height, frameRate: $0.frameRate)
                },
                tracks: entry.tracks.map {
                    .init(
                        stream: $0.index, language: "\($0.language)", codec: $0.codec, layout: $0.layout,
                        sampleRate: $0.sampleRate, start: $0.start)
                },
                findings: entry.findings.map { ["kind": $0.kind.rawValue, "message": $0.message] })
        }
        let faults = entries.filter { $0.findings.contains(where: \.kind.isFault) }.count
        return try JSONText.indented(
            Output(
                files: files, faults: faults,
                passedOver: skipped.map { ["name": $0.name, "reason": $0.reason.rawValue] }),
            keys: .convertToSnakeCase)
    }

    private static func commonFolder(of paths: [String]) -> String {
        guard var folder = paths.first.map({ ($0 as NSString).deletingLastPathComponent }) else { return "" }
        while !folder.isEmpty, folder != "/", !paths.allSatisfy({ $0.hasPrefix(folder + "/") }) {
            folder = (folder as NSString).deletingLastPathComponent
        }
        return folder.hasSuffix("/") || folder.isEmpty ? folder : folder + "/"
    }
}

extension DataCheck.Finding.Kind {
    /// Whether the message says more than the kind does.
    fileprivate var isTold: Bool { ![.noVideo, .noSound, .noLanguage].contains(self) }
}
