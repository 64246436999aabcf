import KitCore
import Testing

/// Numbers from outside that become integers or words, whatever they are.
@Suite struct SaturatingTests {
    @Test func aNumberThatDoesNotFitIsTheNearestThatDoes() {
        #expect(Int(saturating: 1e18) == 1_000_000_000_000_000_000 && Int(saturating: -2.9) == -2)
        #expect(Int(saturating: 1e308) == .max && Int(saturating: .infinity) == .max)
        #expect(Int(saturating: -1e308) == .min && Int(saturating: -.infinity) == .min)
        #expect(Int(saturating: 0x1p63) == .max && Int(saturating: -0x1p63) == .min)
        #expect(Int(saturating: .nan) == 0)
    }

    @Test func secondsAreShownWhateverTheyAre() {
        #expect(12.0.inMilliseconds == "12.000" && 0.0014.inMilliseconds == "0.001")
        #expect((-0.25).inMilliseconds == "-0.250" && (-3.5).inMilliseconds == "-3.500")
        #expect(1e18.inMilliseconds == "1e+18" && Double.infinity.inMilliseconds == "inf")
        #expect(Double.nan.inMilliseconds == "nan")
    }
}
