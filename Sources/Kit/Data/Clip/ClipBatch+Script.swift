import KitCore
import KitTensor

/// A batch in recipes: `clip.video`, `clip.audio.en`, `clip.ids`.
extension ClipBatch: ScriptObject {
    public static var scriptTypeName: String { "clip batch" }
    public static var scriptSummary: String { "Clips read side by side: what a step function gets." }
    public static var scriptMethods: [ScriptMethod] { [] }

    public static var scriptFields: [ScriptParameter] {
        [
            ScriptParameter("video", "tensor"), ScriptParameter("second_video", "tensor"),
            ScriptParameter("audio", AudioTracks.scriptTypeName), ScriptParameter("ids", "list of strings"),
            ScriptParameter("films", "list of strings"), ScriptParameter("starts", "list of numbers"),
            ScriptParameter("languages", "table"), ScriptParameter("labels", "list of values"),
            ScriptParameter("epoch", "integer"), ScriptParameter("index", "integer"),
        ]
    }

    /// Without the pictures that are not read: a recipe that asks for them is told so.
    public var scriptPropertyNames: [String] { Self.scriptFields.map(\.name).filter { scriptProperty($0) != nil } }

    public func scriptProperty(_ name: String) -> OptionValue? {
        switch name {
        case "video": video.map { .object($0) }
        case "second_video": secondVideo.map { .object($0) }
        case "audio": .object(audio)
        case "ids": .list(ids.map(OptionValue.string))
        case "films": .list(films.map(OptionValue.string))
        case "starts": .list(places.map { .number($0.start) })
        case "languages":
            .table(Options(named: languages.map { ($0.name, .list($0.codes.map(OptionValue.string))) }))
        case "labels": .list(places.map(\.labels))
        // Counted from 1, as all of Lua counts.
        case "epoch": .int(epoch + 1)
        case "index": .int(index + 1)
        default: nil
        }
    }

    public func scriptAbsence(of name: String) -> String {
        switch name {
        case "video": ": its dataset reads no pictures (video = false)"
        case "second_video": ": second views are made in training, by a dataset with the option second_view"
        default: ""
        }
    }

    public var scriptDescription: String { "batch of \(count) \(count == 1 ? "clip" : "clips")" }

    /// The tensors by shape, and a line for each clip.
    public var scriptDisplay: String {
        let axes = ["batch", "time", "height", "width", "channels"]
        let pictures = [("video", video), ("second_video", secondVideo)].compactMap { name, tensor in
            tensor.map { ["\(name)", $0.shape.described(by: axes)] }
        }
        let sound = audio.tracks.map {
            ["audio.\($0.name)", $0.tensor.shape.described(by: ["batch", "time", "mel", "channels"])]
        }
        let shown = places.prefix(20).map { ["\($0.clip.id)", "\($0.languages.joined(separator: " "))"] }
        let rest = count > 20 ? ["... and \(count - 20) more"] : []
        return
            ([scriptDescription, TextTable.text(pictures + sound), TextTable.text([["id", "languages"]] + shown)] + rest)
            .joined(separator: "\n")
    }

    public var scriptBytes: Int {
        let tensors = [video, secondVideo].compactMap { $0 } + audio.tracks.map(\.tensor)
        return tensors.reduce(0) { $0 + $1.scriptBytes }
    }

    public var scriptValue: OptionValue { .object(self) }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(ClipBatch.self) }
