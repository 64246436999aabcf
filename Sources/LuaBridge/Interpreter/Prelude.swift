import Kit

/// The part of the bridge that is written in Lua: `Prelude/*.lua`, run when an interpreter starts.
struct Prelude {
    private var functions: [String: LuaFunction] = [:]

    init(_ core: LuaCore) throws {
        let interrupt = NativeCallable("interrupt") { _ in
            Interrupt.request()
            return .null
        }
        let absentModule = NativeCallable("absent_module") { arguments in
            guard arguments.count == 3, case .list(let loaded) = arguments[2] else {
                throw KitError(.internalFault, "absent_module: expected a name, a search path and a list of names")
            }
            return .string(
                ModuleFiles.absence(
                    of: arguments[0].text, searchPath: arguments[1].text, loaded: loaded.map(\.text)))
        }
        let loadedModule = NativeCallable("loaded_module") { arguments in
            if arguments.count == 2 {
                Session.current[RecipeModules.self].add(arguments[0].text, path: arguments[1].text)
            }
            return .null
        }
        let chunks: [(name: String, text: [UInt8])] = [
            ("sandbox", PackageResources.sandbox_lua), ("unwind", PackageResources.unwind_lua),
            ("order", PackageResources.order_lua),
            ("output", PackageResources.output_lua),
            ("inspect", PackageResources.inspect_lua), ("prompt", PackageResources.prompt_lua),
        ]
        // Each chunk receives the results of the previous ones.
        var shared = Options(named: [
            ("interrupt", .object(interrupt)), ("absent_module", .object(absentModule)),
            ("loaded_module", .object(loadedModule)),
            (
                "clear_progress",
                .object(
                    NativeCallable("clear_progress") { _ in
                        RunLog.clearShownProgress()
                        return .null
                    })
            ),
            (
                "display_width",
                .object(
                    NativeCallable("display_width") { _ in Session.current.displayWidth.map(OptionValue.int) ?? .null })
            ),
            ("object_text", .object(Self.shown("object_text") { $0.scriptDisplay })),
            ("object_line", .object(Self.shown("object_line") { $0.scriptLine })),
        ])
        for (name, text) in chunks {
            let chunk = try core.load(String(decoding: text, as: UTF8.self), name: "=kit/\(name).lua")
            guard case .table(let exports) = try chunk.call([.table(shared)]) else { continue }
            shared.named += exports.named
            for case (let key, .object(let function as LuaFunction)) in exports.named { functions[key] = function }
        }
        let seed = functions["seed"]
        core.onSeed = { _ = try seed?.call([.int($0)]) }
        let place = functions["place"]
        core.place = { (try? place?.call([.object($0)]))?.text ?? "?" }
    }

    func define(_ name: String, _ value: OptionValue) throws { try call("define", .string(name), value) }

    func setSearchPath(_ folders: [String]) throws {
        try call("set_search_path", .list(folders.map(OptionValue.string)))
    }

    func setArguments(_ arguments: [String], script: String) throws {
        try call("set_arguments", .string(script), .list(arguments.map(OptionValue.string)))
    }

    private static func shown(_ name: String, _ text: @escaping (any ScriptObject) -> String) -> NativeCallable {
        NativeCallable(name) { arguments in
            guard case .object(let object as any ScriptObject)? = arguments.first else {
                throw KitError.usage("\(name): expected a native object")
            }
            return .string(text(object))
        }
    }

    func function(_ name: String) -> LuaFunction? { functions[name] }

    @discardableResult
    func call(_ name: String, _ arguments: OptionValue...) throws -> OptionValue {
        guard let function = functions[name] else { throw KitError(.internalFault, "the prelude has no '\(name)'") }
        return try function.call(arguments)
    }
}
