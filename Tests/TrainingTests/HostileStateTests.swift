import Foundation
import Kit
import TestSupport
import Testing

/// A checkpoint whose files are whole, and whose numbers no run could have written.
@Suite(.serialized) struct HostileStateTests {
    @Test(arguments: [
        ("optimizerSteps", Int.max), ("optimizerSteps", Int.max - 1), ("optimizerSteps", -1), ("metricsBytes", Int.min),
        ("step", -1),
    ])
    func numbersBeyondAllUseAreRefused(key: String, number: Int) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            var training = TinyTraining()
            training.steps = 2
            let folder = URL(fileURLWithPath: try training.run(in: root).folder).appendingPathComponent("latest")
                .resolvingSymlinksInPath()
            let (state, manifest) = (
                folder.appendingPathComponent("state.json"), folder.appendingPathComponent("manifest.json")
            )
            try change(state) { $0[key] = number }
            let data = try Data(contentsOf: state)
            try change(manifest) { manifest in
                var files = manifest["files"] as? [String: Any] ?? [:]
                files["state.json"] = ["bytes": data.count, "sha256": SHA256.digest(of: data)] as [String: Any]
                manifest["files"] = files
            }
            training.steps = 4
            let error = #expect(throws: KitError.self) { try training.run(in: root, resume: .newest) }
            #expect(error?.kind == .badData)
            #expect(error?.message.contains("state.json: '\(key)' must be 0 to 2^53, but is \(number)") == true)
        }
    }

    private func change(_ file: URL, _ body: (inout [String: Any]) -> Void) throws {
        var values = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
        body(&values)
        try JSONSerialization.data(withJSONObject: values).write(to: file)
    }
}
