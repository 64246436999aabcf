import Foundation
import Kit
import Plugins

/// The kit's side of the benchmarks: `benchmarks/run.py` starts it next to the peers and speaks with it line by line.
///
///     dubkit-bench FAMILY SPEC    SPEC is the row's JSON; answers requests on standard input: check, run, memory
///     dubkit-bench limits         what the machine can do: arithmetic and memory traffic
@main
enum Bench {
    private static let families: [String: any Workload.Type] = [
        "step": EncoderStep.self, "dub_step": DubStep.self, "inference": Inference.self,
        "contrastive": Contrastive.self, "attention": AttentionAlone.self, "mel": MelSpectrogram.self,
        "clip": ClipReading.self,
        "end_to_end": EndToEnd.self, "update": WeightStep.self, "start": Start.self,
    ]

    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        do {
            if arguments == ["limits"] { return answer(Limits.measure()) }
            guard arguments.count == 2, let family = families[arguments.first!] else {
                throw KitError.usage(
                    "usage: dubkit-bench limits | dubkit-bench FAMILY SPEC "
                        + "(the families are: \(families.keys.sorted().joined(separator: ", ")))")
            }
            let spec = try Spec(arguments.last!)
            try spec.precision().used { try serve(family.init(spec)) }
        } catch {
            FileHandle.standardError.write(Data("dubkit-bench: \(error)\n".utf8))
            exit((error as? KitError)?.kind.rawValue ?? 70)
        }
    }

    /// Answers one line for each line read, until the input ends.
    private static func serve(_ workload: any Workload) throws {
        while let request = readLine() {
            switch request {
            case "check": answer(["values": try workload.check().mapValues { $0.map(Double.init) }])
            case "run": answer(["seconds": try workload.run()])
            case "memory": answer(["peak_rss_mib": workload.peakMemory])
            default: throw KitError.usage("unknown request '\(request)'")
            }
        }
    }

    /// Writes one line of JSON.
    private static func answer(_ values: [String: Any]) {
        let data = try! JSONSerialization.data(withJSONObject: values, options: .sortedKeys)
        FileHandle.standardOutput.write(data + Data("\n".utf8))
    }
}
