import Glibc

/// A stream of random numbers from a counter-based generator (see `Philox`).
///
/// The n-th number depends only on the key and on n. A stream can therefore be resumed from its position, and
/// independent streams can be derived by name (`stream.derived("augment", 17)`) without drawing from the parent.
public struct RandomStream: RandomNumberGenerator, Sendable, Equatable {
    public let key: UInt64
    /// The number of 64-bit numbers drawn so far. Setting it moves the stream.
    public var position: UInt64

    /// A stream from a seed of a recipe, which may be any integer.
    public init(seed: Int, position: UInt64 = 0) {
        self.init(seed: UInt64(bitPattern: Int64(seed)), position: position)
    }

    public init(seed: UInt64, position: UInt64 = 0) {
        key = Self.mixed(seed)
        self.position = position
    }

    private init(key: UInt64) {
        self.key = key
        position = 0
    }

    /// An independent stream. The same names give the same stream, whatever was drawn before.
    public func derived(_ name: String, _ numbers: Int...) -> RandomStream {
        var bytes = FNV1a(salt: key)
        bytes.add(name)
        var hash = bytes.value
        for number in numbers { hash = Self.mixed(hash ^ Self.mixed(UInt64(bitPattern: Int64(number)))) }
        return RandomStream(key: Self.mixed(hash))
    }

    public mutating func next() -> UInt64 {
        // A counter gives two numbers of 64 bits.
        let block = Philox.block(
            counter: [UInt32(truncatingIfNeeded: position >> 1), UInt32(position >> 33), 0, 0],
            key: [UInt32(truncatingIfNeeded: key), UInt32(key >> 32)])
        let (low, high) = position & 1 == 0 ? (block[0], block[1]) : (block[2], block[3])
        position &+= 1
        return UInt64(low) | UInt64(high) << 32
    }

    /// Uniform in [0, 1), with 24 random bits: every value is exact in a Float.
    public mutating func uniform() -> Float { Self.uniform(next()) }

    /// Converts a number of the stream as `uniform` does.
    public static func uniform(_ number: UInt64) -> Float { Float(number >> 40) * 0x1p-24 }

    /// Normal with mean 0 and standard deviation 1; the absolute value is at most 6.7. Uses one number of the stream.
    public mutating func normal() -> Float { Self.normal(next()) }

    /// Converts a number of the stream as `normal` does: Box and Muller (1958) on its two halves.
    public static func normal(_ number: UInt64) -> Float {
        let radius = (-2 * log((Double(number >> 32) + 1) * 0x1p-32)).squareRoot()
        return Float(radius * cos(Double(UInt32(truncatingIfNeeded: number)) * (2 * .pi * 0x1p-32)))
    }

    /// Uniform in [low, high).
    public mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * (Double(next() >> 11) * 0x1p-53)
    }

    /// An integer in 0..<bound. The modulo bias is negligible for a bound far below 2^64.
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "a random index needs a positive bound")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// The numbers 0..<count in random order (Fisher and Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, index(below: last + 1)) }
        return order
    }

    /// The finaliser of SplitMix64: spreads similar seeds over the whole key space.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
