import KitCore

/// The type of a tensor's elements in a safetensors file. The raw value is the format's name for it.
public enum ElementType: String, CaseIterable, Sendable {
    case bool = "BOOL"
    case f4 = "F4"
    case f6E2M3 = "F6_E2M3"
    case f6E3M2 = "F6_E3M2"
    case u8 = "U8"
    case i8 = "I8"
    case f8E5M2 = "F8_E5M2"
    case f8E4M3 = "F8_E4M3"
    case f8E5M2FNUZ = "F8_E5M2FNUZ"
    case f8E4M3FNUZ = "F8_E4M3FNUZ"
    case f8E8M0 = "F8_E8M0"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case c64 = "C64"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"

    public var bits: Int {
        switch self {
        case .f4: 4
        case .f6E2M3, .f6E3M2: 6
        case .bool, .u8, .i8, .f8E5M2, .f8E4M3, .f8E5M2FNUZ, .f8E4M3FNUZ, .f8E8M0: 8
        case .i16, .u16, .f16, .bf16: 16
        case .i32, .u32, .f32: 32
        case .c64, .f64, .i64, .u64: 64
        }
    }

    /// The types that can be read into a tensor.
    public static var readable: [ElementType] { allCases.filter { $0.converter != nil } }

    /// Converts `count` stored elements of any alignment to floats, rounding to the nearest.
    typealias Converter = (_ stored: UnsafeRawPointer, _ count: Int, _ floats: UnsafeMutablePointer<Float>) -> Void

    var converter: Converter? {
        switch self {
        case .f32:
            { stored, count, floats in UnsafeMutableRawPointer(floats).copyMemory(from: stored, byteCount: count * 4) }
        case .f64: Self.converting(Double.self) { Float($0) }
        case .f16: Self.converting(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bf16: Self.converting(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .bool: Self.converting(UInt8.self) { $0 == 0 ? 0 : 1 }
        case .u8: Self.converting(UInt8.self) { Float($0) }
        case .i8: Self.converting(Int8.self) { Float($0) }
        case .u16: Self.converting(UInt16.self) { Float($0) }
        case .i16: Self.converting(Int16.self) { Float($0) }
        case .u32: Self.converting(UInt32.self) { Float($0) }
        case .i32: Self.converting(Int32.self) { Float($0) }
        case .u64: Self.converting(UInt64.self) { Float($0) }
        case .i64: Self.converting(Int64.self) { Float($0) }
        case .f4, .f6E2M3, .f6E3M2, .f8E5M2, .f8E4M3, .f8E5M2FNUZ, .f8E4M3FNUZ, .f8E8M0, .c64: nil
        }
    }

    private static func converting<Stored: BitwiseCopyable>(
        _ type: Stored.Type, _ convert: @escaping (Stored) -> Float
    ) -> Converter {
        { stored, count, floats in
            for index in 0..<count {
                let element = stored.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.stride, as: Stored.self)
                floats[index] = convert(element)
            }
        }
    }
}
