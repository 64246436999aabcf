import Kit

/// Proposes names from the registry, from objects, and from the definitions of the session.
package struct Completer {
    private let state: LuaState

    package init(_ state: LuaState) { self.state = state }

    /// - Parameter text: all text before the cursor.
    package func complete(_ text: String) -> Completion {
        switch CompletionContext(text) {
        case .global(let word): Completion(word: word, candidates: globals)
        case .member(let path, let word, let isMethod):
            Completion(word: word, candidates: members(of: path, methodsOnly: isMethod))
        case .optionKey(let path, let used, let word): optionKeys(path, used, word)
        case .optionValue(let path, let key, let word, let isQuoted): optionValues(path, key, word, isQuoted)
        case .argument(let path, let method, let position, let word): arguments(path, method, position, word)
        case .moduleName(let word):
            Completion(word: word, candidates: state.moduleNames.map { Candidate(text: $0, suffix: "\"") })
        case .filePath(let word): PathCompletion.complete(word)
        case .command(let word):
            Completion(word: word, candidates: PromptCommand.all.map { Candidate(text: $0.name, note: $0.summary) })
        case .recipeKey(let file, let used, let word):
            Completion(
                word: word,
                candidates: RecipeScanner.keys(inFile: file).filter { !used.contains($0) }.map {
                    Candidate(text: $0, suffix: "=")
                })
        case .nothing: Completion()
        }
    }

    private var globals: [Candidate] {
        guard case .names(let names)? = state.members(of: []) else { return [] }
        let all = Set(names).union(LuaScanner.keywords.filter { $0.count > 3 })
        return all.sorted().map { Candidate(text: $0) }
    }

    private func members(of path: [String], methodsOnly: Bool) -> [Candidate] {
        switch state.members(of: path) {
        case .names(let names): names.filter(LuaScanner.isName).map { Candidate(text: $0) }
        case .object(let object):
            (methodsOnly ? [] : properties(of: object)) + Self.methods(of: object)
        case nil: []
        }
    }

    private func properties(of object: any ScriptObject) -> [Candidate] {
        object.scriptPropertyNames.sorted().map { name in
            Candidate(text: name, note: (object as? any PluginTree)?.summary(of: name) ?? "")
        }
    }

    private static func methods(of object: any ScriptObject) -> [Candidate] {
        type(of: object).scriptMethods.filter { !$0.name.hasPrefix("__") }.sorted { $0.name < $1.name }.map {
            Candidate(text: $0.name, note: "\($0.signature.dropFirst($0.name.count))  \($0.summary)")
        }
    }

    private func parameters(of path: [String]) -> [(name: String, param: any AnyOption)]? {
        guard case .object(let constructor as PluginConstructor)? = state.members(of: path) else { return nil }
        return constructor.declaration.options.filter { !$0.param.isRest }
    }

    private func optionKeys(_ path: [String], _ used: [String], _ word: String) -> Completion {
        guard let parameters = parameters(of: path) else { return Completion(word: word, candidates: globals) }
        let free = parameters.filter { !used.contains($0.name) }.map {
            Candidate(text: $0.name, note: PluginHelp.line(for: $0.param), suffix: " = ")
        }
        let keys = Completion(word: word, candidates: free)
        // A list of values, as in `kit.head.mlp { size, size }`.
        let takesList = parameters.contains { $0.param.isPositional }
        return keys.candidates.isEmpty && takesList ? Completion(word: word, candidates: globals) : keys
    }

    private func optionValues(_ path: [String], _ key: String, _ word: String, _ isQuoted: Bool) -> Completion {
        guard let (_, param) = parameters(of: path)?.first(where: { $0.name == key }) else {
            return isQuoted ? PathCompletion.complete(word) : Completion(word: word, candidates: globals)
        }
        if isQuoted { return Self.quoted(param.words, word) }
        let words = param.words.map { Candidate(text: $0) }
        return Completion(
            word: word, candidates: words + (word.isEmpty ? [] : globals),
            hint: "\(key): \(PluginHelp.line(for: param))")
    }

    private func arguments(_ path: [String], _ method: String, _ position: Int, _ word: String) -> Completion {
        guard case .object(let object)? = state.members(of: path),
            let method = type(of: object).scriptMethods.first(where: { $0.name == method }),
            method.arguments.indices.contains(position)
        else { return PathCompletion.complete(word) }
        return Self.quoted(method.arguments[position].words, word)
    }

    /// The words of a choice inside an open string; files if the option is not a choice.
    private static func quoted(_ words: [String], _ word: String) -> Completion {
        let texts = words.filter { $0.hasPrefix("\"") }.map { $0.dropFirst().dropLast() }
        guard !texts.isEmpty else { return PathCompletion.complete(word) }
        return Completion(word: word, candidates: texts.map { Candidate(text: String($0), suffix: "\"") })
    }
}

/// An object whose members are plugins.
protocol PluginTree {
    /// The description of a member, in one sentence.
    func summary(of name: String) -> String?
}

extension KitNamespace: PluginTree {
    func summary(of name: String) -> String? {
        switch scriptProperty(name) {
        case .object(let constructor as PluginConstructor): constructor.declaration.summary
        case .object(let family as PluginFamily): family.scriptPropertyNames.joined(separator: ", ")
        case .object(is Help): Help.scriptSummary
        default: nil
        }
    }
}

extension PluginFamily: PluginTree {
    func summary(of name: String) -> String? {
        guard case .object(let constructor as PluginConstructor)? = scriptProperty(name) else { return nil }
        return constructor.declaration.summary
    }
}
