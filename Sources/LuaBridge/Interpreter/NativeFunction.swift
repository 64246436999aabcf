import CLuaShim
import Glibc
import Kit

/// A Swift function that Lua can call. Lua holds no reference to it, so its owner must outlive the interpreter.
final class NativeFunction {
    typealias Body = (inout NodeReader) throws -> OptionValue

    private unowned let core: LuaCore
    private let body: Body
    /// The method that it calls, with its type; nil for functions that the bridge itself adds to a type.
    let method: (type: any ScriptObject.Type, method: ScriptMethod)?

    init(
        _ core: LuaCore, calling method: (type: any ScriptObject.Type, method: ScriptMethod)? = nil,
        _ body: @escaping Body
    ) {
        self.core = core
        self.method = method
        self.body = body
    }

    /// Runs the function. An error becomes a reply, which the C side raises after this frame has returned.
    fileprivate func call(
        _ nodes: UnsafePointer<dks_node>?, _ count: Int, _ group: Int64, _ reply: UnsafeMutablePointer<dks_reply>
    ) -> Int32 {
        var reader = NodeReader(nodes, count: count, group: group, core: core)
        do {
            switch try MemoryShortage.checked({ try body(&reader) }) {
            case .null: break
            case .list(let values): try write([.list(values)], to: reply)
            case .table(let options): try write([.table(options)], to: reply)
            case .object(let several as ReturnedValues): try write(several.values, to: reply)
            case let leaf: reply.pointee.value = try NodeWriter(core).leaf(leaf)
            }
            return Int32(DKS_OK)
        } catch {
            return write(error, to: reply)
        }
    }

    private func write(_ values: [OptionValue], to reply: UnsafeMutablePointer<dks_reply>) throws {
        var writer = NodeWriter(core)
        for value in values { try writer.append(value) }
        (reply.pointee.tree, reply.pointee.count) = writer.takeTree()
        reply.pointee.results = Int32(values.count)
    }

    private func write(_ error: any Error, to reply: UnsafeMutablePointer<dks_reply>) -> Int32 {
        let error = error.asKitError
        let traceback = core.traceback(of: error)
        let fields: [(key: String, value: OptionValue)] = [
            ("message", .string(error.message.printable)), ("kind", .string("\(error.kind)".snakeCased)),
            ("code", .int(Int(error.kind.rawValue))), ("traceback", traceback.map(OptionValue.string) ?? .null),
        ]
        // Strings and numbers exist in any interpreter, so this cannot throw.
        try? write([.table(Options(named: fields))], to: reply)
        return Int32(traceback == nil ? DKS_ERROR : DKS_LOCATED_ERROR)
    }
}

/// The function that the C side calls.
enum LuaHost {
    static var callbacks: dks_host {
        dks_host(
            call: { callable, nodes, count, group, reply in
                Unmanaged<NativeFunction>.fromOpaque(callable!)._withUnsafeGuaranteedRef {
                    $0.call(nodes, count, group, reply!)
                }
            },
            release: { Unmanaged<AnyObject>.fromOpaque($0!).release() },
            must_stop: { Interrupt.mustStop ? 1 : 0 })
    }
}
