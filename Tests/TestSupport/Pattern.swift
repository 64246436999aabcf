import Kit

/// Numbers that Swift tests and Python reference scripts compute identically, so that large inputs and weights need not
/// be stored.
///
/// Element i of the pattern `name` is `low + (high - low) * u`, computed in float64 and rounded to float32, where u is
/// the upper 24 bits of SplitMix64(FNV-1a(name) + i) as a fraction. `Tests/Oracle/oracle.py` does the same.
public enum Pattern {
    /// A tensor filled with the pattern's numbers, uniform in [low, high).
    public static func tensor(_ name: String, _ shape: Shape, _ low: Double = -1, _ high: Double = 1) -> Tensor {
        let result = Tensor(uninitialized: shape)
        let (start, values) = (hash(name), result.pointer)
        for index in 0..<result.count {
            let fraction = Double(mixed(start &+ UInt64(index)) >> 40) * 0x1p-24
            values[index] = Float(low + (high - low) * fraction)
        }
        return result
    }

    /// The sum of `values`, each with a random sign: the top bit of the pattern's hash.
    static func signedSum(_ name: String, _ values: [Float]) -> Double {
        let start = hash(name)
        var sum = 0.0
        for index in 0..<values.count {
            let sign = mixed(start &+ UInt64(index)) & (1 << 63)
            sum += Double(bitPattern: Double(values[index]).bitPattern ^ sign)
        }
        return sum
    }

    /// A fingerprint of a text, as `oracle.py`'s `_hash` makes it.
    public static func digest(_ text: String) -> String { "\(hash(text))" }

    private static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
