import Foundation
import KitCore
import KitData
import KitModel
import KitTensor
import KitTraining

/// Writes encoders for programs other than the kit.
public struct EncoderExport {
    public enum Format: String, CaseIterable, ChoiceOption, Sendable { case onnx, huggingface }

    private let trained: TrainedRun
    private let encoders: [TrainedRun.Encoding]

    /// - Parameters:
    ///   - trained: the encoders with their clips.
    ///   - names: the encoders to export; nil for all.
    public init(_ trained: TrainedRun, only names: [String]? = nil) throws {
        self.trained = trained
        encoders =
            try names?.map { name in
                if let encoder = trained.encoders.first(where: { $0.name == name }) { return encoder }
                let known = trained.encoders.map(\.name)
                throw KitError.usage(
                    "there is no encoder '\(name)'\(NearestName.hint(name, in: known)) "
                        + "(there are: \(known.joined(separator: ", ")))")
            } ?? trained.encoders
        // Names become folders.
        let allowed = #/[\w-][\w.-]*/#
        for (index, name) in encoders.map(\.name).enumerated() {
            if encoders[..<index].contains(where: { $0.name == name }) {
                throw KitError.usage("the encoder '\(name)' is named twice")
            }
            guard name.wholeMatch(of: allowed) != nil, name != ExportFacts.fileName else {
                throw KitError.usage(
                    "an encoder named '\(name.prefix(40))' cannot be exported: use letters, digits, '_', '-' and '.'")
            }
        }
        for encoder in encoders where encoder.isVideo ? trained.clips.frames == nil : trained.clips.mel == nil {
            throw KitError.usage(
                "the encoder '\(encoder.name)' takes \(encoder.isVideo ? "video" : "sound"), but the clips have none")
        }
    }

    /// The files that an export wrote.
    public struct Written {
        public var files: [(path: String, bytes: Int)] = []
        /// The files of an earlier export that this one has not, which it removed.
        public var removed: [String] = []
        /// Warnings for the user: an unfinished run, axes that are fixed.
        public var notices: [String] = []
    }

    /// Writes `encoder.onnx` and `backbone.onnx` for each encoder, in folders of their names if there are several, and
    /// `dubkit.json`. Files of an earlier export in the folder are overwritten or removed.
    public func writeONNX(to folder: String) throws -> Written {
        let earlier = try EarlierExport(in: folder)
        var facts = try ExportFacts(trained, encoders)
        var written = Written()
        if let notice = facts.notice { written.notices.append(notice) }
        try writeGraphs(to: folder, below: "", &facts, &written)
        try complete(folder, earlier, facts, &written)
        return written
    }

    /// Writes weights with their configuration as Hugging Face's tools expect them, and the graphs in `onnx`.
    ///
    /// - Parameters:
    ///   - folder: the folder, which does not exist, is empty or contains an earlier export.
    ///   - card: makes the text of the model card.
    package func writeHuggingFace(to folder: String, card: (ExportFacts) throws -> String) throws -> Written {
        let earlier = try EarlierExport(in: folder)
        var facts = try ExportFacts(trained, encoders)
        var written = Written()
        if let notice = facts.notice { written.notices.append(notice) }
        do {
            try writeGraphs(to: folder, below: "onnx", &facts, &written)
        } catch let error as KitError where error.kind == .usage {
            written.notices.append("no graphs: \(error.message)")
            facts.encoders = encoders.map(Self.entry)
        }
        let items = try encoders.flatMap { encoder in
            try encoder.module.stateEntries(prefix: Self.prefix(of: encoder.name, among: encoders.count)).map {
                try $0.stored()
            }
        }
        let weights = "\(folder)/\(HuggingFaceFolder.weightsFile)"
        try SafetensorsWriter.write(items, metadata: ["format": "pt"], to: weights)
        let size = try FileManager.default.attributesOfItem(atPath: weights)[.size] as? Int
        written.files.append((weights, size ?? 0))
        for (name, content) in try HuggingFaceFolder.documents(facts) {
            try write(content, to: "\(folder)/\(name)", &written)
        }
        for name in [RunFolder.recipeFile, ConfigurationFacts.fileName]
        where trained.path != folder && DiskFileSystem().exists("\(trained.path)/\(name)") {
            try write(try DiskFileSystem().read("\(trained.path)/\(name)"), to: "\(folder)/\(name)", &written)
        }
        try write(Data(try card(facts).utf8), to: "\(folder)/\(HuggingFaceFolder.cardFile)", &written)
        try complete(folder, earlier, facts, &written)
        return written
    }

    /// The prefix of the tensors' names of an encoder: none if it is the only one.
    static func prefix(of name: String, among count: Int) -> String { count == 1 ? "" : "\(name)." }

    /// Removes what is left of an earlier export, and writes `dubkit.json`.
    private func complete(
        _ folder: String, _ earlier: EarlierExport, _ facts: ExportFacts, _ written: inout Written
    ) throws {
        var facts = facts
        let names = written.files.map { String($0.path.dropFirst(folder.count + 1)) }
        facts.files = names
        written.removed = try earlier.removeAll(but: Set(names))
        try write(try JSONText.document(facts), to: "\(folder)/\(ExportFacts.fileName)", &written)
        try earlier.forget()
    }

    private static func entry(_ encoder: TrainedRun.Encoding) -> ExportFacts.Entry {
        let plugin = encoder.module.factory as? any Encoder
        return ExportFacts.Entry(
            name: encoder.name, input: encoder.isVideo ? "video" : "sound",
            features: plugin?.features ?? plugin?.trunkFeatures ?? 0)
    }

    private func write(_ content: Data, to path: String, _ written: inout Written) throws {
        let file = try AtomicFile(path, expectedBytes: content.count)
        try content.withUnsafeBytes(file.write)
        try file.commit()
        written.files.append((path, content.count))
    }

    /// Writes the graphs of all encoders and adds them to the facts.
    private func writeGraphs(
        to folder: String, below part: String, _ facts: inout ExportFacts, _ written: inout Written
    ) throws {
        for encoder in encoders {
            try Interrupt.check()
            let inside = [part, encoders.count == 1 ? "" : encoder.name].filter { !$0.isEmpty }.joined(separator: "/")
            let place = inside.isEmpty ? folder : "\(folder)/\(inside)"
            do {
                let graphs = try EncoderGraphs(encoder, trained.clips)
                var entry = graphs.entry
                entry.folder = inside
                facts.encoders.append(entry)
                if let limit = entry.limit {
                    written.notices.append("'\(encoder.name)' takes only \(graphs.fixedAxes): \(limit)")
                }
                try Folder.make(place)
                for (name, file) in try graphs.files(facts, entry) {
                    let path = "\(place)/\(name)"
                    written.files.append((path, try file.write(to: path)))
                }
            } catch let error as KitError { throw error.prefixed("'\(encoder.name)'") }
        }
    }
}
