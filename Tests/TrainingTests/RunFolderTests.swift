import Foundation
import Kit
import TestSupport
import Testing

@Suite struct RunFolderTests {
    private static func open(
        _ runs: URL, _ resume: RunSettings.Resume = .never, notice: (String) -> Void = { _ in }
    ) throws -> RunFolder {
        let settings = RunSettings(runsFolder: runs.path, resume: resume)
        return try RunFolder(name: "demo", settings: settings, files: DiskFileSystem(), notice: notice)
    }

    private static func markStarted(_ folder: RunFolder) throws {
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path("status.json")))
    }

    @Test func freshFoldersAreNamedByTimeAndNeverShared() throws {
        try Fixtures.withTemporaryFolder { runs in
            let first = try Self.open(runs)
            let second = try Self.open(runs)
            #expect(first.path != second.path && !first.isResumed)
            #expect(try #/.*/demo/\d{8}-\d{6}-\d+/#.wholeMatch(in: first.path) != nil)
        }
    }

    /// Runs that begin in the same moment, as those of a cluster do.
    @Test func runsThatBeginAtOnceDoNotShareAFolder() throws {
        try Fixtures.withTemporaryFolder { runs in
            let lock = NSLock()
            nonisolated(unsafe) var folders: [RunFolder] = []
            DispatchQueue.concurrentPerform(iterations: 32) { _ in
                do {
                    let folder = try Self.open(runs)
                    lock.withLock { folders.append(folder) }
                } catch { Issue.record("\(error)") }
            }
            #expect(Set(folders.map(\.path)).count == 32)
        }
    }

    @Test func newestRunIsResumed() throws {
        try Fixtures.withTemporaryFolder { runs in
            var older: RunFolder? = try Self.open(runs)
            try Self.markStarted(try #require(older))
            older = nil
            var newer: RunFolder? = try Self.open(runs)
            try Self.markStarted(try #require(newer))
            let path = newer?.path
            newer = nil
            for resume in [.newest, .folder(runs.appendingPathComponent("demo").path)] as [RunSettings.Resume] {
                let resumed = try Self.open(runs, resume) { Issue.record("\($0)") }
                #expect(resumed.path == path && resumed.isResumed)
            }
        }
    }

    /// Eleven runs in one second: the eleventh is the newest, though "10" and "11" come before "2" as text.
    @Test func theNewestOfManyInOneSecondIsResumed() throws {
        try Fixtures.withTemporaryFolder { runs in
            for number in 1...11 {
                let folder = runs.appendingPathComponent("demo/20260102-030405-\(number)")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data("{}".utf8).write(to: folder.appendingPathComponent("status.json"))
            }
            #expect(try Self.open(runs, .newest).path.hasSuffix("/20260102-030405-11"))
            let error = #expect(throws: KitError.self) { try Self.open(runs, .folder("nowhere")) }
            #expect(error?.message.contains("20260102-030405-11)") == true)
        }
    }

    @Test func withoutAnEarlierRunAFreshOneStarts() throws {
        try Fixtures.withTemporaryFolder { runs in
            var notices: [String] = []
            let folder = try Self.open(runs, .newest) { notices.append($0) }
            #expect(!folder.isResumed)
            #expect(notices.count == 1 && notices[0].contains("starting a fresh one"))
        }
    }

    @Test func folderOfNoRunIsAnErrorThatNamesTheNewest() throws {
        try Fixtures.withTemporaryFolder { runs in
            let known = try Self.open(runs)
            let error = #expect(throws: KitError.self) { try Self.open(runs, .folder("nowhere")) }
            #expect(error?.kind == .noInput)
            #expect(
                error?.message
                    == "cannot resume: nowhere: there is no such run (the newest run of this recipe is \(known.path))"
            )
        }
    }

    @Test func runBelongsToOneProcess() throws {
        try Fixtures.withTemporaryFolder { runs in
            let folder = try Self.open(runs)
            try Self.markStarted(folder)
            let error = #expect(throws: KitError.self) { try Self.open(runs, .folder(folder.path)) }
            #expect(error?.message.contains("is being trained by another process") == true)
        }
    }
}
