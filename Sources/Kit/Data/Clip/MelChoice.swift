import KitCore
import KitMedia

/// The settings of log-mel spectrograms: the option `mel` of a dataset.
///
///     mel = "v1"                                     -- [280, 96, 2] for 3 s
///     mel = "v2"                                     -- [288, 96, 1]: the mean of the channels, in decibels
///     mel = { preset = "v1", mels = 128, hop = 480 } -- a preset with changes
public struct MelChoice: OptionConvertible {
    public let settings: LogMel.Settings
    private let text: String
    public let optionValue: OptionValue

    public static var v1: MelChoice { MelChoice(settings: .v1, text: "\"v1\"", optionValue: .string("v1")) }

    private init(settings: LogMel.Settings, text: String, optionValue: OptionValue) {
        (self.settings, self.text, self.optionValue) = (settings, text, optionValue)
    }

    static let presets: [(name: String, settings: LogMel.Settings)] = [
        ("v1", .v1), ("v2", .v2Mono), ("v2_stereo", .v2),
    ]

    public static var optionTypeName: String {
        "one of \(presets.map(\.name).joined(separator: ", ")), or table"
    }

    public init(option: OptionValue) throws {
        optionValue = option
        switch option {
        case .string(let name):
            settings = try Self.preset(name)
            text = "\"\(name)\""
        case .table(let options) where options.list.isEmpty:
            var settings = LogMel.Settings.v1
            if let preset = options.named.first(where: { $0.key == "preset" }) {
                settings = try Self.preset(Self.read(preset.key, preset.value))
            }
            for (key, value) in options.named where key != "preset" {
                guard let set = Self.keys.first(where: { $0.name == key })?.set else {
                    let names = ["preset"] + Self.keys.map(\.name)
                    throw KitError.usage(
                        "unknown key '\(key)' in 'mel'\(NearestName.hint(key, in: names)) "
                            + "(the keys are: \(names.joined(separator: ", ")))")
                }
                try set(&settings, value)
            }
            self.settings = settings
            text =
                "{ \(options.named.map { "\($0.key) = \(Self.text(of: $0.value))" }.sorted().joined(separator: ", ")) }"
        default: throw OptionMismatch(expected: Self.optionTypeName)
        }
    }

    public var optionText: String { text }

    private static func preset(_ name: String) throws -> LogMel.Settings {
        guard let preset = presets.first(where: { $0.name == name }) else {
            let names = presets.map(\.name)
            throw KitError.usage(
                "unknown mel preset '\(name)'\(NearestName.hint(name, in: names)) (there are: \(names.joined(separator: ", ")))"
            )
        }
        return preset.settings
    }

    private static let keys: [(name: String, set: @Sendable (inout LogMel.Settings, OptionValue) throws -> Void)] = [
        ("sample_rate", { $0.sampleRate = try read("sample_rate", $1, in: Waveform.sampleRates) }),
        ("fft_size", { $0.fftSize = try read("fft_size", $1, in: 16...65536) }),
        ("hop", { $0.hop = try read("hop", $1, in: 1...65536) }),
        ("centred", { $0.isCentred = try read("centred", $1) }),
        ("mels", { $0.mels = try read("mels", $1, in: 1...4096) }),
        ("lowest", { $0.lowest = try read("lowest", $1, in: 0...384_000) }),
        ("highest", { $0.highest = try read("highest", $1, in: 0...384_000) }),
        ("scale", { $0.scale = try read("scale", $1) }),
        ("area_normalised", { $0.isAreaNormalised = try read("area_normalised", $1) }),
        ("log_offset", { $0.level = .natural(offset: try read("log_offset", $1, in: LogMel.Level.constants)) }),
        ("decibel_floor", { $0.level = .decibel(floor: try read("decibel_floor", $1, in: LogMel.Level.constants)) }),
        ("frames", { $0.frames = try read("frames", $1, in: 1...1_000_000) }),
        ("mono", { $0.isMono = try read("mono", $1) }),
    ]

    /// The table that gives these settings.
    public static func option(of settings: LogMel.Settings) -> OptionValue {
        var values: [(key: String, value: OptionValue)] = [
            ("sample_rate", .int(settings.sampleRate)), ("fft_size", .int(settings.fftSize)),
            ("hop", .int(settings.hop)),
            ("centred", .bool(settings.isCentred)), ("mels", .int(settings.mels)), ("lowest", .number(settings.lowest)),
            ("highest", .number(settings.highest)), ("scale", settings.scale.optionValue),
            ("area_normalised", .bool(settings.isAreaNormalised)), ("mono", .bool(settings.isMono)),
        ]
        switch settings.level {
        case .natural(let offset): values.append(("log_offset", .number(offset)))
        case .decibel(let floor): values.append(("decibel_floor", .number(floor)))
        }
        if let frames = settings.frames { values.append(("frames", .int(frames))) }
        return .table(Options(named: values))
    }

    private static func read<Value: OptionConvertible>(_ key: String, _ value: OptionValue) throws -> Value {
        do {
            return try Value(option: value)
        } catch let mismatch as OptionMismatch {
            throw KitError.usage(mismatch.message("'\(key)' in 'mel'", value))
        }
    }

    private static func read<Value: OptionConvertible & Comparable>(
        _ key: String, _ value: OptionValue, in range: ClosedRange<Value>
    ) throws -> Value {
        let number: Value = try read(key, value)
        guard range.contains(number) else {
            throw KitError.usage(
                "'\(key)' in 'mel' must be \(range.lowerBound) to \(range.upperBound), but is \(number)")
        }
        return number
    }

    private static func text(of value: OptionValue) -> String {
        switch value {
        case .bool(let value): value.optionText
        case .int(let value): value.optionText
        case .number(let value): value.optionText
        case .string(let value): value.optionText
        default: value.givenText
        }
    }
}

extension MelScale: ChoiceOption {}
