import KitCore
import KitMedia
import KitTensor

/// What takes the speech out of sound, in stereo.
///
/// It sees sound in blocks, one after the other: `SeparationStream` cuts a sound of any length into them.
public protocol Separator: AnyObject, ScriptObject {
    /// Samples per second that it works at: sound at another rate is resampled there and back. Nil: it takes any.
    var sampleRate: Int? { get }
    /// Seconds of a block: longer sound is separated block by block.
    var blockSeconds: Double { get }
    /// Seconds that two blocks have in common; one fades into the other there.
    var overlapSeconds: Double { get }
    /// What a block, [2, samples] at its rate, holds beside speech; as long as the block. Silence gives silence.
    func separate(block: Waveform) throws -> Waveform
}

extension Separator {
    public var blockSeconds: Double { 20 }
    public var overlapSeconds: Double { 2 }

    /// A whole sound without its speech, [2, samples]. Mono is duplicated; more channels are an error.
    public func separate(_ sound: Waveform) throws -> Waveform {
        let stream = try SeparationStream(self, sampleRate: sound.sampleRate)
        let parts = [try stream.separate(sound), try stream.finish()]
        return Waveform(joining: parts)
    }

    public static var scriptTypeName: String { "separator" }
    public static var scriptSummary: String { "Takes the speech out of sound." }
    public static var scriptMethods: [ScriptMethod] { [separateMethod] }

    /// What every separator's methods begin with.
    public static var separateMethod: ScriptMethod {
        ScriptMethod(
            "separate", on: (any Separator).self,
            "The sound without its speech, [samples, 2], from stereo [samples, 2] or mono [samples, 1], which is duplicated; "
                + "48 kHz unless said.",
            ScriptParameter("sound", Tensor.self), ScriptParameter("sample_rate", Int.self, default: 48_000),
            returns: Tensor.self
        ) { separator, sound, rate in
            guard sound.shape.rank == 2, sound.count > 0 else {
                throw KitError.usage("separate: expected sound [samples, channels], given \(sound.shape)")
            }
            guard sound.nonFiniteCount == 0 else {
                throw KitError(.nonFinite, "separate: NaN or infinity in the sound")
            }
            return Tensor(try separator.separate(Waveform(sound, sampleRate: rate)))
        }
    }
}

/// A plugin that makes a separator: `kit.separator.center {}`.
public protocol SeparatorFactory: Plugin {
    func make() throws -> any Separator
}

extension SeparatorFactory {
    public static var kind: String { "separator" }
    public static var returns: any OptionConvertible.Type { Ref<any Separator>.self }
    public func construct() throws -> Any { try make() }
}
