import Foundation
import KitCore

/// The folder of one run: `runs/<name>/<time>/`. Belongs to one process at a time.
public final class RunFolder {
    public let path: String
    /// Whether an earlier process started this run.
    public let isResumed: Bool
    let files: any FileSystem
    /// Held as long as this object exists.
    private let lock: FileLock

    /// Opens the folder that the settings ask for: a new one, or that of an earlier run.
    ///
    /// - Parameters:
    ///   - name: the run's name, a folder below the settings' `runsFolder`.
    ///   - settings: the command line's settings: the folder of all runs, and the run to resume.
    ///   - files: the file system; tests pass one that fails.
    ///   - notice: called with a message if there is no run to resume.
    public convenience init(
        name: String, settings: RunSettings, files: any FileSystem, notice: (String) throws -> Void
    ) throws {
        let runs = "\(settings.runsFolder)/\(name)"
        switch settings.resume {
        case .never: try self.init(freshIn: runs, files)
        case .newest:
            if let newest = try Self.names(in: runs, files).last(where: {
                files.exists("\(runs)/\($0)/\(RunStatus.fileName)")
            }) {
                try self.init(resuming: "\(runs)/\(newest)", files)
            } else {
                try notice("there is no earlier run in \(runs): starting a fresh one")
                try self.init(freshIn: runs, files)
            }
        case .folder(let path):
            let run: String
            do { run = try Self.find(path, having: RunStatus.fileName, files) } catch let error as KitError {
                let known = (try? Self.names(in: runs, files)) ?? []
                let hint = known.last.map { " (the newest run of this recipe is \(runs)/\($0))" } ?? ""
                throw KitError(error.kind, "cannot resume: \(error.message)\(hint)")
            }
            try self.init(resuming: run, files)
        }
    }

    /// The runs in a folder, oldest first. Names consist of the time to the second and a number, which alphabetical
    /// order would sort wrongly.
    private static func names(in runs: String, _ files: any FileSystem) throws -> [String] {
        try files.names(in: runs).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }

    /// The folder itself if it is a run folder, which contains the file `name`, else the newest run in it. Throws if
    /// there is none.
    package static func find(_ folder: String, having name: String, _ files: any FileSystem) throws -> String {
        if files.exists("\(folder)/\(name)") { return folder }
        func newest(in folder: String) throws -> String? {
            try names(in: folder, files).last { files.exists("\(folder)/\($0)/\(name)") }.map { "\(folder)/\($0)" }
        }
        if let newest = try newest(in: folder) { return newest }
        guard !files.exists(folder) else {
            // A folder of several recipes' folders, as --runs makes it.
            let below = try names(in: folder, files).map { "\(folder)/\($0)" }.filter { (try? newest(in: $0)) != nil }
            let hint = below.isEmpty ? "" : ", but there are runs in \(below.joined(separator: ", "))"
            throw KitError(.noInput, "\(folder): is not a run folder and contains none (there is no \(name))\(hint)")
        }
        let url = URL(fileURLWithPath: folder).standardizedFileURL
        let others = (try? files.names(in: url.deletingLastPathComponent().path)) ?? []
        throw KitError(
            .noInput, "\(folder): there is no such run\(NearestName.hint(url.lastPathComponent, in: others))")
    }

    /// Whether a process is training in a run folder.
    package static func isHeld(_ path: String) -> Bool { FileLock.isHeld("\(path)/\(FileLock.fileName)") }

    private init(freshIn runs: String, _ files: any FileSystem) throws {
        self.files = files
        isResumed = false
        let time = Date().formatted(
            .verbatim(
                "\(year: .defaultDigits)\(month: .twoDigits)\(day: .twoDigits)-\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\(minute: .twoDigits)\(second: .twoDigits)",
                timeZone: .gmt, calendar: .init(identifier: .gregorian)))
        var number = 1
        while true {
            while files.exists("\(runs)/\(time)-\(number)") { number += 1 }
            let path = "\(runs)/\(time)-\(number)"
            try files.makeFolder(path)
            do {
                let lock = try Self.lock(path)
                // Another process may have created it at the same moment and ended already.
                guard !files.exists("\(path)/\(RunStatus.fileName)") else { continue }
                (self.path, self.lock) = (path, lock)
                return
            } catch let error as KitError where error.kind == .configuration {}
        }
    }

    private init(resuming path: String, _ files: any FileSystem) throws {
        self.files = files
        isResumed = true
        self.path = path
        lock = try Self.lock(path)
    }

    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a small file whole.
    func write(_ name: String, _ data: Data) throws { try files.replace(path(name), with: data) }

    func write(_ name: String, _ value: some Encodable) throws {
        try write(name, try JSONText.document(value))
    }

    private static func lock(_ path: String) throws -> FileLock {
        try FileLock("\(path)/\(FileLock.fileName)", held: "the run '\(path)' is being trained by another process")
    }
}
