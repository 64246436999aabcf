import KitCore
import KitMedia
import KitTensor

extension SeparationStream: ScriptObject {
    public static var scriptTypeName: String { "separation stream" }
    public static var scriptSummary: String { "Removes speech from sound of any length, piece by piece." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "separate", on: SeparationStream.self,
                "Takes the next piece of sound, [samples, channels], and returns the sound without speech that is ready, "
                    + "[ready, 2].",
                ScriptArgument("sound", Tensor.self), returns: Tensor.self
            ) { stream, sound in Tensor(try stream.separate(SeparationStream.sound(sound, stream.sampleRate))) },
            ScriptMethod(
                "finish", on: SeparationStream.self, "The rest, [ready, 2], after the last piece.", returns: Tensor.self
            ) { stream in Tensor(try stream.finish()) },
        ]
    }
}

extension SeparationStream {
    /// Sound from a script. Throws if it has another shape or is not finite.
    static func sound(_ sound: Tensor, _ sampleRate: Int) throws -> Waveform {
        guard sound.shape.rank == 2, sound.count > 0 else {
            throw KitError.usage("separate: expected sound [samples, channels], given \(sound.shape)")
        }
        guard sound.nonFiniteCount == 0 else { throw KitError(.nonFinite, "separate: NaN or infinity in the sound") }
        return Waveform(sound, sampleRate: sampleRate)
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(SeparationStream.self) }
