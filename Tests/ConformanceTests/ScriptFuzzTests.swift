import Foundation
import Kit
import LuaBridge
import Plugins
import Synchronization
import Testing

/// Whatever a recipe hands to whatever it can call, there is a result or an error, and never a crash.
///
/// `DUBKIT_FUZZ_CALLS` and `DUBKIT_FUZZ_SEED` make more of them, and others.
@Suite struct ScriptFuzzTests {
    private static func variable(_ name: String, _ fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? fallback
    }

    @Test func noCallIsATrap() throws {
        let (count, seed) = (Self.variable("DUBKIT_FUZZ_CALLS", 100_000), Self.variable("DUBKIT_FUZZ_SEED", 1))
        let script = FuzzScript()
        let chunk = 2500
        let results = Mutex<(faults: [String], interrupted: Int)>(([], 0))
        DispatchQueue.concurrentPerform(iterations: (count + chunk - 1) / chunk) { number in
            let calls = script.calls(min(chunk, count - number * chunk), seed: seed * 1_000_000 + number)
            let end = Result { try FuzzRun(calls: calls).run() }
            results.withLock { results in
                switch end {
                case .success(let end):
                    results.faults += end.faults.map(\.description)
                    results.interrupted += end.interrupted
                case .failure(let error): results.faults.append("\(error)")
                }
            }
        }
        let (faults, interrupted) = results.withLock { $0 }
        print("\(count) calls, \(interrupted) of them interrupted")
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }
}
