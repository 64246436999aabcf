import Foundation
import Glibc

extension ChildProcess {
    /// The path of a program: its name if that has a slash, else the first executable file of that name in `PATH`; nil if
    /// there is none.
    public static func path(of name: String) -> String? {
        func isProgram(_ path: String) -> Bool {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
                && FileManager.default.isExecutableFile(atPath: path)
        }
        if name.contains("/") { return isProgram(name) ? name : nil }
        let folders = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first(where: isProgram)
    }

    /// The output of a program, and how the program ended.
    public struct Output: Sendable {
        public let ending: Ending
        public let output: Data
        public let errors: Data

        /// The end of what it complained about, or else of what it printed, on one line: at most 500 characters.
        public var complaint: String {
            let text = String(decoding: errors.isEmpty ? output : errors, as: UTF8.self)
            let lines = text.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
            return String(lines.joined(separator: "; ").suffix(500))
        }
    }

    /// Runs it to its end with `input` as its standard input, and returns what it printed.
    ///
    /// Throws as `run` does.
    public func captured(input: Data = Data()) throws -> Output {
        // Files, because a program that prints more than fits into a pipe would block.
        let files = try (0..<3).map { _ in
            guard let file = tmpfile() else { throw KitError.inputOutput("no temporary file", errno) }
            return file
        }
        defer { for file in files { fclose(file) } }
        let written = input.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, files[0]) }
        guard written == input.count, fflush(files[0]) == 0 else {
            throw KitError.inputOutput("no temporary file", errno)
        }
        rewind(files[0])
        var process = self
        process.standardInput = fileno(files[0])
        process.standardOutput = fileno(files[1])
        process.standardError = fileno(files[2])
        let ending = try process.run()
        func content(_ file: UnsafeMutablePointer<FILE>) -> Data {
            lseek(fileno(file), 0, SEEK_SET)
            return FileHandle(fileDescriptor: fileno(file)).readDataToEndOfFile()
        }
        return Output(ending: ending, output: content(files[1]), errors: content(files[2]))
    }
}
