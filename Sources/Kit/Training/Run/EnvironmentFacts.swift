import Foundation
import Glibc
import KitCore
import KitMedia
import KitTensor

/// `env.json`: everything apart from the recipe that the bits and speed of the run depend on.
public struct EnvironmentFacts: Encodable {
    package static let fileName = "env.json"

    public let system: String
    public let kernel: String
    public let host: String
    public let processor: String
    public let cores: Int
    public let threads: Int
    /// The number of processes on each machine; nil for one process.
    public let processes: [String: Int]?
    public let memoryBytes: UInt64
    /// Versions and codecs, as `dubkit doctor` shows them.
    public let findings: [String: String]
    /// The environment variables that the kit or its libraries read.
    public let variables: [String: String]
    /// The loaded plugin files, with the SHA-256 of each.
    public let plugins: [String: String]

    public init() {
        let process = ProcessInfo.processInfo
        system = process.operatingSystemVersionString
        var names = utsname()
        uname(&names)
        kernel = withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        host = process.hostName
        processor = Self.processorName ?? "unknown"
        cores = process.processorCount
        threads = ThreadPool.shared.threadCount
        let group = Session.current.processes
        processes = group.isSingle ? nil : group.processesByHost
        memoryBytes = process.physicalMemory
        findings = Dictionary(
            (TensorDoctor.findings + MediaDoctor.findings).map { ($0.subject, $0.detail) },
            uniquingKeysWith: { first, _ in first })
        variables = process.environment.filter { name, _ in
            ["DUBKIT_", "OMP_", "OPENBLAS_", "SLURM_JOB", "SLURM_PROCID"].contains { name.hasPrefix($0) }
        }
        plugins = Dictionary(
            uniqueKeysWithValues: PluginFile.loaded.map { file in
                (file.path, FileManager.default.contents(atPath: file.path).map { SHA256.digest(of: $0) } ?? "gone")
            })
    }

    private static var processorName: String? {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
