import KitCore
import KitTensor

extension Board: ScriptObject {
    public static var scriptTypeName: String { "board" }
    public static var scriptSummary: String {
        "What a recipe shows in TensorBoard next to a run's curves: the last argument of on_step, on_epoch, on_end and evaluate."
    }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "scalar", on: Board.self, "A number, a point of its own curve.", ScriptArgument("name", String.self),
                ScriptArgument("value", Double.self)
            ) { board, name, value in try board.scalar(name, value) },
            ScriptMethod(
                "text", on: Board.self, "A text in Markdown.", ScriptArgument("name", String.self),
                ScriptArgument("text", String.self)
            ) { board, name, text in try board.text(name, text) },
            ScriptMethod(
                "image", on: Board.self,
                "An image: [height, width, 3] in 0..1, or [height, width] from the smallest value, black, to the largest, white.",
                ScriptArgument("name", String.self), ScriptArgument("x", Tensor.self)
            ) { board, name, x in try board.image(name, x) },
            ScriptMethod(
                "spectrogram", on: Board.self,
                "A spectrogram, [time, bands] or the first channel of [time, bands, channels], with time to the right and low bands at the bottom.",
                ScriptArgument("name", String.self), ScriptArgument("x", Tensor.self)
            ) { board, name, x in try board.spectrogram(name, x) },
            ScriptMethod(
                "audio", on: Board.self, "A sound, [samples] or [samples, channels], full scale ±1; 48 kHz by default.",
                ScriptArgument("name", String.self), ScriptArgument("x", Tensor.self),
                ScriptArgument("sample_rate", Int.self, default: 48_000)
            ) { board, name, x, rate in
                guard (1000...192_000).contains(rate) else {
                    throw KitError.usage("audio: sample_rate must be 1000 to 192000 Hz, but is \(rate)")
                }
                try board.audio(name, x, sampleRate: rate)
            },
            ScriptMethod(
                "histogram", on: Board.self, "How often each value occurs in a tensor, in 30 bins of equal width.",
                ScriptArgument("name", String.self), ScriptArgument("x", Tensor.self)
            ) { board, name, x in try board.histogram(name, x) },
            ScriptMethod(
                "embedding", on: Board.self,
                "Rows of features, [rows, features], for the embedding projector, with a label for each row.",
                ScriptArgument("name", String.self), ScriptArgument("x", Tensor.self),
                ScriptArgument("labels", [String]?.self)
            ) { board, name, x, labels in try board.embedding(name, x, labels: labels) },
        ]
    }
    public var scriptDescription: String { costLine ?? "board without records" }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Board.self) }
