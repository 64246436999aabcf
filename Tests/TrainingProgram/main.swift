import Foundation
import Kit
import Plugins
import TestSupport

// One small training run as a separate process, for tests that kill it:
//
//     TrainingProgram RUNS [--resume] [--kill-at K] [--pause SECONDS] [--wait-in STEP]
//
// It dies by SIGKILL in its K-th change of a file, and rests before each step. SIGINT and SIGTERM ask it to stop; step
// STEP leaves an empty file RUNS/waiting and continues only then. Ends with the exit code of its error, printed on
// standard error.

let arguments = Array(CommandLine.arguments.dropFirst())

func option(_ name: String) -> String? {
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
}

// A process that a test's worker thread starts has all signals blocked.
var none = sigset_t()
sigemptyset(&none)
sigprocmask(SIG_SETMASK, &none, nil)
for signal in [SIGINT, SIGTERM] { Glibc.signal(signal) { _ in Interrupt.request() } }
var training = TinyTraining()
if let pause = option("--pause").flatMap(Double.init) {
    training.beforeStep = { _ in usleep(UInt32(pause * 1e6)) }
}
if let step = option("--wait-in").flatMap({ Int($0) }) {
    training.beforeStep = {
        guard $0 == step else { return }
        _ = FileManager.default.createFile(atPath: "\(arguments[0])/waiting", contents: nil)
        while !Interrupt.isRequested { usleep(1000) }
    }
}
let files = TroubledFileSystem(.kill, at: option("--kill-at").flatMap { Int($0) } ?? .max)
do {
    let result = try training.run(
        in: URL(fileURLWithPath: arguments[0]), resume: arguments.contains("--resume") ? .newest : .never, files: files)
    print(result.folder)
    print(files.operations)
} catch let error as KitError {
    FileHandle.standardError.write(Data("\(error.message)\n".utf8))
    exit(error.kind.rawValue)
}
