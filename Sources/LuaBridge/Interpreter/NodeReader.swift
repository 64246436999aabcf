import CLuaShim
import Kit

/// Converts the shim's nodes to option values, one after the other.
struct NodeReader {
    private var node: UnsafePointer<dks_node>?
    private(set) var remaining: Int
    private let core: LuaCore
    private let group: FunctionGroup?

    /// Takes ownership of the reference `group`, 0 for none.
    init(_ nodes: UnsafePointer<dks_node>?, count: Int, group: Int64, core: LuaCore) {
        node = nodes
        remaining = count
        self.core = core
        self.group = group == 0 ? nil : FunctionGroup(core, reference: group)
    }

    /// The next value. If it cannot be converted, throws an error that names the place inside it.
    mutating func next() throws -> OptionValue {
        remaining -= 1
        do {
            return try read()
        } catch let invalid as InvalidValue {
            let place = invalid.path.isEmpty ? "a value" : "'\(invalid.path.reversed().joined(separator: "."))'"
            throw KitError.usage("\(place) is \(invalid.reason), which the kit cannot take")
        }
    }

    /// The remaining values.
    mutating func rest() throws -> [OptionValue] {
        var values: [OptionValue] = []
        while remaining > 0 { values.append(try next()) }
        return values
    }

    private mutating func read() throws -> OptionValue {
        guard let node else { return .null }
        self.node = node + 1
        switch Int(node.pointee.tag) {
        case DKS_BOOL: return .bool(node.pointee.integer != 0)
        case DKS_INT: return .int(Int(node.pointee.integer))
        case DKS_NUMBER: return .number(node.pointee.number)
        case DKS_STRING: return .string(text(node))
        case DKS_OBJECT: return .object(Unmanaged<AnyObject>.fromOpaque(node.pointee.object).takeUnretainedValue())
        case DKS_FUNCTION:
            guard let group else { throw InvalidValue("a function without its group") }
            return .object(LuaFunction(group, position: node.pointee.type))
        case DKS_TABLE: return try table(node)
        case DKS_RELEASED:
            throw InvalidValue("a \(core.typeName(node.pointee.type)) that <close> has already released")
        case DKS_INVALID: throw InvalidValue(String(cString: node.pointee.string))
        default: return .null
        }
    }

    private mutating func table(_ head: UnsafePointer<dks_node>) throws -> OptionValue {
        var options = Options()
        options.list.reserveCapacity(Int(head.pointee.integer))
        for index in 0..<Int(head.pointee.integer) {
            if index % 65536 == 65535 { try Interrupt.check() }
            options.list.append(try read(under: "\(index + 1)"))
        }
        for _ in 0..<Int(head.pointee.length) {
            guard let key = node else { break }
            node = key + 1
            let name = text(key)
            options.named.append((name, try read(under: name)))
        }
        if options.named.isEmpty { return .list(options.list) }
        // Lua's order differs between runs.
        options.named.sort { $0.key < $1.key }
        return .table(options)
    }

    private mutating func read(under key: @autoclosure () -> String) throws -> OptionValue {
        do {
            return try read()
        } catch var invalid as InvalidValue {
            invalid.path.append(key())
            throw invalid
        }
    }

    private func text(_ node: UnsafePointer<dks_node>) -> String {
        String(bytes: node.pointee.string, count: Int(node.pointee.length))
    }
}

/// A value without a native counterpart, with the path to it, innermost key first.
private struct InvalidValue: Error {
    let reason: String
    var path: [String] = []
    init(_ reason: String) { self.reason = reason }
}
