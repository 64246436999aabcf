import Foundation
import Kit
import TestSupport
import Testing

/// The clip settings in a file, such as a run's `model.json`, are values that a dataset's options could have, or
/// refused.
@Suite struct ClipSettingsTests {
    private func decoded(_ change: (inout [String: Any]) -> Void) throws -> ClipSettings {
        let data = try JSONEncoder().encode(SyntheticFilms.settings())
        var values = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        change(&values)
        return try JSONDecoder().decode(ClipSettings.self, from: JSONSerialization.data(withJSONObject: values))
    }

    @Test func whatWasWrittenIsReadBack() throws {
        let settings = try decoded { _ in }
        #expect(settings.seconds == 1 && settings.size == 8 && settings.melShape == [10, 10, 2])
    }

    @Test(arguments: ["seconds", "frames", "size"], [1e18, 1e15, -1, 0]) func sizesBeyondAllUseAreRefused(
        key: String, value: Double
    ) {
        let error = #expect(throws: KitError.self) { try decoded { $0[key] = value } }
        #expect(error?.kind == .badData && error?.message.contains("'\(key)' of the clips must be") == true)
    }

    @Test(arguments: ["mean", "deviation"]) func thereIsANumberForEachColour(key: String) {
        #expect(throws: KitError.self) { try decoded { $0[key] = [0.5] } }
    }

    @Test(arguments: ["mean", "deviation", "mel_mean", "mel_deviation"], [1e30, -1e30, 1e300])
    func numbersThatLeaveNothingOfASampleAreRefused(key: String, value: Double) {
        let error = #expect(throws: (any Error).self) {
            try decoded { $0[key] = key.hasPrefix("mel_") ? value as Any : [0.5, value, 0.5] }
        }
        let message = (error as? KitError)?.message ?? (error as? DecodingError)?.reason ?? ""
        #expect(message.contains(key), "\(message)")
    }

    @Test(arguments: [0, -1, 1e-40, 1e300], ["natural", "decibel"])
    func logarithmsThatAreNotFiniteAreRefused(value: Double, kind: String) throws {
        let constant = kind == "natural" ? "offset" : "floor"
        let error = try #require(
            #expect(throws: KitError.self) {
                try decoded { values in
                    var mel = values["mel"] as? [String: Any] ?? [:]
                    mel["level"] = [kind: [constant: value]]
                    values["mel"] = mel
                }
            })
        #expect(error.message == "the \(constant) of a spectrogram's 'level' must be 1e-30 to 1.0, but is \(value)")
    }

    @Test(arguments: ["sample_rate", "hop", "mels", "frames"]) func spectrogramsBeyondAllUseAreRefused(key: String) {
        #expect(throws: KitError.self) {
            try decoded { values in
                var mel = values["mel"] as? [String: Any] ?? [:]
                mel[key] = 1 << 50
                values["mel"] = mel
            }
        }
    }
}
