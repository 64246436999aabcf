import Foundation

/// Files that tests read, found from the place of the test's own source file.
public enum Fixtures {
    /// The folder `Fixtures` next to the calling test file.
    public static func folder(_ file: String = #filePath) -> URL {
        URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures")
    }

    /// The root of the checkout.
    public static var repository: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// A fresh folder that only the caller knows, removed by `body`'s end.
    /// - Parameter inMemory: on a disk in memory where there is one: for tests that sync files hundreds of times.
    public static func withTemporaryFolder<Result>(inMemory: Bool = false, _ body: (URL) throws -> Result) throws
        -> Result
    {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let isThere = inMemory && FileManager.default.isWritableFile(atPath: memory.path)
        let root = isThere ? memory : FileManager.default.temporaryDirectory
        let folder = root.appendingPathComponent("dubkit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}
