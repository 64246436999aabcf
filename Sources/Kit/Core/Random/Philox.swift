/// The counter-based generator Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). It
/// scrambles a counter with a key, so that the n-th number does not depend on those before it.
public enum Philox {
    /// The four numbers of one counter under one key.
    public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var (x, k) = (counter, key)
        for _ in 0..<10 {
            let a = UInt64(x[0]) * 0xd251_1f53
            let b = UInt64(x[2]) * 0xcd9e_8d57
            x = [
                UInt32(b >> 32) ^ x[1] ^ k[0], UInt32(truncatingIfNeeded: b),
                UInt32(a >> 32) ^ x[3] ^ k[1], UInt32(truncatingIfNeeded: a),
            ]
            k &+= [0x9e37_79b9, 0xbb67_ae85]
        }
        return x
    }
}
