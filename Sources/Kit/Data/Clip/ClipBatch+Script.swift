import KitCore
import KitTensor

/// A batch in recipes: `clip.video`, `clip.audio.en`, `clip.ids`.
extension ClipBatch: ScriptObject {
    public static var scriptTypeName: String { "clip batch" }
    public static var scriptSummary: String { "A batch of clips, which a step function receives." }

    public static var scriptFields: [ScriptField] {
        [
            // Missing if they are not read; the error says so.
            ScriptField("video", on: ClipBatch.self, Tensor.self) { $0.video },
            ScriptField("second_video", on: ClipBatch.self, Tensor.self) { $0.secondVideo },
            ScriptField("audio", on: ClipBatch.self, AudioTracks.self) { $0.audio },
            // Missing if there are several tracks, or none.
            ScriptField("sound", on: ClipBatch.self, Tensor.self) { batch in
                batch.audio.tracks.count == 1 ? batch.audio.tracks[0].tensor : nil
            },
            ScriptField("ids", on: ClipBatch.self, [String].self) { $0.ids },
            ScriptField("films", on: ClipBatch.self, [String].self) { $0.films },
            ScriptField("starts", on: ClipBatch.self, [Double].self) { $0.places.map(\.start) },
            ScriptField("languages", on: ClipBatch.self, Options.self) { batch in
                Options(named: batch.languages.map { ($0.name, $0.codes.optionValue) })
            },
            ScriptField("labels", on: ClipBatch.self, [OptionValue].self) { $0.places.map(\.labels) },
            // Missing unless the clips come from a labelled dataset.
            ScriptField("classes", on: ClipBatch.self, [OptionValue].self) { batch in
                let classes = batch.places.map { place -> OptionValue in
                    guard case .table(let labels) = place.labels else { return .null }
                    return labels.named.first { ["class", "classes"].contains($0.key) }?.value ?? .null
                }
                return classes.contains { if case .null = $0 { true } else { false } } ? nil : classes
            },
            // From 1, as everywhere in Lua.
            ScriptField("epoch", on: ClipBatch.self, Int.self) { $0.epoch + 1 },
            ScriptField("index", on: ClipBatch.self, Int.self) { $0.index + 1 },
        ]
    }

    public func scriptAbsence(of name: String) -> String {
        switch name {
        case "video": ": its dataset reads no video (video = false)"
        case "sound" where audio.tracks.isEmpty: ": its dataset reads no sound (audio = false)"
        case "sound":
            ": its clips have several tracks (\(audio.tracks.map(\.name).joined(separator: ", "))): use batch.audio.NAME, "
                + "or name one in the dataset's tracks"
        case "classes": ": its clips are not from a labelled dataset, and have no label 'class'"
        case "second_video": ": second views are made in training, by a dataset with the option second_view"
        default: ""
        }
    }

    public var scriptDescription: String { "batch of \(count) \(count == 1 ? "clip" : "clips")" }

    /// The shapes of the tensors, and a line for each clip.
    public var scriptDisplay: String {
        let axes = ["batch", "time", "height", "width", "channels"]
        let video = [("video", video), ("second_video", secondVideo)].compactMap { name, tensor in
            tensor.map { ["\(name)", $0.shape.described(by: axes)] }
        }
        let sound = audio.tracks.map {
            ["audio.\($0.name)", $0.tensor.shape.described(by: ["batch", "time", "mel", "channels"])]
        }
        let shown = places.prefix(20).map { ["\($0.clip.id)", "\($0.languages.joined(separator: " "))"] }
        let rest = count > 20 ? ["... and \(count - 20) more"] : []
        return
            ([scriptDescription, TextTable.text(video + sound), TextTable.text([["id", "languages"]] + shown)] + rest)
            .joined(separator: "\n")
    }

    public var scriptBytes: Int {
        let tensors = [video, secondVideo].compactMap { $0 } + audio.tracks.map(\.tensor)
        return tensors.reduce(0) { $0 + $1.scriptBytes }
    }

    public var scriptValue: OptionValue { .object(self) }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(ClipBatch.self) }
