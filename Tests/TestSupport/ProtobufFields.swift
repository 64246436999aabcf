import Foundation

/// The fields of a message of Protocol Buffers, read without a schema.
public struct ProtobufFields {
    public enum Value: Equatable {
        case number(UInt64)
        case bytes(Data)
    }

    public private(set) var all: [(field: Int, value: Value)] = []

    /// Nil if the bytes are not a message.
    public init?(_ data: Data) {
        let data = Data(data)
        var place = 0
        func varint() -> UInt64? {
            var (result, shift): (UInt64, UInt64) = (0, 0)
            while place < data.count, shift < 64 {
                let byte = data[place]
                place += 1
                result |= UInt64(byte & 127) << shift
                if byte < 128 { return result }
                shift += 7
            }
            return nil
        }
        while place < data.count {
            guard let key = varint() else { return nil }
            let field = Int(key >> 3)
            switch key & 7 {
            case 0:
                guard let number = varint() else { return nil }
                all.append((field, .number(number)))
            case 5:
                guard place + 4 <= data.count else { return nil }
                let bits = data[place..<place + 4].enumerated().reduce(UInt64(0)) {
                    $0 | UInt64($1.element) << (8 * UInt64($1.offset))
                }
                place += 4
                all.append((field, .number(bits)))
            case 2:
                guard let length = varint().map(Int.init), place + length <= data.count else { return nil }
                all.append((field, .bytes(data[place..<place + length])))
                place += length
            default: return nil
            }
        }
    }

    public func numbers(_ field: Int) -> [Int] {
        all.compactMap {
            guard $0.field == field, case .number(let number) = $0.value else { return nil }
            return Int(Int64(bitPattern: number))
        }
    }

    public func data(_ field: Int) -> [Data] {
        all.compactMap {
            guard $0.field == field, case .bytes(let data) = $0.value else { return nil }
            return data
        }
    }

    public func texts(_ field: Int) -> [String] { data(field).map { String(decoding: $0, as: UTF8.self) } }
    public func messages(_ field: Int) -> [ProtobufFields] { data(field).compactMap(ProtobufFields.init) }
}
