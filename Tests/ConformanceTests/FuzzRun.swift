import Foundation
import Kit
import TestSupport

/// Calls in a separate process, which they may bring down.
///
/// A call that takes long is interrupted, as a user would do, and the remaining calls continue in another process, so
/// the speed of the machine decides nothing. A process that ends by a signal, or that a signal does not end, is a
/// fault.
struct FuzzRun {
    let calls: [FuzzScript.Call]
    /// Address space of a process.
    private static let memory = 6 << 30
    /// Until a call is interrupted.
    private static let patience = 1.5
    /// Until one that does not heed that has failed.
    private static let lastPatience = 60.0

    struct Fault: CustomStringConvertible {
        let call: String
        let what: String
        let errors: String
        var description: String { "\(what): \(call)\n\(errors)" }
    }

    /// Makes all calls. Returns the faults, and how many calls were interrupted.
    func run() throws -> (faults: [Fault], interrupted: Int) {
        var (faults, interrupted, next): ([Fault], Int, Int) = ([], 0, 0)
        while next < calls.count {
            let end = try Fixtures.withTemporaryFolder { try run(from: next, in: $0) }
            for line in end.errors.split(separator: "\n") where line.hasPrefix("FAULT ") {
                let number = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                faults.append(Fault(call: calls[number].text, what: "a fault of the kit", errors: String(line)))
            }
            // Without progress the script itself is wrong.
            next = max(end.last + 1, next + 1)
            if let what = end.fault {
                let text = calls.indices.contains(end.last) ? calls[end.last].text : "before the first call"
                faults.append(Fault(call: text, what: what, errors: String(end.errors.suffix(2000))))
                if end.last < 0 { break }
            } else if end.last < calls.count - 1 {
                interrupted += 1
            }
        }
        return (faults, interrupted)
    }

    private typealias End = (last: Int, fault: String?, errors: String)

    private func run(from first: Int, in folder: URL) throws -> End {
        try FuzzFiles.write(in: folder)
        var lines = [try String(contentsOf: Fixtures.folder().appendingPathComponent("fuzz.lua"), encoding: .utf8)]
        for (index, call) in calls.enumerated().dropFirst(first) {
            lines.append("call(\(index), \"\(call.kind)\", function() \(call.text) end)")
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: folder.appendingPathComponent("calls.lua"))
        let errors = folder.appendingPathComponent("errors")
        try Data().write(to: errors)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let limited = "ulimit -c 0; ulimit -v \(Self.memory >> 10); exec \"$0\" run calls.lua --progress none -q"
        process.arguments = ["-c", limited, Command.program.path]
        // Nothing is found on this path: no player, no compiler.
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PATH": "/nonexistent", "DUBKIT_THREADS": "2", "HOME": folder.path, "XDG_CONFIG_HOME": folder.path,
            "SWIFT_BACKTRACE": "enable=no",
        ]) { $1 }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let isStuck = watch(process, folder.appendingPathComponent("progress").path)
        process.waitUntilExit()
        let told = String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self)
        let last = progress(folder.appendingPathComponent("progress").path) ?? first - 1
        let status = process.terminationStatus
        if isStuck { return (last, "does not heed an interrupt", told) }
        if process.terminationReason == .uncaughtSignal { return (last, "ended by signal \(status)", told) }
        // As a shell says it of a program that it has run.
        if status > 128, status != 130 { return (last, "ended by signal \(status - 128)", told) }
        // Errors are caught: only an interrupt, and the end of Lua's memory, end the script.
        let isOver = status == 0 || status == 130 || told.contains("not enough memory")
        return (last, isOver ? nil : "ended with \(status)", told)
    }

    /// Interrupts a call that takes long. Returns whether one did not heed that.
    private func watch(_ process: Process, _ path: String) -> Bool {
        var (known, since, isAsked) = (-1, Date(), false)
        while process.isRunning {
            usleep(20_000)
            let now = progress(path) ?? -1
            if now != known { (known, since, isAsked) = (now, Date(), false) }
            let waited = Date().timeIntervalSince(since)
            // The beginning makes what all calls stand on.
            if !isAsked, waited > (known < 0 ? Self.lastPatience : Self.patience) {
                isAsked = true
                kill(process.processIdentifier, SIGINT)
            }
            if waited > Self.lastPatience + Self.patience {
                kill(process.processIdentifier, SIGKILL)
                return true
            }
        }
        return false
    }

    private func progress(_ path: String) -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first.flatMap { Int($0) }
    }
}

/// The files that calls find.
enum FuzzFiles {
    static func write(in folder: URL) throws {
        for (name, data) in try kept.get() { try data.write(to: folder.appendingPathComponent(name)) }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("folder"), withIntermediateDirectories: false)
        // As /dev/null, but in a folder where it may be replaced; only the superuser can make one.
        mknod(folder.appendingPathComponent("null").path, S_IFCHR | 0o666, 1 << 8 | 3)
    }

    /// Made once.
    private static let kept: Result<[(name: String, data: Data)], any Error> = Result {
        try Fixtures.withTemporaryFolder { folder in
            func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
            try FilmFiles.write(path("film.mkv"), seconds: 2, languages: ["en", "es"])
            try FilmFiles.write(path("cut.mkv"), seconds: 2, languages: ["en", "es"])
            try FilmFiles.truncate(path("cut.mkv"), to: 0.6)
            var rows = "path,label,split\n"
            for index in 0..<8 {
                let name = index == 0 ? "sound.wav" : "sound\(index).wav"
                try SoundFiles.write(path(name), seconds: 3.2, pitch: index % 2 == 0 ? 300 : 3000, sampleRate: 8000)
                rows += "\(name),\(index % 2 == 0 ? "low" : "high"),fold\(index / 3)\n"
            }
            try Data(rows.utf8).write(to: URL(fileURLWithPath: path("list.csv")))
            let films =
                "{\"path\": \"film.mkv\", \"movie\": \"a\"}\n{\"path\": \"film.mkv\", \"movie\": \"b\", \"id\": \"b\"}\n"
            try Data(films.utf8).write(to: URL(fileURLWithPath: path("films.jsonl")))
            try Data("{\"a\": 1e999}".utf8).write(to: URL(fileURLWithPath: path("bad.json")))
            try Data().write(to: URL(fileURLWithPath: path("empty")))
            var random = RandomStream(seed: 1)
            try Linear(8, 8, &random).saveWeights(to: path("weights.safetensors"))
            try Linear(8, 8, &random).saveWeights(to: path("cut.safetensors"))
            try FilmFiles.truncate(path("cut.safetensors"), to: 0.5)
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
                ($0, try Data(contentsOf: folder.appendingPathComponent($0)))
            }
        }
    }
}
