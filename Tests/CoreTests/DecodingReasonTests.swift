import Foundation
import KitCore
import Testing

/// What is said of JSON that cannot be read.
@Suite struct DecodingReasonTests {
    private struct Outer: Decodable {
        struct Inner: Decodable {
            let count: Int
            let rate: Float
            let names: [String]
            let isDone: Bool
        }
        let parts: [Inner]
    }

    @Test(arguments: [
        (#"{"parts": [{"rate": 1, "names": [], "isDone": true}]}"#, "'parts[1].count' is missing"),
        (
            #"{"parts": [{"count": "a", "rate": 1, "names": [], "isDone": true}]}"#,
            "'parts[1].count' must be a whole number"
        ),
        (#"{"parts": [{"count": 1, "rate": [], "names": [], "isDone": true}]}"#, "'parts[1].rate' must be a number"),
        (#"{"parts": [{"count": 1, "rate": 1, "names": 3, "isDone": true}]}"#, "'parts[1].names' must be a list"),
        (
            #"{"parts": [{"count": 1, "rate": 1, "names": ["a", 3], "isDone": true}]}"#,
            "'parts[1].names[2]' must be a string"
        ),
        (
            #"{"parts": [{"count": 1, "rate": 1, "names": [], "isDone": null}]}"#,
            "'parts[1].isDone' must be true or false"
        ),
        (#"{"parts": [3]}"#, "'parts[1]' must be an object"),
        (
            #"{"parts": [{"count": 1, "rate": 1e300, "names": [], "isDone": true}]}"#,
            "not valid JSON, or a number in it is too large"
        ),
        (#"{"parts": {}}"#, "'parts' must be a list"), ("[]", "the file must be an object"),
        ("{", "not valid JSON, or a number in it is too large"),
    ])
    func theKeyIsNamed(json: String, reason: String) {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Outer.self, from: Data(json.utf8))
        }
        #expect(error?.reason == reason)
    }
}
