import KitCore
import KitMedia
import KitTensor

/// Removes speech from stereo sound.
///
/// It receives sound in consecutive blocks: `SeparationStream` cuts sound of any length into them.
public protocol Separator: AnyObject, ScriptObject {
    /// The sample rate that it needs; sound at another rate is resampled in both directions. Nil if it takes any rate.
    var sampleRate: Int? { get }
    /// The length of a block in seconds. Longer sound is separated block by block.
    var blockSeconds: Double { get }
    /// The overlap of two blocks in seconds, in which one fades into the other.
    var overlapSeconds: Double { get }
    /// The content of a block, [2, samples] at its rate, without speech; same length. Silence gives silence.
    func separate(block: Waveform) throws -> Waveform
}

extension Separator {
    public var blockSeconds: Double { 20 }
    public var overlapSeconds: Double { 2 }

    /// A whole sound without speech, [2, samples]. Mono is duplicated; more channels are an error.
    public func separate(_ sound: Waveform) throws -> Waveform {
        let stream = try SeparationStream(self, sampleRate: sound.sampleRate)
        let parts = [try stream.separate(sound), try stream.finish()]
        return Waveform(joining: parts)
    }

    public static var scriptTypeName: String { "separator" }
    public static var scriptSummary: String { "Removes speech from sound." }
    public static var scriptMethods: [ScriptMethod] { [separateMethod, streamMethod] }

    /// For sound of any length.
    public static var streamMethod: ScriptMethod {
        ScriptMethod(
            "stream", on: (any Separator).self,
            "Begins a sound of any length, which is separated piece by piece with the memory of one block; 48 kHz by default.",
            ScriptArgument("sample_rate", Int.self, default: 48_000), returns: SeparationStream.self
        ) { separator, rate in try SeparationStream(separator, sampleRate: rate) }
    }

    /// For a whole sound.
    public static var separateMethod: ScriptMethod {
        ScriptMethod(
            "separate", on: (any Separator).self,
            "The sound without speech, [samples, 2], from stereo [samples, 2] or mono [samples, 1], which is duplicated; "
                + "48 kHz by default.",
            ScriptArgument("sound", Tensor.self), ScriptArgument("sample_rate", Int.self, default: 48_000),
            returns: Tensor.self
        ) { separator, sound, rate in
            Tensor(try separator.separate(SeparationStream.sound(sound, rate)))
        }
    }
}

/// A plugin that makes a separator: `kit.separator.center {}`.
public protocol SeparatorFactory: Plugin {
    func make() throws -> any Separator
}

extension SeparatorFactory {
    public static var kind: String { "separator" }
    public static var returns: any OptionConvertible.Type { ObjectOption<any Separator>.self }
    public func construct() throws -> Any { try make() }
}
