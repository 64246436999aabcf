import KitCore

/// The values of a pickle, Python's format for objects, read without running anything.
///
/// Only dicts, lists, tuples, texts, numbers, None and PyTorch's tensors are built. A pickle that asks for any other
/// function or class is refused with its name. Containers are kept in one list and refer to each other by number, so that
/// neither deep nor circular ones need recursion.
struct Pickle {
    enum Value {
        case none
        case bool(Bool)
        case int(Int)
        case number(Double)
        case text(String)
        case bytes(count: Int)
        /// A list or tuple: its place in `lists`.
        case list(Int)
        /// A dict: its place in `dicts`.
        case dict(Int)
        /// A tensor: its place in `tensors`.
        case tensor(Int)
        /// The values of a tensor or of several: the place in `storages`.
        case storage(Int)
        /// A function or class that is known.
        case global(Global)
    }

    /// Names that may be called. The raw value is the module and the name.
    enum Global: String, CaseIterable {
        case orderedDict = "collections.OrderedDict"
        case tensor = "torch._utils._rebuild_tensor_v2"
        case parameter = "torch._utils._rebuild_parameter"
        case size = "torch.Size"
        case float = "torch.FloatStorage"
        case double = "torch.DoubleStorage"
        case half = "torch.HalfStorage"
        case bfloat16 = "torch.BFloat16Storage"
        case long = "torch.LongStorage"
        case int = "torch.IntStorage"
        case short = "torch.ShortStorage"
        case char = "torch.CharStorage"
        case byte = "torch.ByteStorage"
        case bool = "torch.BoolStorage"

        var elementType: ElementType? {
            switch self {
            case .orderedDict, .tensor, .parameter, .size: nil
            case .float: .f32
            case .double: .f64
            case .half: .f16
            case .bfloat16: .bf16
            case .long: .i64
            case .int: .i32
            case .short: .i16
            case .char: .i8
            case .byte: .u8
            case .bool: .bool
            }
        }
    }

    struct Storage {
        let key: String
        let type: ElementType
        let count: Int
    }

    /// A view of a storage.
    struct TensorView {
        let storage: Int
        let offset: Int
        let extents: [Int]
        let strides: [Int]
    }

    private(set) var lists: [[Value]] = []
    private(set) var dicts: [[(key: Value, value: Value)]] = []
    private(set) var tensors: [TensorView] = []
    private(set) var storages: [Storage] = []
    private(set) var root = Value.none

    /// The largest pickle and the most operations: enough for the largest models, too few to fill the memory.
    static let largest = 1 << 26
    private static let mostOperations = 1 << 22

    private var bytes: [UInt8]
    private var place = 0
    private var stack: [Value] = []
    private var marks: [Int] = []
    private var memo: [Int: Value] = [:]

    init(_ bytes: [UInt8]) throws {
        guard bytes.count <= Self.largest else {
            throw Self.fault("a pickle of \(counted(bytes.count, "byte")) is larger than \(Self.largest)")
        }
        self.bytes = bytes
        var operations = 0
        while try step() {
            operations += 1
            guard operations < Self.mostOperations else {
                throw Self.fault("the pickle has more than \(Self.mostOperations) operations")
            }
        }
        root = try pop()
        (self.bytes, memo, stack) = ([], [:], [])
    }

    static func fault(_ message: String) -> KitError { KitError(.badData, message) }

    /// Runs one operation. Returns false at the end.
    private mutating func step() throws -> Bool {
        let operation = try byte()
        switch operation {
        case 0x80: _ = try byte()  // PROTO
        case 0x95: _ = try number(8)  // FRAME
        case UInt8(ascii: "."): return false
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.int(try number(1)))
        case UInt8(ascii: "M"): stack.append(.int(try number(2)))
        case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
        case 0x8a: stack.append(.int(try longNumber(number(1))))
        case UInt8(ascii: "G"): stack.append(.number(try double()))
        case UInt8(ascii: "X"): stack.append(.text(try text(number(4))))
        case 0x8c: stack.append(.text(try text(number(1))))
        case 0x8d: stack.append(.text(try text(number(8))))
        case UInt8(ascii: "C"): stack.append(.bytes(count: try take(number(1)).count))
        case UInt8(ascii: "B"): stack.append(.bytes(count: try take(number(4)).count))
        case UInt8(ascii: "}"): push(dict: [])
        case UInt8(ascii: "]"), UInt8(ascii: ")"): push(list: [])
        case UInt8(ascii: "t"), UInt8(ascii: "l"): push(list: try popToMark())
        case 0x85...0x87: push(list: try pop(Int(operation - 0x84)))
        case UInt8(ascii: "a"): try append(pop(1))
        case UInt8(ascii: "e"): try append(popToMark())
        case UInt8(ascii: "s"): try set(pop(2))
        case UInt8(ascii: "u"): try set(popToMark())
        case UInt8(ascii: "d"):
            let items = try popToMark()
            push(dict: [])
            try set(items)
        case UInt8(ascii: "q"): memo[try number(1)] = try top()
        case UInt8(ascii: "r"): memo[try number(4)] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "h"): try recall(number(1))
        case UInt8(ascii: "j"): try recall(number(4))
        case UInt8(ascii: "c"):
            let module = try line()
            stack.append(try global(module, line()))
        case 0x93:
            let names = try pop(2)
            guard case .text(let module) = names[0], case .text(let name) = names[1] else { throw damaged }
            stack.append(try global(module, name))
        case UInt8(ascii: "Q"): try pushStorage()
        case UInt8(ascii: "R"): try call()
        case UInt8(ascii: "b"):
            // The attributes of an ordered dict, such as the version numbers of modules, are not needed.
            _ = try pop()
            guard case .dict = try top() else { throw Self.fault("the pickle sets attributes of something unknown") }
        default:
            throw Self.fault(
                "the pickle has the operation 0x\(String(operation, radix: 16)), which weights do not need")
        }
        return true
    }

    private var damaged: KitError { Self.fault("the pickle is damaged at byte \(place)") }

    // MARK: Reading bytes

    private mutating func byte() throws -> UInt8 {
        guard place < bytes.count else { throw Self.fault("the pickle is truncated") }
        place += 1
        return bytes[place - 1]
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - place else { throw Self.fault("the pickle is truncated") }
        place += count
        return bytes[place - count..<place]
    }

    /// An unsigned number of up to eight bytes.
    private mutating func number(_ count: Int) throws -> Int {
        let unsigned = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let number = Int(exactly: unsigned) else { throw damaged }
        return number
    }

    /// A signed number of `count` bytes.
    private mutating func longNumber(_ count: Int) throws -> Int {
        let digits = try take(count)
        guard count <= 8 else { throw Self.fault("the pickle has a whole number of \(counted(count, "byte"))") }
        guard let last = digits.last else { return 0 }
        let start: UInt64 = last >= 0x80 ? .max : 0
        return Int(bitPattern: UInt(digits.reversed().reduce(start) { $0 << 8 | UInt64($1) }))
    }

    private mutating func double() throws -> Double {
        Double(bitPattern: try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private mutating func text(_ count: Int) throws -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw Self.fault("the pickle has a text that is not UTF-8")
        }
        return text
    }

    private mutating func line() throws -> String {
        guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else {
            throw Self.fault("the pickle is truncated")
        }
        defer { place += 1 }
        return try text(end - place)
    }

    // MARK: The stack

    private func top() throws -> Value {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw damaged }
        return value
    }

    private mutating func pop() throws -> Value {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws -> [Value] {
        guard stack.count - (marks.last ?? 0) >= count else { throw damaged }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws -> [Value] {
        guard let mark = marks.popLast() else { throw damaged }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private mutating func push(list: [Value]) {
        stack.append(.list(lists.count))
        lists.append(list)
    }

    private mutating func push(dict: [(key: Value, value: Value)]) {
        stack.append(.dict(dicts.count))
        dicts.append(dict)
    }

    private mutating func append(_ values: [Value]) throws {
        guard case .list(let list) = try top() else { throw damaged }
        lists[list] += values
    }

    private mutating func set(_ values: [Value]) throws {
        guard case .dict(let dict) = try top(), values.count % 2 == 0 else { throw damaged }
        for index in stride(from: 0, to: values.count, by: 2) {
            dicts[dict].append((values[index], values[index + 1]))
        }
    }

    private mutating func recall(_ index: Int) throws {
        guard let value = memo[index] else { throw damaged }
        stack.append(value)
    }

    // MARK: What may be called

    private func global(_ module: String, _ name: String) throws -> Value {
        guard let known = Global(rawValue: "\(module).\(name)") else {
            throw Self.fault(
                "it asks for '\(module).\(name)', which could run code: only tensors, dicts, lists and numbers are read. "
                    + "Save the weights alone: torch.save(model.state_dict(), ...)")
        }
        return .global(known)
    }

    /// ("storage", type, key, device, count).
    private mutating func pushStorage() throws {
        guard case .list(let list) = try pop(), lists[list].count == 5, case .text("storage") = lists[list][0],
            case .global(let global) = lists[list][1], let type = global.elementType,
            case .text(let key) = lists[list][2], case .int(let count) = lists[list][4], count >= 0
        else { throw Self.fault("the pickle has an unknown form of storage") }
        stack.append(.storage(storages.count))
        storages.append(Storage(key: key, type: type, count: count))
    }

    private mutating func call() throws {
        let call = try pop(2)
        guard case .global(let global) = call[0], case .list(let list) = call[1] else { throw damaged }
        let arguments = lists[list]
        switch global {
        case .orderedDict:
            // Either nothing or a list of pairs.
            push(dict: [])
            guard let pairs = arguments.first else { return }
            guard case .list(let list) = pairs else { throw damaged }
            for pair in lists[list] {
                guard case .list(let pair) = pair, lists[pair].count == 2 else { throw damaged }
                try set(lists[pair])
            }
        case .tensor: try pushTensor(arguments)
        case .parameter:
            guard case .tensor = arguments.first else { throw damaged }
            stack.append(arguments[0])
        case .size:
            guard case .list = arguments.first else { throw damaged }
            stack.append(arguments[0])
        default: throw Self.fault("it calls '\(global.rawValue)', which weights do not need")
        }
    }

    /// (storage, offset, shape, strides, ...).
    private mutating func pushTensor(_ arguments: [Value]) throws {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1],
            let extents = numbers(arguments[2]), let strides = numbers(arguments[3]), extents.count == strides.count,
            extents.count <= SafetensorsHeader.mostAxes
        else { throw Self.fault("the pickle has an unknown form of tensor") }
        // The last element, and the number of elements, which an expanded tensor has more of than its storage.
        var (last, count) = (offset, 1)
        for (extent, stride) in zip(extents, strides) where count > 0 {
            let (step, large) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
            let (end, outside) = last.addingReportingOverflow(step)
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !large, !outside, !overflow else { throw Self.fault("a tensor of the shape \(extents) is too large") }
            (last, count) = (end, product)
        }
        let isEmpty = extents.contains(0)
        guard offset >= 0, isEmpty || last < storages[storage].count, isEmpty || count <= storages[storage].count else {
            throw Self.fault(
                "a tensor of the shape \(extents) does not fit its storage of \(counted(storages[storage].count, "value"))"
            )
        }
        stack.append(.tensor(tensors.count))
        tensors.append(TensorView(storage: storage, offset: offset, extents: extents, strides: strides))
    }

    /// A list of whole numbers of at least 0.
    private func numbers(_ value: Value) -> [Int]? {
        guard case .list(let list) = value else { return nil }
        var numbers: [Int] = []
        for case .int(let number) in lists[list] where number >= 0 { numbers.append(number) }
        return numbers.count == lists[list].count ? numbers : nil
    }
}
