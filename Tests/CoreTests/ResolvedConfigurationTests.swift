import KitCore
import Testing

@Suite struct ResolvedConfigurationTests {
    typealias Declaration = ResolvedConfiguration.Declaration

    private let keys = [
        Declaration("data", .string("samples/movies"), help: "Folder of films."),
        Declaration("batch", .int(24), from: .paper), Declaration("rate", .number(0.1)),
        Declaration("mirror", .bool(false)), Declaration("langs", .list([.string("en")])),
        Declaration("workers", .int(2), isDefault: true, from: .ours),
        Declaration("sizes", .list([.int(8), .int(16)])), Declaration("mixed", .list([.int(1), .string("a")])),
    ]

    @Test func commandLineBeatsEnvironmentBeatsRecipeBeatsUserFileBeatsDefault() throws {
        let configuration = ResolvedConfiguration(
            overrides: [("batch", "8"), ("batch", "32")],
            userFile: [("data", .string("mine")), ("workers", .int(7)), ("unheard_of", .bool(true))],
            environment: { ["DUBKIT_BATCH": "16", "DUBKIT_RATE": "0.5"][$0] })
        try configuration.declare(keys)
        let resolved = configuration.entries.map { "\($0.key)=\($0.value.optionText) \($0.origin.rawValue)" }
        #expect(
            resolved == [
                "data=\"samples/movies\" recipe", "batch=32 command line", "rate=0.5 environment",
                "mirror=false recipe", "langs={ \"en\" } recipe", "workers=7 user file", "sizes={ 8, 16 } recipe",
                "mixed={ 1, \"a\" } recipe", "seed=0 default",
            ])
        #expect(configuration["batch"]?.provenance == nil)
        #expect(configuration["seed"]?.provenance == .ours)
    }

    /// A combining accent makes one character with the sign before it.
    @Test func valuesMayBeginWithACombiningAccent() throws {
        let override = try ResolvedConfiguration.parseOverride("data=\u{301}a=b")
        #expect(override.key == "data" && override.text == "\u{301}a=b")
        let configuration = ResolvedConfiguration(overrides: [("langs", "a,\u{301}b")], environment: { _ in nil })
        try configuration.declare(keys)
        guard case .list(let items)? = configuration["langs"]?.value else {
            Issue.record("no list")
            return
        }
        #expect(items.map(\.optionText) == ["\"a\"", "\"\u{301}b\""])
    }

    @Test func overridesTakeTheTypeOfTheDeclaredValue() throws {
        let configuration = ResolvedConfiguration(
            overrides: [
                ("rate", "1"), ("mirror", "true"), ("langs", "fr,ja"), ("data", "a,b"), ("seed", "9"), ("batch", "1e3"),
                ("sizes", ""),
            ],
            environment: { _ in nil })
        try configuration.declare(keys)
        #expect(configuration["rate"]?.value.optionText == "1.0")
        #expect(configuration["mirror"]?.value.optionText == "true")
        #expect(configuration["langs"]?.value.optionText == "{ \"fr\", \"ja\" }")
        #expect(configuration["data"]?.value.optionText == "\"a,b\"")
        #expect(configuration["seed"]?.value.optionText == "9")
        #expect(configuration["batch"]?.value.optionText == "1000")
        #expect(configuration["sizes"]?.value.optionText == "{  }")
    }

    @Test(arguments: [
        ("batsh", "1", "batsh=1: the recipe has no key 'batsh': did you mean 'batch'?"),
        ("lr", "1", "lr=1: the recipe has no key 'lr': did you mean 'rate'?"),
        ("batch", "1.5", "batch=1.5: must be an integer"),
        ("rate", "fast", "rate=fast: must be a number"),
        ("mirror", "yes", "mirror=yes: must be true or false, but is string \"yes\""),
        ("sizes", "1,x", "sizes=1,x: [2] must be an integer, but is string \"x\""),
        ("mixed", "1", "mixed=1: can be set in the recipe only"),
    ])
    func wrongOverridesAreNamed(key: String, text: String, message: String) throws {
        let configuration = ResolvedConfiguration(overrides: [(key, text)], environment: { _ in nil })
        let error = #expect(throws: KitError.self) { try configuration.declare(keys) }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }

    @Test func keysAreDeclaredOnceUnlessInteractive() throws {
        let configuration = ResolvedConfiguration(environment: { _ in nil })
        try configuration.declare(keys)
        #expect(throws: KitError.self) { try configuration.declare(keys) }
        let prompt = ResolvedConfiguration(isInteractive: true, environment: { _ in nil })
        try prompt.declare(keys)
        try prompt.declare([])
        #expect(prompt.entries.map(\.key) == ["seed"])
    }

    @Test func overridesWithoutDeclaredKeysAreAnError() {
        let configuration = ResolvedConfiguration(overrides: [("a", "1")])
        #expect(throws: KitError.self) { try configuration.requireDeclared() }
        #expect(throws: Never.self) { try ResolvedConfiguration().requireDeclared() }
    }

    @Test func reportShowsOriginProvenanceAndHelp() throws {
        let configuration = ResolvedConfiguration(overrides: [("batch", "32")], environment: { _ in nil })
        try configuration.declare(Array(keys.prefix(2)))
        #expect(
            configuration.report == """
                data = "samples/movies"  recipe         Folder of films.
                batch = 32               command line
                seed = 0                 default, ours  Seed of all randomness.
                """)
    }

    @Test func overrideTextIsSplitAtTheFirstEqualsSign() throws {
        let parsed = try ResolvedConfiguration.parseOverride("filter=a=b")
        #expect(parsed.key == "filter" && parsed.text == "a=b")
        #expect(throws: KitError.self) { try ResolvedConfiguration.parseOverride("=b") }
        #expect(throws: KitError.self) { try ResolvedConfiguration.parseOverride("batch") }
    }
}
