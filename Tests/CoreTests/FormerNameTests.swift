import KitCore
import Testing

private enum Input: String, CaseIterable, ChoiceOption {
    case frames, spectrogram

    static let formerWords = ["pictures": "frames"]
}

private struct Descent: Plugin {
    static let kind = "step"
    static let name = "descent"
    static let formerName: String? = "steepest"
    static let summary = "For tests."
    static let reference = "Here."

    @Param("The size of a step.", in: 0...10, from: .ours, was: "rate") var learningRate: Double = 0.1
    @Param("What it reads.", from: .ours) var input: Input = .spectrogram
}

/// Names of the previous version work, with one notice each.
@Suite struct FormerNameTests {
    private let registry = PluginRegistry([Descent.self])

    /// The notices of `body`, in a session of its own.
    private func notices(_ body: () throws -> Void) throws -> [String] {
        let session = Session()
        try session.run(body)
        return session[FormerNames.self].notices
    }

    private func make(_ name: String, _ options: [(key: String, value: OptionValue)]) throws -> Descent {
        try #require(registry.make(kind: "step", name: name, options: Options(named: options)) as? Descent)
    }

    @Test func optionsPluginsAndChoicesGiveTheNewName() throws {
        let notices = try notices {
            for _ in 0..<2 {
                let made = try make("steepest", [("rate", .number(0.5)), ("input", .string("pictures"))])
                #expect(made.learningRate == 0.5 && made.input == .frames)
            }
        }
        #expect(
            notices == [
                "kit.step.steepest is now called 'kit.step.descent'; the old name works in this version only",
                "kit.step.descent: option 'rate' is now called 'learning_rate'; the old name works in this version only",
                "'pictures' is now called 'frames'; the old name works in this version only",
            ])
    }

    @Test func newNamesGiveNoNotice() throws {
        let notices = try notices {
            _ = try make("descent", [("learning_rate", .number(0.5)), ("input", .string("frames"))])
        }
        #expect(notices.isEmpty)
    }

    @Test func bothNamesAtOnceAreAnError() {
        let error = #expect(throws: KitError.self) {
            try make("descent", [("rate", .number(0.5)), ("learning_rate", .number(0.5))])
        }
        #expect(error?.message.contains("'learning_rate' is given twice: 'rate' is its former name") == true)
    }

    @Test func onlyTheNewNamesAreShown() throws {
        let declaration = try registry.find(kind: "step", name: "descent")
        let help = PluginHelp.text(for: declaration)
        #expect(help.contains("learning_rate") && !help.contains("  rate") && !help.contains("pictures"))
        #expect(registry.names(of: "step") == ["descent"])
        let error = #expect(throws: KitError.self) { try make("descent", [("size", .int(1))]) }
        #expect(error?.message.contains("it takes: learning_rate, input") == true)
    }

    /// Keys of recipes from the command line, the environment and the user's file.
    @Test func keysOfRecipesAreFoundByTheirFormerNames() throws {
        func key(_ name: String, _ former: String) -> ResolvedConfiguration.Declaration {
            .init(
                name, .number(0.1), isDefault: true, from: .ours,
                as: Param<Double>(wrappedValue: 0.1, "", from: .ours, was: former),
                isTypeStated: true)
        }
        let configuration = ResolvedConfiguration(
            overrides: [("rate", "0.5")], userFile: [("decay", .number(0.25))],
            environment: { ["DUBKIT_SHIFT": "0.75"][$0] })
        let notices = try notices {
            try configuration.declare([
                key("learning_rate", "rate"), key("dub_offset", "shift"), key("weight_decay", "decay"),
            ])
        }
        #expect(
            configuration.entries.map { "\($0.key)=\($0.value.optionText)" } == [
                "learning_rate=0.5", "dub_offset=0.75", "weight_decay=0.25", "seed=0",
            ])
        #expect(notices.count == 3 && notices[0].hasPrefix("key 'rate' is now called 'learning_rate'"))
    }

    @Test func filesOfThePreviousVersionGiveNoNotice() throws {
        let notices = try notices {
            try FormerNames.$areExpected.withValue(true) { _ = try make("steepest", [("rate", .number(0.5))]) }
        }
        #expect(notices.isEmpty)
    }
}
