import KitCore
import KitMedia
import KitTensor

/// The spectrograms of one batch by name: `clip.audio.es`, `clip.audio["spa"]`, `clip.audio.secondary`.
public final class AudioTracks {
    /// The spectrograms of all clips of a batch under one name.
    public struct Track {
        /// A language code, or a name in the dataset's `tracks` for one language or several.
        public let name: String
        /// Its only language, which can be looked up by any of its codes; nil if clips differ.
        public let language: Language?
        /// [batch, time, mel, channels].
        public let tensor: Tensor
    }

    public let tracks: [Track]
    /// Names for several tracks, with their positions.
    let groups: [(name: String, members: [Int])]

    init(_ tracks: [Track], groups: [(name: String, members: [Int])] = []) {
        self.tracks = tracks
        self.groups = groups
    }

    /// The tracks of some of the clips, by their rows.
    func part(_ rows: Range<Int>) throws -> AudioTracks {
        let parts = try tracks.map {
            Track(name: $0.name, language: $0.language, tensor: try $0.tensor.slice(axis: 0, rows))
        }
        return AudioTracks(parts, groups: groups)
    }

    /// The spectrograms with this name, or in the language with this code (`es`, `spa`).
    public subscript(name: String) -> Tensor? {
        if let track = tracks.first(where: { $0.name == name }) { return track.tensor }
        let language = Language(tag: name)
        return tracks.first { $0.language?.matches(language) == true }?.tensor
    }
}

extension AudioTracks: ScriptObject {
    public static var scriptTypeName: String { "audio tracks" }
    public static var scriptSummary: String {
        "Log-mel spectrograms [batch, time, mel, channels] by language or by the name given in the dataset's tracks."
    }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField(everyNameOn: AudioTracks.self, Either<Tensor, [Tensor]>.self) { audio, name in
                if let tensor = audio[name] { return .first(tensor) }
                guard let group = audio.groups.first(where: { $0.name == name }) else { return nil }
                return .second(group.members.map { audio.tracks[$0].tensor })
            }
        ]
    }
    public var scriptPropertyNames: [String] { tracks.map(\.name) + groups.map(\.name) }
    public var scriptDisplay: String {
        let rows = tracks.map {
            [
                $0.name, $0.language?.description ?? "several",
                $0.tensor.shape.described(by: ["batch", "time", "mel", "channels"]),
            ]
        }
        return TextTable.text([["track", "language", "log-mel"]] + rows)
    }
    public var scriptDescription: String {
        let lines = tracks.map { "\($0.name) \($0.tensor.shape.described(by: ["batch", "time", "mel", "channels"]))" }
        return "audio { \(lines.joined(separator: ", ")) }"
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(AudioTracks.self) }
