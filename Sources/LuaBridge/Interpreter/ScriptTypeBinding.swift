import CLuaShim
import Glibc
import Kit

/// A type of native object in Lua: its methods and metamethods, from its declaration.
final class ScriptTypeBinding {
    let type: any ScriptObject.Type
    let number: Int32
    private unowned let core: LuaCore
    private var functions: [(name: String, function: NativeFunction)] = []

    init(_ type: any ScriptObject.Type, number: Int32, core: LuaCore) {
        self.type = type
        self.number = number
        self.core = core
        let methods = type.scriptMethods
        for method in methods where method.name != "__index" {
            let body = Self.body(of: method)
            let callee: NativeFunction.Body =
                type.scriptMethodsCanBeAbandoned
                ? { reader in try ThreadPool.abandonable { try body(&reader) } } : body
            functions.append((method.name, NativeFunction(core, calling: (type, method), callee)))
        }
        add("__index", Self.lookup(methods))
        for (name, body) in Self.defaults(of: type) where !methods.contains(where: { $0.name == name }) {
            add(name, body)
        }
    }

    /// Registers the type in Lua. Throws if there is not enough memory.
    func bind(in state: OpaquePointer) throws {
        let methods = functions.map { name, function in
            dks_method(name: strdup(name), callable: Unmanaged.passUnretained(function).toOpaque())
        }
        defer { for method in methods { free(UnsafeMutableRawPointer(mutating: method.name)) } }
        guard dks_bind(state, number, type.scriptTypeName, methods, methods.count) == DKS_OK else {
            throw KitError(.outOfMemory, "not enough memory for Lua's values")
        }
    }

    private func add(_ name: String, _ body: @escaping NativeFunction.Body) {
        functions.append((name, NativeFunction(core, body)))
    }

    private static func body(of method: ScriptMethod) -> NativeFunction.Body {
        if method.isOperator {
            return { try method.call((), $0.rest()) }
        }
        // Lua passes the operand of these twice.
        let isUnary = ["__unm", "__len", "__bnot", "__tostring"].contains(method.name)
        return { reader in
            let object = try self.object(&reader, method.name)
            if isUnary { return try method.call(object, []) }
            let arguments: [OptionValue]
            do { arguments = try reader.rest() } catch let error as KitError {
                throw error.prefixed(method.callName(object))
            }
            return try method.call(object, arguments)
        }
    }

    /// The object that a method is called on.
    private static func object(_ reader: inout NodeReader, _ method: String) throws -> Any {
        guard reader.remaining > 0 else {
            throw KitError.usage("\(method): called without its object; write object:\(method)(...)")
        }
        let value = try reader.next()
        guard case .object(let object) = value else {
            throw KitError.usage("\(method): called on \(value.givenText); write object:\(method)(...)")
        }
        return object
    }

    /// The value of `object.key` if `key` is not a method: a property, or the result of the type's own `__index` if the
    /// key is not a string.
    private static func lookup(_ methods: [ScriptMethod]) -> NativeFunction.Body {
        let own = methods.first { $0.name == "__index" }
        let names = methods.map(\.name).filter { !$0.hasPrefix("__") }
        return { reader in
            let object = try self.object(&reader, "__index")
            let key = try reader.next()
            if case .string(let name) = key {
                if let found = (object as? any ScriptObject)?.scriptProperty(name) { return found }
            } else if let own {
                return try own.call(object, [key])
            }
            guard let object = object as? any ScriptObject else { return .null }
            throw unknown(key, in: object, names)
        }
    }

    private static func unknown(_ key: OptionValue, in object: any ScriptObject, _ methods: [String]) -> KitError {
        let subject = object.scriptDescription.prefix { $0 != "\n" }
        guard case .string(let name) = key else { return .usage("\(subject) has no element \(key.optionText)") }
        let foreign = Swift.type(of: object).scriptForeignNames
        if let own = foreign[name] ?? foreign[name.lowercased()] {
            return .usage("\(subject) has no '\(name)': write \(own)")
        }
        let known = object.scriptPropertyNames + methods
        let list = known.count <= 24 ? " (it has: \(known.sorted().joined(separator: ", ")))" : ""
        let hint = NearestName.hint(name, in: known)
        return .usage(
            "\(subject) has no '\(name)'\(hint)\(known.isEmpty ? "" : list)"
                + (hint.isEmpty ? object.scriptAbsence(of: name) : ""))
    }

    /// The metamethods that every type has unless it declares its own.
    private static func defaults(of type: any ScriptObject.Type) -> [(name: String, body: NativeFunction.Body)] {
        [
            (
                "__newindex",
                { reader in
                    let object = try self.scriptObject(&reader)
                    let what = object.scriptDescription.prefix { $0 != "\n" }
                    let advice = object is Module ? #": write x:set("weight", values), with a name of x:state()"# : ""
                    throw KitError.usage("\(what): its fields cannot be set from Lua\(advice)")
                }
            ),
            (
                "__concat",
                { _ in
                    let what = type.scriptTypeName.withArticle
                    throw KitError.usage("..: cannot concatenate \(what): use tostring(x) for what print shows")
                }
            ),
            (
                "__pairs",
                { reader in
                    let object = try self.scriptObject(&reader)
                    let names = object.scriptPropertyNames
                    return .table(Options(named: names.map { ($0, object.scriptProperty($0) ?? .null) }))
                }
            ),
            (
                "__tostring",
                { reader in
                    // A released object must still print.
                    let object = try? self.scriptObject(&reader)
                    return .string(object?.scriptDescription.printable ?? "released \(type.scriptTypeName)")
                }
            ),
        ]
    }

    private static func scriptObject(_ reader: inout NodeReader) throws -> any ScriptObject {
        let value = try reader.next()
        guard case .object(let any) = value, let object = any as? any ScriptObject else {
            throw KitError.usage("called on \(value.givenText), which is not a native object")
        }
        return object
    }
}
