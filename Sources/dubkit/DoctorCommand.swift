import ArgumentParser
import Foundation
import Kit
import LuaBridge

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show versions, processor features, codecs and limits; exit with 78 if something needed is missing.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let findings =
            [DoctorFinding("dubkit", Version.full)] + TensorDoctor.findings + ProcessesDoctor.findings
            + MediaDoctor.findings + [DoctorFinding("Lua", LuaState.version)] + limits + KitShare.findings
        if json {
            try StandardStreams.show(String(decoding: try JSONText.indented(findings), as: UTF8.self))
        } else {
            try StandardStreams.show(
                TextTable.text(
                    findings.map { [$0.isHealthy ? "ok" : "FAIL", $0.subject, $0.detail] }, [.left(atLeast: 4)]))
        }
        let faults = findings.filter { !$0.isHealthy }.map(\.subject)
        if !faults.isEmpty {
            throw KitError(.configuration, "doctor: not usable here: \(faults.joined(separator: ", "))")
        }
    }

    private var limits: [DoctorFinding] {
        let process = ProcessInfo.processInfo
        let temporary = FileManager.default.temporaryDirectory.path
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        return [
            DoctorFinding("cores", "\(process.activeProcessorCount)"),
            DoctorFinding("memory", "\(process.physicalMemory >> 30) GiB"),
            DoctorFinding("open files", "\(files.rlim_cur)", isHealthy: files.rlim_cur >= 64),
            space("disk space here", FileManager.default.currentDirectoryPath),
            space("disk space for temporary files", temporary),
        ]
    }

    private func space(_ subject: String, _ path: String) -> DoctorFinding {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value else {
            return DoctorFinding(subject, "cannot be read at \(path)", isHealthy: false)
        }
        return DoctorFinding(subject, "\(free >> 20) MiB at \(path)", isHealthy: free > 1 << 28)
    }
}
