import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// `kit.train { ... }` as a recipe calls it.
@Suite(.serialized) struct TrainTests {
    private static func options(_ change: (inout [String: OptionValue]) -> Void = { _ in }) throws -> Options {
        let plan = try TinyTraining().plan()
        var options: [String: OptionValue] = [
            "data": .object(plan.batches), "optimizer": .object(plan.optimizer), "steps": .int(4),
            "modules": .table(Options(named: plan.modules.map { ($0.name, .object($0.module)) })),
            "step": .object(
                SwiftFunction { arguments in
                    guard case .table(let clip) = arguments[0],
                        case .object(let video)? = clip.named.first(where: { $0.key == "video" })?.value
                    else { throw KitError.usage("no clip") }
                    let tensor = try #require(video as? Tensor)
                    return .object(try plan.modules[0].module(tensor).mean())
                }),
        ]
        change(&options)
        return Options(named: options.map { ($0.key, $0.value) })
    }

    private static func train(_ options: Options, in root: URL) throws -> Options {
        let settings = Session.current.settings
        defer { Session.current.settings = settings }
        Session.current.settings = RunSettings(recipe: nil, runsFolder: root.path, progress: .none, verbosity: -1)
        let plugin = try PluginRegistry.shared.make(kind: "kit", name: "train", options: options)
        guard case .table(let result)? = try plugin.construct() as? OptionValue else {
            throw KitError.usage("no table")
        }
        return result
    }

    @Test func returnsFiguresAndFolder() throws {
        try Fixtures.withTemporaryFolder { root in
            let result = try Self.train(try Self.options(), in: root)
            #expect(
                result.named.map(\.key).sorted() == ["clips_per_second", "folder", "loss", "seconds", "steps", "terms"])
            guard case .string(let folder)? = result.named.first(where: { $0.key == "folder" })?.value else {
                Issue.record("no folder")
                return
            }
            #expect(try RunStatus.read(folder).state == .finished)
        }
    }

    @Test func epochsBecomeSteps() throws {
        try Fixtures.withTemporaryFolder { root in
            let result = try Self.train(
                try Self.options {
                    $0["steps"] = nil
                    $0["epochs"] = .int(2)
                    $0["name"] = .string("two-epochs")
                }, in: root)
            guard case .int(10)? = result.named.first(where: { $0.key == "steps" })?.value else {
                Issue.record("not 2 epochs of 5 steps")
                return
            }
            #expect(try DiskFileSystem().names(in: root.path) == ["two-epochs"])
        }
    }

    @Test(arguments: [
        ("epochs", OptionValue.int(2), "kit.train: give either 'epochs' or 'steps', not both"),
        ("steps", .null, "kit.train: give either 'epochs' or 'steps'"),
        ("steps", .int(0), "kit.train: option 'steps' must be 1 or more, but is 0"),
        ("clip_norm", .number(0), "kit.train: option 'clip_norm' must be above 0, but is 0.0"),
        ("ema", .number(1), "kit.train: option 'ema' must be from 0 up to but not including 1, but is 1.0"),
        ("name", .string("../x"), "kit.train: option 'name' must be a plain file name, but is \"../x\""),
        ("optimizer", .int(3), "kit.train: option 'optimizer' must be an optimizer, but is integer 3"),
        ("moduls", .int(3), "kit.train: unknown option 'moduls': did you mean 'modules'?"),
    ])
    func wrongOptionsAreNamed(key: String, value: OptionValue, message: String) throws {
        let options = try Self.options { $0[key] = value }
        let error = #expect(throws: KitError.self) {
            try PluginRegistry.shared.make(kind: "kit", name: "train", options: options)
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("nothing", OptionValue.null, "step: must return a loss tensor or a table of named ones, but returned nil"),
        ("number", .number(1), "step: must return a loss tensor or a table of named ones, but returned number 1.0"),
        ("empty", .table(Options()), "step: must return a loss tensor or a table of named ones, but returned a table"),
        (
            "term", .table(Options(named: [("a", .number(1))])),
            "step: the loss term 'a' must be a tensor, but is number 1.0"
        ),
        (
            "shape", .object(Tensor.zeros([3, 2])),
            "step: the loss term 'loss' must have one element, but its shape is [3, 2]: take its mean"
        ),
        ("constant", .object(Tensor(1)), "step: the loss does not depend on any parameter of 'modules'"),
    ])
    func wrongReturnsAreNamed(what: String, value: OptionValue, message: String) throws {
        try Fixtures.withTemporaryFolder { root in
            let options = try Self.options { $0["step"] = .object(SwiftFunction { _ in value }) }
            let error = #expect(throws: KitError.self) { try Self.train(options, in: root) }
            #expect(error?.message == message)
        }
    }

    @Test func oneModuleUnderTwoNamesIsAnError() throws {
        try Fixtures.withTemporaryFolder { root in
            let options = try Self.options { options in
                guard case .table(let modules)? = options["modules"] else { return }
                options["modules"] = .table(Options(named: modules.named + [("again", modules.named[0].value)]))
            }
            let error = #expect(throws: KitError.self) { try Self.train(options, in: root) }
            #expect(error?.message.contains("are the same module") == true)
        }
    }
}
