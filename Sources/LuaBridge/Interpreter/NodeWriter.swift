import CLuaShim
import Glibc
import Kit

/// Converts option values to the shim's nodes. The nodes are freed with it unless they were taken.
struct NodeWriter: ~Copyable {
    private let core: LuaCore
    private var nodes: [dks_node] = []

    init(_ core: LuaCore) { self.core = core }

    deinit { for node in nodes { Self.free(node) } }

    mutating func append(_ value: OptionValue) throws {
        switch value {
        case .list(let values): try append(Options(list: values))
        case .table(let options): try append(options)
        default: nodes.append(try leaf(value))
        }
    }

    private mutating func append(_ options: Options) throws {
        var node = dks_node()
        node.tag = Int32(DKS_TABLE)
        node.integer = Int64(options.list.count)
        node.length = UInt64(options.named.count)
        nodes.append(node)
        for (index, value) in options.list.enumerated() {
            if index % 65536 == 65535 { try Interrupt.check() }
            try append(value)
        }
        for (key, value) in options.named {
            nodes.append(string(key))
            try append(value)
        }
    }

    /// The nodes as an array that `dks_free_tree` frees.
    mutating func takeTree() -> (nodes: UnsafeMutablePointer<dks_node>?, count: Int) {
        guard !nodes.isEmpty else { return (nil, 0) }
        let count = nodes.count
        let memory = malloc(count * MemoryLayout<dks_node>.stride)!.bindMemory(to: dks_node.self, capacity: count)
        memory.initialize(from: nodes, count: count)
        nodes.removeAll()
        return (memory, count)
    }

    /// A value without children as one node, which the caller owns.
    func leaf(_ value: OptionValue) throws -> dks_node {
        var node = dks_node()
        switch value {
        case .null, .list, .table: break
        case .bool(let value):
            node.tag = Int32(DKS_BOOL)
            node.integer = value ? 1 : 0
        case .int(let value):
            node.tag = Int32(DKS_INT)
            node.integer = Int64(value)
        case .number(let value):
            node.tag = Int32(DKS_NUMBER)
            node.number = value
        case .string(let text): node = string(text)
        case .object(let function as LuaFunction): node = try self.node(of: function)
        case .object(let any):
            guard let object = any as? any ScriptObject else {
                throw KitError(.internalFault, "a \(type(of: any)) has no form in Lua: it is not a ScriptObject")
            }
            node.tag = Int32(DKS_OBJECT)
            node.type = try core.typeNumber(of: object)
            node.length = UInt64(max(0, object.scriptBytes))
            node.object = Unmanaged.passRetained(object as AnyObject).toOpaque()
        }
        return node
    }

    func node(of function: LuaFunction) throws -> dks_node {
        guard function.group.core === core else {
            throw KitError(.internalFault, "a function of one Lua interpreter was handed to another")
        }
        var node = dks_node()
        node.tag = Int32(DKS_FUNCTION)
        node.type = function.position
        node.length = UInt64(function.group.reference)
        return node
    }

    private func string(_ text: String) -> dks_node {
        var text = text
        return text.withUTF8 { bytes in
            var node = dks_node()
            node.tag = Int32(DKS_STRING)
            node.length = UInt64(bytes.count)
            let memory = malloc(bytes.count + 1)!
            if let start = bytes.baseAddress { memcpy(memory, start, bytes.count) }
            node.string = UnsafePointer(memory.assumingMemoryBound(to: CChar.self))
            return node
        }
    }

    private static func free(_ node: dks_node) {
        if node.tag == Int32(DKS_STRING) { Glibc.free(UnsafeMutableRawPointer(mutating: node.string)) }
        if node.tag == Int32(DKS_OBJECT) { Unmanaged<AnyObject>.fromOpaque(node.object).release() }
    }
}
