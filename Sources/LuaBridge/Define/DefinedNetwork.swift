import Kit

/// A module that is written in Lua: its parts, and the function that applies them.
class DefinedNetwork: Module {
    fileprivate let definition: Definition

    init(_ definition: Definition, _ parts: DefinedParts) {
        self.definition = definition
        super.init()
        parts.register(in: self)
    }

    override func forward(_ input: Tensor, _ others: [Tensor]) throws -> Tensor {
        let result = try definition.call([.object(self), .object(input)] + others.map { .object($0) })
        guard case .object(let tensor as Tensor) = result else {
            throw definition.mismatch("a tensor", result.givenText)
        }
        return tensor
    }

    override var summary: String { definition.declaration.name }

    fileprivate static let forward = (
        name: "forward",
        help: """
        Called as forward(self, x, options) with the module, whose parts are its fields, and its input; returns a \
        tensor, through which gradients flow.
        """
    )
}

/// A layer or another part of a network, written in Lua.
final class DefinedLayer: Layer, DefinedPlugin {
    static let functions = [
        (
            name: "forward",
            help: """
            Called as forward(self, x, options) with the module, whose parts are its fields, and its input; further \
            tensors of the call come after x. Returns a tensor, through which gradients flow.
            """
        )
    ]
    static func fields() -> [(name: String, param: any AnyOption)] { [DefinedParts.field()] }

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedLayer(definition) }

    func build(_ random: inout RandomStream) throws -> Module {
        DefinedNetwork(definition, try DefinedParts(definition, random))
    }
}

/// A head written in Lua.
final class DefinedHead: Head, DefinedPlugin {
    static let functions = [DefinedNetwork.forward]
    static func fields() -> [(name: String, param: any AnyOption)] { [DefinedParts.field()] }

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedHead(definition) }

    func build(_ random: inout RandomStream) throws -> Module {
        DefinedNetwork(definition, try DefinedParts(definition, random))
    }
}

/// An encoder written in Lua. All of them have the option `features`.
final class DefinedEncoder: Encoder, DefinedPlugin {
    static let functions = [DefinedNetwork.forward]

    static func fields() -> [(name: String, param: any AnyOption)] {
        [
            (
                "input",
                Param<Either<DefinedInput, ObjectOption<any ScriptFunction>>>(
                    """
                    What it reads: "video" [batch, time, height, width, 3], "log_mel" [batch, time, mel, 2], or \
                    { "log_mel", channels = 1, mel = 64 } with other channels or a fixed number of bands; or a \
                    function of the options that returns this.
                    """)
            ),
            (
                "width",
                Param<Either<Int, ObjectOption<any ScriptFunction>>>(
                    "The width of its output [batch, width], or a function of the options that returns it.")
            ),
            (
                "no_gradient",
                Param(
                    wrappedValue: [String](),
                    "Patterns of weights that the output may not depend on, or only through a stopped gradient, such as \"target%.layer1\"; the checks then expect none.",
                    from: .ours)
            ),
            (
                "tokens",
                Param(
                    wrappedValue: [TokenAxis](),
                    "The axes of the grid that kit.layer.patches cuts the input into, outermost first, such as { \"mel\", \"time\" }: features can then follow time (frames = \"time\").",
                    from: .ours)
            ),
            DefinedParts.field(),
        ]
    }

    /// An axis of a grid of tokens.
    enum TokenAxis: String, CaseIterable, ChoiceOption { case time, mel, height, width }

    static func commonOptions() -> [(name: String, param: any AnyOption)] {
        let none: Int? = nil
        return [
            (
                "features",
                Param(
                    wrappedValue: none,
                    "Width of a linear layer on top, a part called features; without it, the output of forward.",
                    from: .ours)
            )
        ]
    }

    let definition: Definition
    private(set) var expectedInput = ExpectedInput.video(channels: 3)
    private(set) var trunkFeatures = 1
    var features: Int? { definition.common("features") }
    private var withoutGradient: [NamePattern] = []
    fileprivate private(set) var tokens: [TokenAxis] = []

    func mayHaveNoGradient(_ name: String) -> Bool { withoutGradient.contains { $0.covers(name) } }

    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedEncoder(definition) }

    func validate() throws {
        try validateFeatures()
        expectedInput = try definition.field("input", as: DefinedInput.self).expected
        trunkFeatures = try definition.field("width", as: Int.self)
        withoutGradient = try (definition.fields["no_gradient"].map([String].init(option:)) ?? []).map(NamePattern.init)
        tokens = try definition.fields["tokens"].map([TokenAxis].init(option:)) ?? []
        guard tokens.isEmpty || tokens.contains(.time) && Set(tokens).count == tokens.count else {
            throw KitError.usage(
                "'tokens' must name each axis once and time among them, but is \(tokens.map(\.rawValue).optionText)")
        }
        guard Linear.widths.contains(trunkFeatures) else {
            throw KitError.usage("'width' must be 1 to \(Linear.widths.upperBound), but is \(trunkFeatures)")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        let parts = try DefinedParts(definition, random)
        return DefinedEncoderNetwork(self, parts, features.map { Linear(trunkFeatures, $0, &random) })
    }
}

/// Checks what goes in and comes out, so that a mistake shows where it is.
private final class DefinedEncoderNetwork: DefinedNetwork, TokenNetwork {
    private let settings: DefinedEncoder
    private let top: Linear?

    init(_ settings: DefinedEncoder, _ parts: DefinedParts, _ top: Linear?) {
        (self.settings, self.top) = (settings, top)
        super.init(settings.definition, parts)
        if let top { register("features", top) }
    }

    override func forward(_ input: Tensor, _ others: [Tensor]) throws -> Tensor {
        try settings.expectedInput.check(input, for: definition.declaration.name)
        let output = try super.forward(input, others)
        let expected: Shape = [input.shape[0], settings.trunkFeatures]
        guard output.shape == expected else {
            throw definition.mismatch(
                "[batch \(expected[0]), width \(expected[1])]", "a tensor of shape \(output.shape)")
        }
        return try top?(output) ?? output
    }

    var timeAxis: Int { settings.tokens.firstIndex(of: .time) ?? 0 }

    func tokenGrids(of input: Shape) -> [TokenGrid] {
        let inside = namedModules("").map(\.module)
        let leading = inside.reduce(0) { $0 + (($1 as? ClassToken)?.count ?? 0) }
        return inside.compactMap { ($0 as? PatchEmbedding)?.grid }.filter { $0.count == settings.tokens.count }
            .flatMap { grid in Set([0, leading]).sorted().map { TokenGrid(grid, leading: $0) } }
    }

    override var summary: String { "\(definition.declaration.name) (\(settings.mapText))" }
}

/// The input of an encoder written in Lua: "video", "log_mel", or { "log_mel", channels = 1, mel = 64 }.
struct DefinedInput: OptionConvertible {
    private enum Kind: String, CaseIterable, ChoiceOption {
        case video
        case logMel = "log_mel"

        static let foreignWords = ["audio": logMel.rawValue, "spectrogram": logMel.rawValue, "frames": video.rawValue]
    }

    let expected: ExpectedInput
    let optionValue: OptionValue

    static var optionTypeName: String { "one of video, log_mel, or table" }
    static var optionWords: [String] { Kind.optionWords }

    init(option: OptionValue) throws {
        optionValue = option
        let table: Options
        switch option {
        case .string: table = Options(list: [option])
        case .list(let items): table = Options(list: items)
        case .table(let options): table = options
        default: throw OptionMismatch(expected: "\"video\", \"log_mel\" or a table that begins with one of them")
        }
        guard table.list.count == 1 else {
            throw OptionMismatch(expected: "\"video\", \"log_mel\" or a table that begins with one of them")
        }
        let kind = try Kind(option: table.list[0])
        let known = kind == .logMel ? ["channels", "mel"] : []
        for (key, value) in table.named {
            guard known.contains(key) else {
                throw OptionMismatch(
                    expected: kind == .video
                        ? "\"video\" alone, since frames are red, green and blue" : "a table with channels and mel only"
                )
            }
            _ = try OptionMismatch.naming(".\(key)", value) { value in
                guard let number = try? Int(option: value), 1...4096 ~= number else {
                    throw OptionMismatch(expected: "an integer of 1 to 4096")
                }
            }
        }
        func number(_ key: String) -> Int? {
            table.named.first { $0.key == key }.flatMap { try? Int(option: $0.value) }
        }
        expected =
            kind == .video ? .video(channels: 3) : .logMel(mels: number("mel"), channels: number("channels") ?? 2)
    }
}

@section("dubkit_plugins") @used private let encoder: PluginEntry = {
    registerPlugin(DefinePlugin<DefinedEncoder>.self)
}
@section("dubkit_plugins") @used private let head: PluginEntry = { registerPlugin(DefinePlugin<DefinedHead>.self) }
@section("dubkit_plugins") @used private let layer: PluginEntry = { registerPlugin(DefinePlugin<DefinedLayer>.self) }
